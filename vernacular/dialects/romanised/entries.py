"""What packs say of words typed in Latin letters: their `romanised` columns, and Arabic forms by what they sound like."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

from vernacular.dialects.pack import Entry, Pack, split
from vernacular.dialects.romanised.index import RomanIndex, typed_stems
from vernacular.dialects.romanised.sounds import Sounds, arabic_sounds, distance, latin_readings
from vernacular.dialects.romanised.tokens import Token, consonants, fold, without_accents
from vernacular.text.normalise import normalise

LONGEST: Final = 4
"""Words of a phrase."""
_TOLD_BY_CONSONANTS: Final = 4
_BY_CONSONANTS: Final = 0.6
_BY_SOUND: Final = 0.75
_SOUNDS_ALIKE: Final = 0.93
_SAME_FORM: Final = 0.4
_MOST_FOUND: Final = 3
_PHRASE_MARKS: Final = str.maketrans({"-": " ", "'": " ", "’": " "})


_MOST_FORMS: Final = 2
_GRAMMAR: Final = frozenset({"pron", "part", "conj", "prep", "intj"})
_GRAMMAR_WEIGHT: Final = 0.5
"""Words of these kinds are in most documents, and say little of which is meant."""


@dataclass(frozen=True, slots=True)
class Found:
    """An entry found at `tokens[first:last]`. `exact`: by its spelling, not by its consonants or sounds alone."""

    first: int
    last: int
    terms: tuple[str, ...]
    weight: float
    source: str
    exact: bool


@dataclass(frozen=True, slots=True)
class _Sourced:
    entry: Entry
    tag: str


class ArabicEntries:
    """The entries of some packs by their spellings in Latin letters, folded; made once for the packs."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self._spelled: dict[str, list[_Sourced]] = {}
        self._bare: dict[str, list[_Sourced]] = {}
        self._forms: dict[str, list[_Sourced]] = {}
        for pack in packs:
            for entry in pack.lexicon:
                self._add(_Sourced(entry, pack.tag))
        self._sounds = RomanIndex(dict.fromkeys(self._forms, 1), almost=False)

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

    def sounding_like(self, words: Sequence[Token], place: int) -> Iterator[Found]:
        """The entries with an Arabic form that sounds like a word."""
        seen: list[Entry] = []
        for match in self._sounds.alike(words[place].plain):
            if match.likeness < _SOUNDS_ALIKE or match.consonants <= 2:
                continue
            for each in (each for form in match.words for each in self._forms[form]):
                if each.entry not in seen and len(seen) < _MOST_FOUND:
                    seen.append(each.entry)
                    yield self._found(place, place + 1, each, _BY_SOUND * match.likeness, words[place].plain)

    def _at(self, words: Sequence[Token], first: int, last: int) -> list[Found]:
        spelled = " ".join(word.folded for word in words[first:last])
        plain = words[first].plain if last - first == 1 else ""
        if entries := self._spelled.get(spelled):
            share = 1 / len(entries) ** 0.5
            return [self._found(first, last, each, share, plain, exact=True) for each in entries[:_MOST_FOUND]]
        bare = consonants(spelled)
        if plain and len(bare) >= _TOLD_BY_CONSONANTS and (entries := self._bare.get(bare)):
            return [self._found(first, last, each, _BY_CONSONANTS, plain) for each in entries[:2]]
        return []

    def _found(self, first: int, last: int, each: _Sourced, share: float, plain: str, *, exact: bool = False) -> Found:
        """The standard terms, and of the many forms of the entry those that were typed."""
        entry = each.entry
        forms: list[str] = []
        if plain:
            forms = _likest(plain, entry.forms)
        weight = entry.sense * share * (_GRAMMAR_WEIGHT if entry.pos in _GRAMMAR else 1.0)
        terms = tuple(dict.fromkeys((*entry.terms, *(forms or entry.forms[:1]))))
        return Found(first, last, terms, weight, each.tag, exact)

    def _add(self, each: _Sourced) -> None:
        for spelling in each.entry.romanised:
            words = without_accents(spelling).translate(_PHRASE_MARKS).split()
            folded = " ".join(map(fold, words))
            _append(self._spelled, folded, each)
            if len(words) == 1:
                _append(self._bare, consonants(folded), each)
        for form in each.entry.forms:
            if " " not in form:
                _append(self._forms, normalise(form), each)


@functools.lru_cache(maxsize=4096)
def _likest(plain: str, forms: tuple[str, ...]) -> list[str]:
    """The forms that sound most like what was typed."""
    readings = [reading for stem, _ in typed_stems(plain) for reading in latin_readings(stem)]
    found: list[tuple[float, str]] = []
    for form in forms:
        sounds = _form_sounds(form)
        costs = [distance(reading, sounds) for reading in readings if reading.key == sounds.key]
        if costs and min(costs) < _SAME_FORM:
            found.append((min(costs), form))
    return [form for _, form in sorted(found)[:_MOST_FORMS]]


@functools.lru_cache(maxsize=1 << 15)
def _form_sounds(form: str) -> Sounds:
    return arabic_sounds(normalise(form))


def _append(found: dict[str, list[_Sourced]], key: str, each: _Sourced) -> None:
    entries = found.setdefault(key, [])
    if not any(other.entry is each.entry for other in entries):
        entries.append(each)


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
