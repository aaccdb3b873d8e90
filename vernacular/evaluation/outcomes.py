"""What came of one question: where the right document stood, which variety was told, whether the answer was right."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Set
from dataclasses import asdict, dataclass
from typing import Any, Final

from vernacular.evaluation.questions import Question

TOP_K: Final = 10
_MARKS: Final = "PSM"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`rank` of the right document among those found, from 1; None: not among the first `TOP_K` passages, or there is none.

    `detected`: the tag of the variety that was told. `told`: whether that was right; None: no pack says. `answered` and
    `right` None: it was only searched for.
    """

    qid: str
    lang: str
    group: str
    answerable: bool
    rank: int | None
    detected: str | None = None
    told: bool | None = None
    answered: bool | None = None
    right: bool | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Outcome:
        """One that was kept as JSON."""
        return cls(**{name: kept.get(name) for name in cls.__slots__})  # type: ignore[arg-type]


def rank_of(gold: str | None, found: list[str]) -> int | None:
    """Where `gold` stands among the distinct documents of `found`, best first."""
    distinct = list(dict.fromkeys(found))
    return distinct.index(gold) + 1 if gold in distinct else None


def is_right(question: Question, answered: bool, said: str, cited: Set[str]) -> bool:
    """Whether an answer holds what it should: one of the answers, or else a citation of the document that has it."""
    if not answered or question.gold is None:
        return False
    if not question.answers:
        return question.gold in cited
    plain = normal(said)
    return any(wanted and wanted in plain for wanted in map(normal, question.answers))


def normal(text: str) -> str:
    """For comparing: without case, spaces, punctuation, symbols and accents that stand by themselves."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if not char.isspace() and unicodedata.category(char)[0] not in _MARKS)
