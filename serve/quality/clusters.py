"""Questions that ask about the same, put together: by the words that were searched for, those of every variety among them.

Each question joins the group of the one before it that is most like it, if it is like enough; so that the same questions in the same
order always make the same groups. The cost is that of the words they share: two thousand questions take a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from vernacular.text.analyze import encode_documents

Tokens: TypeAlias = npt.NDArray[np.int64]
Column: TypeAlias = npt.NDArray[np.float64]
LIKE: Final = 0.45
"""Likeness from which questions belong together."""
_OTHERS: Final = 10
"""Questions thought of as having nothing in common with any, so that few questions tell apart what they share."""
_COMMON: Final = 400
"""A word that more questions have tells them no longer apart, and costs most."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question: `words` that say what it is about, and the `kind` of thing it asks for, a price or a place ("": unknown): those that
    ask for different ones are not put together."""

    words: str
    kind: str = ""


def grouped(questions: Sequence[Wanted]) -> list[list[int]]:
    """Places of the questions, by group; groups and their members in the order of the questions."""
    vectors = [
        np.asarray(each.indices, dtype=np.int64) for each in encode_documents([each.words for each in questions])
    ]
    if not vectors:
        return []
    index = _Index.of(vectors)
    names = {name: number for number, name in enumerate(dict.fromkeys(each.kind for each in questions))}
    kinds = np.array([-1 if not each.kind else names[each.kind] for each in questions])
    group_of = np.arange(len(questions))
    for at in range(1, len(questions)):
        may = (kinds[:at] == kinds[at]) | (kinds[:at] < 0) | (kinds[at] < 0)
        likeness = index.likeness(at) * may
        best = int(likeness.argmax())
        if likeness[best] >= LIKE:
            group_of[at] = group_of[best]
    groups: dict[int, list[int]] = {}
    for at, group in enumerate(group_of.tolist()):
        groups.setdefault(group, []).append(at)
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class _Index:
    """`tokens` of each question, as rows of `holders` (the questions that have a token, ascending) and of `weights` (its IDF)."""

    tokens: Sequence[Tokens]
    holders: Sequence[Tokens]
    weights: Column
    total: Column

    @classmethod
    def of(cls, vectors: Sequence[Tokens]) -> _Index:
        lengths = [len(vector) for vector in vectors]
        _, rows, counts = np.unique(np.concatenate(vectors), return_inverse=True, return_counts=True)
        owners = np.repeat(np.arange(len(vectors)), lengths)
        order = np.argsort(rows, kind="stable")
        holders = np.split(owners[order], np.cumsum(counts)[:-1])
        weights = np.log((len(vectors) + _OTHERS - counts + 0.5) / (counts + 0.5) + 1)
        weights[counts > max(_COMMON, len(vectors) / 5)] = 0.0
        tokens = np.split(rows, np.cumsum(lengths)[:-1])
        return cls(tokens, holders, weights, np.array([float(weights[each].sum()) for each in tokens]))

    def likeness(self, at: int) -> Column:
        """That of a question and each of those before it."""
        shared = np.zeros(at)
        for token in self.tokens[at][self.weights[self.tokens[at]] > 0].tolist():
            before = self.holders[token]
            shared[before[: before.searchsorted(at)]] += self.weights[token]
        # Of two questions one may be said at greater length, or have more words of other varieties beside its own.
        smaller = np.minimum(self.total[:at], self.total[at])
        larger = np.maximum(self.total[:at], self.total[at])
        found: Column = shared / np.maximum((np.sqrt(smaller * larger) + smaller) / 2, 1e-9)
        return found
