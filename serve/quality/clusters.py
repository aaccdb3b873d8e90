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
        np.asarray(vector.indices, dtype=np.int64) for vector in encode_documents([each.words for each in questions])
    ]
    weights = _weights(vectors)
    told = [np.array([weights[at] for at in vector.tolist()]) for vector in vectors]
    total = np.array([float(each.sum()) for each in told])
    group_of = np.arange(len(questions))
    holders: dict[int, list[int]] = {}
    for at, vector in enumerate(vectors):
        shared = _shared(at, vector, told[at], holders)
        best = _most_like(at, shared, total, questions) if shared.any() else None
        if best is not None:
            group_of[at] = group_of[best]
        for token in vector.tolist():
            if weights[token] > 0:
                holders.setdefault(token, []).append(at)
    groups: dict[int, list[int]] = {}
    for at, group in enumerate(group_of.tolist()):
        groups.setdefault(group, []).append(at)
    return list(groups.values())


def _weights(vectors: Sequence[Tokens]) -> dict[int, float]:
    """The IDF of each token among the questions; 0 for one that most of them have."""
    if not vectors:
        return {}
    tokens, counts = np.unique(np.concatenate(vectors), return_counts=True)
    idf = np.log((len(vectors) + 10 - counts + 0.5) / (counts + 0.5) + 1)
    idf[counts > max(_COMMON, len(vectors) / 5)] = 0.0
    return dict(zip(tokens.tolist(), idf.tolist(), strict=True))


def _shared(at: int, vector: Tokens, weights: Column, holders: dict[int, list[int]]) -> Column:
    """The weight of the tokens that each of the questions before it has too."""
    shared = np.zeros(at)
    for token, weight in zip(vector.tolist(), weights.tolist(), strict=True):
        if weight and (others := holders.get(token)):
            shared[others] += weight
    return shared


def _most_like(at: int, shared: Column, total: Column, questions: Sequence[Wanted]) -> int | None:
    # Of two questions one may be said at greater length, or have more words of other varieties beside its own.
    smaller = np.minimum(total[:at], total[at])
    larger = np.maximum(total[:at], total[at])
    likeness = shared / np.maximum(np.sqrt(smaller * larger) * 0.5 + smaller * 0.5, 1e-9)
    kind = questions[at].kind
    alike = np.array([not kind or not questions[other].kind or questions[other].kind == kind for other in range(at)])
    best = int((likeness * alike).argmax())
    return best if alike[best] and likeness[best] >= LIKE else None
