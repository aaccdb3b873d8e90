"""What a question and a text have in common, fast enough for fifty passages a question.

A text is brought into one line of letters in which everything else is `_`, so that `_word_` finds whole words and
`_wor` their beginnings. A question becomes words (Han bigrams, Thai trigrams, …) that each carry the grams
a related form of the word would share: `tasas` is half found in a text that says `tasa`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import regex

from vernacular.text.normalise import folded_points
from vernacular.text.segment import canonical_numbers
from vernacular.text.tables import JOINER, accent_table, class_table, to_text

Matrix: TypeAlias = npt.NDArray[np.float64]

GRAM: Final = 4
_WORTH_HASHING: Final = 4
_MARKED: Final = 16
_MULTIPLIERS: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)
MAX_PATTERNS: Final = 240
"""Patterns of a very long question beyond these are left out: the words that come first are kept."""
MAX_ALTERNATIVES: Final = 600
_HOLDS: Final = 0.7
"""How much of an alternative's words, on average, a text must hold to hold the alternative."""
_BREAK: Final = "\x1f"
_RUN: Final = regex.compile(
    r"(?P<han>[\p{Han}\p{Hiragana}\p{Katakana}ー]+)|(?P<unspaced>[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]+)"
    r"|(?P<hangul>\p{Hangul}+)|(?P<word>(?:(?![\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Hangul}_])\P{Cc})+)"
)


@dataclass(frozen=True, slots=True)
class Word:
    """A unit of the question. `whole` and `grams` are rows of `Terms.patterns`.

    Where the whole is not found, `partial` times the share of the grams counts, if that share is at least `least`.
    """

    text: str
    whole: int
    grams: tuple[int, ...]
    partial: float = 0.9
    least: float = 0.5


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Other words for parts of a question.

    `holding` (words of `terms`, alternatives): what each word is of an alternative; `standing_for` (alternatives, patterns of
    the question): the patterns that an alternative stands for.
    """

    terms: Terms
    holding: Matrix
    standing_for: Matrix

    def mark(self, texts: Sequence[str], found: npt.NDArray[np.bool_]) -> None:
        """Count the patterns of each part as found in the texts that hold one of its alternatives."""
        held = self.terms.word_matches(self.terms.matches(texts)) @ self.holding >= _HOLDS
        found |= held @ self.standing_for > 0


@dataclass(frozen=True, slots=True)
class Terms:
    """A question as the patterns to look for. `sharing[k]` spreads word k's weight over its grams."""

    padded: str
    patterns: tuple[str, ...]
    words: tuple[Word, ...]
    sharing: Matrix
    wholes: npt.NDArray[np.intp]
    alternatives: Alternatives | None = None

    def matches(self, texts: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which pattern stands in which padded text, itself or by an alternative: (texts, patterns)."""
        found = self._matches(texts)
        if self.alternatives is not None and found.size:
            self.alternatives.mark(texts, found)
        return found

    def _matches(self, texts: Sequence[str]) -> npt.NDArray[np.bool_]:
        found = np.zeros((len(texts), len(self.patterns)), dtype=np.bool_)
        if not found.size:
            return found
        text_points = _points(_BREAK.join(texts))
        ends = np.cumsum([len(text) + 1 for text in texts])
        columns: dict[int, list[int]] = {}
        for column, pattern in enumerate(self.patterns):
            columns.setdefault(min(len(pattern), GRAM + 1), []).append(column)
        for length, alike in columns.items():
            if length <= GRAM and len(alike) >= _WORTH_HASHING:
                texts_at, which = _occurrences(text_points, [self.patterns[column] for column in alike], ends)
                found[texts_at, np.array(alike)[which]] = True
            elif length <= GRAM:
                for column in alike:
                    found[:, column] = [self.patterns[column] in text for text in texts]
        grams = {word.whole: list(word.grams) for word in self.words if word.grams}
        for column in columns.get(GRAM + 1, ()):
            for at in np.flatnonzero(found[:, grams.get(column, [])].all(axis=1)).tolist():
                found[at, column] = self.patterns[column] in texts[at]
        return found

    def word_matches(self, found: npt.NDArray[np.bool_]) -> Matrix:
        """How much of each word is there, 0 to 1: (texts, words). A word that is there only in parts counts less."""
        shared = found @ self.sharing.T
        partial = np.array([word.partial for word in self.words])
        least = np.array([word.least for word in self.words])
        return np.where(found[:, self.wholes], 1.0, np.where(shared >= least, partial * shared, 0.0))


def pad(texts: Sequence[str]) -> list[str]:
    """Each text folded for comparison, words parted by `_`, with `_` at both ends."""
    points = folded_points(_BREAK.join(text.replace(_BREAK, " ") for text in texts))
    points = accent_table()[canonical_numbers(points)[0]]
    separator = (class_table()[points] <= JOINER) & (points != ord(_BREAK))
    joined = to_text(np.where(separator, np.uint32(ord("_")), points).astype(np.uint32))
    return [f"_{text}_" for text in joined.split(_BREAK)]


def terms(padded: str, alternatives: Sequence[tuple[str, Sequence[str]]] = ()) -> Terms:
    """The patterns and words of a padded question; `alternatives`: (a part of it, what texts may say instead), padded too."""
    found = _terms(padded)
    if not alternatives:
        return found
    other = _terms("_".join(text for _part, texts in alternatives for text in texts), MAX_ALTERNATIVES)
    row = {pattern: at for at, pattern in enumerate(found.patterns)}
    place = {word.text: at for at, word in enumerate(other.words)}
    pairs = []
    for part, texts in alternatives:
        patterns = [row[pattern] for pattern in _patterns(part) if pattern in row]
        for words in ([place[word] for word in _word_texts(text) if word in place] for text in texts):
            if patterns and words:
                pairs.append((patterns, words))
    if not pairs:
        return found
    holding, standing_for = np.zeros((len(other.words), len(pairs))), np.zeros((len(pairs), len(found.patterns)))
    for at, (patterns, words) in enumerate(pairs):
        holding[words, at] = 1 / len(words)
        standing_for[at, patterns] = 1
    return replace(found, alternatives=Alternatives(other, holding, standing_for))


def _patterns(padded: str) -> set[str]:
    units = [unit for run in _RUN.finditer(padded) for unit in _units(run.lastgroup or "", run.group())]
    return {pattern for _, whole, grams in units for pattern in (whole, *grams)}


def _word_texts(padded: str) -> list[str]:
    """The words of a padded text, each once."""
    units = (unit for run in _RUN.finditer(padded) for unit in _units(run.lastgroup or "", run.group()))
    return list(dict.fromkeys(text for text, _, _ in units))


def _terms(padded: str, most: int = MAX_PATTERNS) -> Terms:
    index: dict[str, int] = {}
    words: dict[str, Word] = {}
    for run in _RUN.finditer(padded):
        for text, whole, grams in _units(run.lastgroup or "", run.group()):
            if text in words or len(index) > most:
                continue
            rows = tuple(index.setdefault(gram, len(index)) for gram in grams)
            # Two characters that stand apart are weak evidence of the word they make together.
            likeness = (0.5, 0.99) if run.lastgroup == "han" else (0.9, 0.5)
            words[text] = Word(text, index.setdefault(whole, len(index)), rows, *likeness)
    sharing = np.zeros((len(words), len(index)))
    for row, word in enumerate(words.values()):
        if word.grams:
            sharing[row, list(word.grams)] = 1 / len(word.grams)
    wholes = np.array([word.whole for word in words.values()], dtype=np.intp)
    return Terms(padded, tuple(index), tuple(words.values()), sharing, wholes)


def _occurrences(
    text_points: npt.NDArray[np.uint64], patterns: Sequence[str], ends: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Where patterns of one length stand: (text, pattern) of each occurrence, by a hash of every place of all texts.

    `text_points`: the texts joined by a character that is in no pattern; text k ends before `ends[k]`.
    """
    length = len(patterns[0])
    keys = _hashes(_points("".join(patterns)), length)[::length]
    order = np.argsort(keys)
    keys = keys[order]
    hashes = _hashes(text_points, length)
    # Few places share even their first bits with a pattern: the rest need no closer look.
    first = np.uint64(64 - _MARKED)
    marked = np.zeros(1 << _MARKED, dtype=np.bool_)
    marked[keys >> first] = True
    places = np.flatnonzero(marked[hashes >> first])
    nearest = np.minimum(np.searchsorted(keys, hashes[places]), len(keys) - 1)
    equal = keys[nearest] == hashes[places]
    return np.searchsorted(ends, places[equal], side="right"), order[nearest[equal]]


def _hashes(points: npt.NDArray[np.uint64], length: int) -> npt.NDArray[np.uint64]:
    """64 bits for each run of `length` points, in order."""
    count = max(0, len(points) - length + 1)
    found = points[:count] * np.uint64(_MULTIPLIERS[0])
    for offset in range(1, length):
        found += points[offset : offset + count] * np.uint64(_MULTIPLIERS[offset])
    return found


def _points(text: str) -> npt.NDArray[np.uint64]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)


def _units(kind: str, run: str) -> list[tuple[str, str, list[str]]]:
    """(word, pattern of the whole word, its grams) of a run of one script."""
    if kind == "han":
        pairs = (run[at : at + 2] for at in range(max(1, len(run) - 1)))
        return [(pair, pair, list(pair) if len(pair) > 1 else []) for pair in pairs]
    if kind == "unspaced":
        return [(run[at : at + 3], run[at : at + 3], []) for at in range(max(1, len(run) - 2))]
    if kind == "hangul":
        return [(run, f"_{run}_", [run[at : at + 2] for at in range(len(run) - 1)])]
    around = f"_{run}_"
    grams = [around[at : at + GRAM] for at in range(max(1, len(around) - GRAM + 1))]
    return [(run, around, grams)]
