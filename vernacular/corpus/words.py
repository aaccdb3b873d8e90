"""The words of a collection of texts, without a dictionary: whole words where spaces part them, terms found by counting where not.

A run of Han characters is taken for a term if its parts stand together far oftener than chance (pointwise mutual
information) and many different characters stand before and after it (branching entropy): Zhang et al. 2010; both are
computed for all runs of two to four characters at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from vernacular.text.normalise import folded_points
from vernacular.text.segment import BREAK
from vernacular.text.tables import HAN, HANGUL, WORD, CodePoints, class_table, to_text

Keys: TypeAlias = npt.NDArray[np.uint64]
Counts: TypeAlias = npt.NDArray[np.int64]
Scores: TypeAlias = npt.NDArray[np.float64]

LONGEST: Final = 4
"""Characters of a Han term."""
LEAST_COUNT: Final = 3
COHESION: Final = 2.0
"""Least pointwise mutual information, in nats, of the weakest cut of a term."""
FREEDOM: Final = 0.8
"""Least branching entropy, in nats, on the side of a term where it is lower."""
_EDGES: Final = frozenset("的之及或与和其应由依于为是在所并且而也就都了至即如得者将被把对以有无不未可能向从")
"""Characters that longer runs begin or end with by chance: grammar, not terms."""
_TAILS: Final = _EDGES - frozenset("者所得有无")
_BITS: Final = np.uint64(16)
_MOST_CHARACTERS: Final = (1 << 16) - 1


@dataclass(frozen=True, slots=True)
class HanTerms:
    """Terms, each with the number of texts it is in, and how often any run of up to `LONGEST` characters occurs."""

    words: Mapping[str, int] = field(default_factory=dict)
    characters: Mapping[str, int] = field(default_factory=dict)
    runs: Sequence[tuple[Keys, Counts]] = ()

    def count(self, run: str) -> int:
        """How often a run of Han characters occurs; of longer ones how often their first characters do, at most."""
        return self.counts([run[:LONGEST]])[0]

    def counts(self, runs: Sequence[str]) -> list[int]:
        return [self._count(run) for run in runs]

    def _count(self, run: str) -> int:
        key = 0
        for char in run:
            if char not in self.characters:
                return 0
            key = key << int(_BITS) | self.characters[char]
        keys, counts = self.runs[len(run) - 1]
        place = int(np.searchsorted(keys, np.uint64(key)))
        return int(counts[place]) if place < len(keys) and int(keys[place]) == key else 0


def words_of(texts: Sequence[str]) -> tuple[dict[str, int], HanTerms]:
    """Each word, in the form of `vernacular.text.normalise`, and the number of texts that it is in; the Han ones once more."""
    points = folded_points(BREAK.join(text.replace(BREAK, " ") for text in texts))
    terms = han_terms(points)
    return {**spaced_words(points), **terms.words}, terms


def spaced_words(points: CodePoints) -> dict[str, int]:
    """Runs of letters in the scripts that put spaces between words."""
    classes = class_table()[points]
    kept = (classes == WORD) | (classes == HANGUL) | (points == ord(BREAK))
    found: Counter[str] = Counter()
    for text in to_text(np.where(kept, points, np.uint32(ord(" "))).astype(np.uint32)).split(BREAK):
        found.update(set(text.split()))
    return {word: count for word, count in found.items() if len(word) > 1}


def han_terms(points: CodePoints) -> HanTerms:
    """Terms of two to `LONGEST` Han characters."""
    han = class_table()[points] == HAN
    if not han.any():
        return HanTerms()
    characters, numbers = np.unique(points[han], return_inverse=True)
    if len(characters) > _MOST_CHARACTERS:
        return HanTerms()
    sequence = np.zeros(len(points) + LONGEST, dtype=np.uint64)
    sequence[: len(points)][han] = numbers.astype(np.uint64) + np.uint64(1)
    texts = np.cumsum(points == ord(BREAK))
    total = int(han.sum())
    shorter: list[tuple[Keys, Counts]] = []
    found: dict[str, int] = {}
    for length in range(1, LONGEST + 1):
        places, keys = _grams(sequence, length)
        distinct, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
        if length > 1 and len(distinct):
            chosen = counts >= LEAST_COUNT
            chosen[chosen] = _cohesion(distinct[chosen], counts[chosen], length, shorter, total) >= COHESION
            chosen[chosen] = _freedom(sequence, places, inverse, np.flatnonzero(chosen), length) >= FREEDOM
            terms = _spelled(distinct[chosen], length, characters)
            counted = _documents(texts[places], inverse, chosen).tolist()
            found.update((term, count) for term, count in zip(terms, counted, strict=True) if _is_term(term))
        shorter.append((distinct, counts))
    return HanTerms(found, {chr(point): number for number, point in enumerate(characters.tolist(), 1)}, shorter)


def _is_term(run: str) -> bool:
    return "的" not in run and (len(run) == 2 or not (run[0] in _EDGES or run[-1] in _TAILS))


def _grams(sequence: Keys, length: int) -> tuple[npt.NDArray[np.intp], Keys]:
    """Where each run of `length` characters begins, and the key of the run."""
    size = len(sequence) - LONGEST
    keys = np.zeros(size, dtype=np.uint64)
    whole = np.ones(size, dtype=np.bool_)
    for place in range(length):
        part = sequence[place : place + size]
        keys = (keys << _BITS) | part
        whole &= part > 0
    places = np.flatnonzero(whole)
    return places, keys[places]


def _cohesion(keys: Keys, counts: Counts, length: int, shorter: list[tuple[Keys, Counts]], total: int) -> Scores:
    """ln(P(ab) / (P(a)·P(b))) at the cut of each run where it is lowest."""
    lowest = np.full(len(keys), np.inf)
    for cut in range(1, length):
        tail = np.uint64(16 * (length - cut))
        head_counts = _counted(keys >> tail, shorter[cut - 1])
        tail_counts = _counted(keys & ((np.uint64(1) << tail) - np.uint64(1)), shorter[length - cut - 1])
        lowest = np.minimum(lowest, np.log(counts * float(total) / (head_counts * tail_counts)))
    return lowest


def _counted(keys: Keys, known: tuple[Keys, Counts]) -> Scores:
    return known[1][np.searchsorted(known[0], keys)].astype(np.float64)


def _freedom(
    sequence: Keys,
    places: npt.NDArray[np.intp],
    inverse: npt.NDArray[np.intp],
    chosen: npt.NDArray[np.intp],
    length: int,
) -> Scores:
    """The entropy of what stands before and of what stands after each of `chosen`, whichever is lower."""
    rank = np.full(int(inverse.max(initial=0)) + 1, -1, dtype=np.int64)
    rank[chosen] = np.arange(len(chosen))
    mine = rank[inverse]
    kept = mine >= 0
    mine, at = mine[kept], places[kept]
    before = np.where(at > 0, sequence[at - 1], np.uint64(0))
    return np.minimum(_entropy(mine, before, len(chosen)), _entropy(mine, sequence[at + length], len(chosen)))


def _entropy(owners: npt.NDArray[np.int64], beside: Keys, size: int) -> Scores:
    """Entropy of the neighbours of each owner. Ends of lines and punctuation (0) are each a neighbour of its own."""
    totals = np.bincount(owners, minlength=size).astype(np.float64)
    ends = np.bincount(owners[beside == 0], minlength=size)
    pairs, counts = np.unique((owners[beside > 0].astype(np.uint64) << _BITS) | beside[beside > 0], return_counts=True)
    who = (pairs >> _BITS).astype(np.intp)
    shares = counts / totals[who]
    inner = np.bincount(who, weights=-shares * np.log(shares), minlength=size)
    entropy: Scores = inner + ends * np.log(np.maximum(totals, 1)) / np.maximum(totals, 1)
    return entropy


def _documents(texts: npt.NDArray[np.int64], inverse: npt.NDArray[np.intp], chosen: npt.NDArray[np.bool_]) -> Counts:
    """In how many texts each chosen run stands."""
    kept = chosen[inverse]
    pairs = np.unique((inverse[kept].astype(np.uint64) << np.uint64(32)) | texts[kept].astype(np.uint64))
    counts = np.bincount((pairs >> np.uint64(32)).astype(np.intp), minlength=len(chosen))
    return counts[chosen].astype(np.int64)


def _spelled(keys: Keys, length: int, characters: CodePoints) -> list[str]:
    shifts = np.arange(length - 1, -1, -1, dtype=np.uint64) * _BITS
    numbers = (keys[:, None] >> shifts) & np.uint64(0xFFFF)
    text = to_text(characters[numbers.astype(np.intp) - 1].astype(np.uint32).ravel())
    return [text[at : at + length] for at in range(0, len(text), length)]
