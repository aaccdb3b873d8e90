"""Figures of many answers, gathered in one pass over them."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from serve.chat.safety import POLICY
from serve.statistics.repository import Answered
from serve.statistics.schemas import Count, Figures, LanguageFigures

APPROVED = "approved"


def percentile(ordered: Sequence[int], share: float) -> int | None:
    """The nearest rank: a value that was measured, never one in between."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def _milliseconds() -> array[int]:
    return array("q")


@dataclass(slots=True)
class Tally:
    """Of one day, one hour, or all of them."""

    answered: int = 0
    declined: int = 0
    approved: int = 0
    refused: int = 0
    up: int = 0
    down: int = 0
    took: array[int] = field(default_factory=_milliseconds)
    first: array[int] = field(default_factory=_milliseconds)

    def add(self, answer: Answered) -> None:
        if answer.answered:
            self.answered += 1
            self.approved += answer.mode == APPROVED
        elif answer.reason == POLICY:
            self.refused += 1
        else:
            self.declined += 1
        self.up += answer.rating > 0
        self.down += answer.rating < 0
        if answer.took_ms is not None:
            self.took.append(answer.took_ms)
        if answer.first_ms is not None:
            self.first.append(answer.first_ms)

    def figures(self) -> Figures:
        took = sorted(self.took)
        return Figures(
            questions=self.answered + self.declined + self.refused,
            answered=self.answered,
            declined=self.declined,
            approved=self.approved,
            refused=self.refused,
            up=self.up,
            down=self.down,
            p50_ms=percentile(took, 0.5),
            p95_ms=percentile(took, 0.95),
            first_p50_ms=percentile(sorted(self.first), 0.5),
        )


@dataclass(slots=True)
class Kinds:
    """By language and variety, why there was no answer, and how answers were made."""

    languages: Counter[str] = field(default_factory=Counter)
    in_languages: Counter[str] = field(default_factory=Counter)
    dialects: Counter[str] = field(default_factory=Counter)
    in_dialects: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    modes: Counter[str] = field(default_factory=Counter)

    def add(self, answer: Answered) -> None:
        self.languages[answer.language] += 1
        self.in_languages[answer.language] += answer.answered
        if answer.dialect:
            self.dialects[answer.dialect] += 1
            self.in_dialects[answer.dialect] += answer.answered
        (self.modes if answer.answered else self.reasons)[answer.mode if answer.answered else answer.reason] += 1


def languages(questions: Counter[str], answered: Counter[str]) -> list[LanguageFigures]:
    """The most frequent first, then by tag."""
    return [LanguageFigures(tag=tag, questions=count, answered=answered[tag]) for tag, count in _ordered(questions)]


def counts(counted: Counter[str]) -> list[Count]:
    return [Count(name=name, count=count) for name, count in _ordered(counted)]


def _ordered(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(((name, count) for name, count in counted.items() if name), key=lambda pair: (-pair[1], pair[0]))
