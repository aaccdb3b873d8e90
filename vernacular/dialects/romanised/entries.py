"""What packs say of words typed in Latin letters: their `romanised` columns, and Arabic forms by what they sound like."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

from vernacular.dialects.pack import Entry, Pack, split
from vernacular.dialects.romanised.index import RomanIndex
from vernacular.dialects.romanised.tokens import Token, consonants, fold, without_accents
from vernacular.text.normalise import normalise

LONGEST: Final = 4
"""Words of a phrase."""
_TOLD_BY_CONSONANTS: Final = 4
_PHRASE_MARKS: Final = str.maketrans({"-": " ", "'": " ", "’": " "})


@dataclass(frozen=True, slots=True)
class Found:
    """An entry found at `tokens[first:last]`. `exact`: by its spelling, not by its consonants alone."""

    first: int
    last: int
    terms: tuple[str, ...]
    weight: float
    source: str
    exact: bool


class ArabicEntries:
    """The entries of some packs by their spellings in Latin letters, folded; made once for the packs."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self._spelled: dict[str, list[tuple[Entry, str]]] = {}
        self._bare: dict[str, list[tuple[Entry, str]]] = {}
        self._forms: dict[str, list[tuple[Entry, str]]] = {}
        for pack in packs:
            for entry in pack.lexicon:
                self._add(entry, pack.tag)
        self.sounds = RomanIndex(dict.fromkeys(self._forms, 1))

    def find(self, words: Sequence[Token]) -> Iterator[Found]:
        """Entries in the question, the longest first wherever one begins."""
        place = 0
        while place < len(words):
            last = place + 1
            for length in range(min(LONGEST, len(words) - place), 0, -1):
                found = self._at(words, place, place + length)
                if found:
                    last = place + length
                    yield from found
                    break
            place = last

    def sounding_like(self, word: str, least: float = 0.93) -> Iterator[tuple[Entry, str, float]]:
        """(entry, pack, likeness) of the Arabic forms that sound like `word`."""
        for match in self.sounds.alike(word):
            if match.likeness >= least and match.consonants > 2:
                for form in match.words:
                    for entry, tag in self._forms[form]:
                        yield entry, tag, match.likeness

    def _at(self, words: Sequence[Token], first: int, last: int) -> list[Found]:
        spelled = " ".join(word.folded for word in words[first:last])
        if entries := self._spelled.get(spelled):
            share = 1 / len(entries) ** 0.5
            return [Found(first, last, _terms(entry), entry.sense * share, tag, True) for entry, tag in entries]
        bare = consonants(spelled)
        if last - first == 1 and len(bare) >= _TOLD_BY_CONSONANTS and (entries := self._bare.get(bare)):
            return [Found(first, last, _terms(entry), entry.sense * 0.6, tag, False) for entry, tag in entries[:2]]
        return []

    def _add(self, entry: Entry, tag: str) -> None:
        for spelling in entry.romanised:
            words = without_accents(spelling).translate(_PHRASE_MARKS).split()
            folded = " ".join(map(fold, words))
            self._spelled.setdefault(folded, []).append((entry, tag))
            if len(words) == 1:
                self._bare.setdefault(consonants(folded), []).append((entry, tag))
        for form in entry.forms:
            if " " not in form:
                self._forms.setdefault(normalise(form), []).append((entry, tag))


@functools.cache
def french() -> dict[str, tuple[str, ...]]:
    """French words and phrases, without accents, → what Arabic documents call the same."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _lines("french.tsv"):
        words, terms = line.split("\t")
        for word in split(words):
            found[without_accents(word)] = split(terms)
    return found


@functools.cache
def function_words() -> frozenset[str]:
    """Arabic function words in Latin letters, as typed and folded; short ones as typed alone."""
    typed = {word for line in _lines("function_words.txt") for word in line.split()}
    return frozenset(typed | {fold(word) for word in typed if len(word) > 3})


def _lines(name: str) -> Iterable[str]:
    text = resources.files("vernacular.dialects.romanised").joinpath(name).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))


def _terms(entry: Entry) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*entry.terms, *entry.forms)))
