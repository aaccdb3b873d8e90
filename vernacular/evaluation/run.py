"""A tenant's questions, searched for and asked one by one, through whatever answers them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from vernacular.dialects.registry import Registry
from vernacular.evaluation.figures import is_told
from vernacular.evaluation.outcomes import Outcome, is_right, rank_of
from vernacular.evaluation.questions import Question


@dataclass(frozen=True, slots=True)
class Found:
    """`source_ids` of the passages found, best first; `detected`: the variety that was told."""

    source_ids: list[str]
    detected: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, and the source ids of what it cites."""

    text: str
    answered: bool
    cited: frozenset[str]


Search = Callable[[str], Found]
Ask = Callable[[str], Said]


def evaluate(
    questions: Iterable[Question], registry: Registry, search: Search, ask: Ask | None = None
) -> Iterator[Outcome]:
    """What comes of each question, as it comes. `ask` None: answers are not measured."""
    for question in questions:
        found = search(question.text)
        said = ask(question.text) if ask is not None else None
        yield Outcome(
            question.qid,
            question.lang,
            question.group,
            answerable=question.gold is not None,
            rank=rank_of(question.gold, found.source_ids),
            detected=found.detected,
            told=is_told(question.lang, found.detected, registry),
            answered=said.answered if said else None,
            right=is_right(question, said.answered, said.text, said.cited) if said else None,
        )
