"""Normalised text → tokens of three families, for every script at once and without dictionaries.

- **w**: whole words, Hangul words, numbers in one canonical form (`5,999.00` → `5999`); letters and
  digits that touch are two words (`100mg` → `100`, `mg`), and codes also count joined (`ab-1234` → `ab1234`);
- **g**: 4-grams of `_word_`, accents folded for Latin, Greek and Cyrillic: what stems and typos share;
- **c**: unigrams and bigrams of Han and kana, 3-grams of Thai, Lao, Khmer, Burmese and Tibetan, bigrams of Hangul.

Everything is computed on arrays over the whole input: a batch of texts is one input, parted by `BREAK`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import regex

from vernacular.text.tables import (
    DECIMAL_POINT,
    DIGIT,
    HAN,
    HANGUL,
    JOINER,
    UNSPACED,
    WORD,
    Classes,
    CodePoints,
    Positions,
    accent_table,
    class_table,
    to_text,
)

Mask: TypeAlias = npt.NDArray[np.bool_]

BREAK: Final = "\x1f"
PAD: Final = ord("_")
GRAM: Final = 4
LONGEST_CODE: Final = 40
_THOUSANDS: Final = regex.compile(r"[.,](?=[0-9]{3}(?![0-9]))")
_ZEROS: Final = regex.compile(r"\.?0+$")


@dataclass(frozen=True, slots=True)
class Runs:
    """Tokens that are slices of `points`, in order: `points[starts[i]:ends[i]]`.

    `origins[i]` is the place in the segmented text from which token i stems; they ascend.
    """

    points: CodePoints
    starts: Positions
    ends: Positions
    origins: Positions

    def texts(self) -> list[str]:
        text = to_text(self.points).replace(chr(DECIMAL_POINT), ".")
        return [text[start:end] for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True)]


@dataclass(frozen=True, slots=True)
class Segments:
    """The tokens of a text. `codes` belong to family w, `unigrams` and `grams` to c, `padded` to g."""

    points: CodePoints
    words: Runs
    codes: Runs
    padded: Runs
    unigrams: Runs
    grams: Runs


def segment(points: CodePoints) -> Segments:
    """Tokens of what `normalise.folded_points` returned, after `canonical_numbers`."""
    classes = _classes(points)
    words = _words(points, classes)
    return Segments(
        points, words, _codes(points, classes, words), _padded(points, classes), *_unspaced(points, classes)
    )


def canonical_numbers(points: CodePoints) -> tuple[CodePoints, Mask | None]:
    """Numbers with separators in one form: `1,299.50`, `1.299,50` and `1299.5` all become `1299.5`.

    Returns the new text and which of the old characters stayed (None: all of them).
    """
    digit = (points >= 0x30) & (points <= 0x39)
    separator = (points == 0x2C) | (points == 0x2E)
    inner = np.flatnonzero(separator[1:-1] & digit[:-2] & digit[2:]) + 1
    if not inner.size:
        return points, None
    numeric = digit.copy()
    numeric[inner] = True
    starts, ends = _bounds(numeric)
    points, kept = points.copy(), np.ones(len(points), dtype=np.bool_)
    for which in np.unique(np.searchsorted(starts, inner, side="right") - 1).tolist():
        start, end = int(starts[which]), int(ends[which])
        canonical = canonical_number(to_text(points[start:end]))
        if canonical is None:
            continue
        stop = start + len(canonical)
        points[start:stop] = [DECIMAL_POINT if char == "." else ord(char) for char in canonical]
        kept[stop:end] = False
    return points[kept], kept


@functools.lru_cache(maxsize=4096)
def canonical_number(number: str) -> str | None:
    """`1,299.50` → `1299.5`; None for what is no single number (dates, versions, lists)."""
    if len(number) > LONGEST_CODE:
        return None
    plain = _THOUSANDS.sub("", number).replace(",", ".")
    if plain.count(".") > 1:
        return None
    return _ZEROS.sub("", plain) if "." in plain else plain


def _classes(points: CodePoints) -> Classes:
    """Character classes with a separator before and three after, so that neighbours can always be looked at."""
    classes = np.zeros(len(points) + 4, dtype=np.uint8)
    classes[1:-3] = class_table()[points]
    return classes


def _bounds(mask: Mask) -> tuple[Positions, Positions]:
    """Starts and ends of the runs of True."""
    edged = np.zeros(len(mask) + 2, dtype=np.bool_)
    edged[1:-1] = mask
    edges = np.flatnonzero(edged[1:] != edged[:-1])
    return edges[::2], edges[1::2]


def _words(points: CodePoints, classes: Classes) -> Runs:
    word = (classes >= WORD) & (classes <= HANGUL)
    change = classes[1:] != classes[:-1]
    starts = np.flatnonzero(word[1:] & change)
    ends = np.flatnonzero(word[:-1] & change)
    return Runs(points, starts, ends, starts)


def _codes(points: CodePoints, classes: Classes, words: Runs) -> Runs:
    """Words and digits written together or joined by - _ / . count once more as one word."""
    alnum = (classes == WORD) | (classes == DIGIT)
    joiner = (classes[1:-1] == JOINER) & alnum[:-2] & alnum[2:]
    starts, ends = _bounds(alnum[1:-1] | joiner)
    places = np.searchsorted(words.starts, np.concatenate((starts, ends)))
    several = places[len(starts) :] - places[: len(starts)] > 1
    starts, ends = starts[several], ends[several]
    digits = np.flatnonzero(classes[1:-3] == DIGIT)
    numeric = np.searchsorted(digits, ends) > np.searchsorted(digits, starts)
    chosen = numeric & (ends - starts <= LONGEST_CODE)
    starts, lengths = starts[chosen], (ends - starts)[chosen]
    if not starts.size:
        return Runs(points, starts, starts, starts)
    inside = ranges(starts, lengths)
    kept = classes[inside + 1] != JOINER
    stops = np.cumsum(np.add.reduceat(kept, np.cumsum(lengths) - lengths, dtype=np.intp))
    return Runs(points[inside[kept]], np.concatenate(([0], stops[:-1])), stops, starts)


def ranges(starts: Positions, lengths: Positions) -> Positions:
    """`arange(start, start + length)` of each pair, one after another."""
    before = np.cumsum(lengths) - lengths
    total = int(lengths.sum())
    spread: Positions = np.arange(total, dtype=np.intp) + np.repeat(starts - before, lengths)
    return spread


def _padded(points: CodePoints, classes: Classes) -> Runs:
    """The 4-grams of `_word_`: words are copied side by side with one pad between, which both share."""
    kinds = classes[1:-3]
    inside = np.flatnonzero((kinds == WORD) | (kinds == DIGIT))
    count = len(inside)
    if not count:
        return Runs(points[:0], inside, inside, inside)
    starts = np.ones(count, dtype=np.bool_)
    starts[1:] = (inside[1:] - inside[:-1] != 1) | (kinds[inside[1:]] != kinds[inside[:-1]])
    place = np.cumsum(starts, dtype=np.intp) + np.arange(count, dtype=np.intp)
    padded = np.full(int(place[-1]) + GRAM, PAD, dtype=np.uint32)
    padded[place] = accent_table()[points[inside]]
    # A gram is named by its second character. The last letter of a word names one only if it is the first too.
    last = np.ones(count, dtype=np.bool_)
    last[:-1] = starts[1:]
    named = starts | ~last
    gram = place[named] - 1
    return Runs(padded, gram, gram + GRAM - last[named], inside[named])


def _unspaced(points: CodePoints, classes: Classes) -> tuple[Runs, Runs]:
    index = np.flatnonzero(classes >= HANGUL)
    kind = classes[index]
    index = index - 1
    if not index.size:
        empty = Runs(points, index, index, index)
        return empty, empty
    han = index[kind == HAN]
    second = classes[index + 2] == kind
    third = second & (classes[index + 3] == kind)
    first = classes[index] != kind
    unspaced = kind == UNSPACED
    length = 1 + second + (third & unspaced)
    # A run shorter than its grams is one gram; a single Han character is a unigram already.
    whole = first & (kind != HAN)
    chosen = np.where(unspaced, third, second) | whole
    starts = index[chosen]
    return Runs(points, han, han + 1, han), Runs(points, starts, starts + length[chosen], starts)


def break_points(points: CodePoints) -> Positions:
    """Where the texts of a batch end."""
    return np.flatnonzero(points == ord(BREAK))
