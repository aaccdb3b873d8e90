"""How far the passages found speak of what a question is about: the ground that confidence stands on.

The question's content is taken in units: words that are no function words, the bigrams of Han between function words,
and single Han characters that stand between them, which count less.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import regex

from serve.rag.evidence import OTHERS, Column, Evidence, Quote
from serve.rag.matching import Matrix, Terms, pad
from serve.rag.words import Lexicon

_SINGLE: Final = 0.4
"""What one Han character tells, beside a whole word."""
_ABSENT: Final = 0.6
"""What a word weighs that no hit holds: it may be the rarest of all, or only another word for what the hits say."""
_UNSPACED: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]")
_HAN: Final = regex.compile(r"\p{Han}")


@dataclass(frozen=True, slots=True)
class Units:
    """What a question is about. `words` index `Terms.words`, `singles` `Terms.patterns`; `worth` is of both, in order."""

    names: tuple[str, ...]
    words: tuple[int, ...]
    singles: tuple[int, ...]
    worth: Column

    def held(self, terms: Terms, found: npt.NDArray[np.bool_]) -> Matrix:
        """How much of each unit each text holds, 0 to 1, from `terms.matches(texts)`."""
        parts = [terms.word_matches(found)[:, list(self.words)], found[:, list(self.singles)].astype(np.float64)]
        return np.concatenate(parts, axis=1)


def units(terms: Terms, words: Lexicon) -> Units:
    """The units of a padded question."""
    content = words.content(terms.padded)
    asks = words.asks_quantity(terms.padded)
    inside = "_".join(("", *content, ""))
    kept = [at for at, word in enumerate(terms.words) if _is_content(word.text, inside, asks, words)]
    place = {pattern: at for at, pattern in enumerate(terms.patterns)}
    singles = [run for run in content if len(run) == 1 and _HAN.match(run) and run in place]
    singles = [each for each in singles if each not in {terms.words[at].text for at in kept}]
    names = [terms.words[at].text for at in kept] + singles
    worth = np.array([_SINGLE if len(name) == 1 and _HAN.match(name) else 1.0 for name in names])
    return Units(tuple(names), tuple(kept), tuple(place[each] for each in singles), worth)


def _is_content(word: str, inside: str, asks: bool, words: Lexicon) -> bool:
    if words.names_quantity(word) or (asks and word in words.units):
        return False
    return word in inside if _UNSPACED.match(word) else f"_{word}_" in inside


def rarity(held: Matrix, worth: Column) -> Column:
    """The weight of each unit, 0 to `worth`: IDF among the hits, where 1 is that of a unit that none would hold."""
    count, frequency = len(held) + OTHERS, held.sum(axis=0)
    weights: Column = np.log((count - frequency + 0.5) / (frequency + 0.5) + 1) / math.log((count + 0.5) / 0.5 + 1)
    return np.where(frequency > 0, weights, _ABSENT) * worth


def in_quotes(evidence: Evidence, asked: Units, quotes: Sequence[Quote]) -> Matrix:
    """How much of each unit each quote holds with the title of its document: (quotes, units)."""
    if not quotes:
        return np.zeros((0, len(asked.names)))
    texts = pad([f"{quote.hit.title}\n{' '.join(quote.hit.headings)}\n{quote.text}" for quote in quotes])
    found = evidence.terms.matches(texts)
    for row, quote in enumerate(quotes):  # what its sentences hold by their glosses
        found[row] |= evidence.sentences.within(evidence.hits.index(quote.hit), quote.start, quote.end).any(axis=0)
    return asked.held(evidence.terms, found)
