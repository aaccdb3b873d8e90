"""The words of a tenant's documents by what they sound like, so that `jacksonville` finds جاكسونفيل and `lmo9addas` المقدس."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import regex

from vernacular.dialects.romanised.names import LatinWords
from vernacular.dialects.romanised.readings import HanSounds
from vernacular.dialects.romanised.sinitic import CANTONESE, HOKKIEN
from vernacular.dialects.romanised.sounds import Reading, Sounds, arabic_sounds, distance, latin_readings

_ARABIC: Final = regex.compile(r"[\u0621-\u064a\u067e\u0686\u06a4\u06af]{2,24}")
_ARTICLES: Final = ("وال", "بال", "فال", "كال", "ولل", "ال", "لل")
_CLITICS: Final = "وبلفك"
_STRIPPED: Final = 0.04
_LEAST_CONSONANTS: Final = 2
_NEAR_CONSONANTS: Final = 4
_SUBSTITUTED_CONSONANTS: Final = 5
_LACKING: Final = 0.5
_SILENT: Final = 0.25
_SUBSTITUTED: Final = 0.75
_PLURAL: Final = 0.35
_OFTEN_SILENT: Final = frozenset("stdhn")
_LEAST: Final = {2: 0.88, 3: 0.8}
_LEAST_OF_LONG: Final = 0.78
_SURE: Final = 0.9
_CACHED: Final = 4096

_TYPED_PREFIXES: Final = regex.compile(
    r"(?P<article>(?:[ea]l|il|l)(?=\w{2}))|(?P<assimilated>[ea](?=(?P<sun>ch|sh|[tdrzsn])(?P=sun)))"
    r"|(?P<clitic>(?:[bfwdk]|wa|fi|bi|ou|de)(?:[ea]?l)?(?=\w{3}))|(?P<verb>(?:ka|ta|bi|be|b)(?=[ytn]))"
)
_TYPED_VERB: Final = regex.compile(r"(?:kan|kat|tan|kay|tay|gha|ha|7a)(?=\w{3})")


@dataclass(frozen=True, slots=True)
class Match:
    """Words of the vocabulary, all forms of `stem`, most frequent first, and how much they sound like what was typed, 0 to 1."""

    stem: str
    words: tuple[str, ...]
    likeness: float
    consonants: int


class RomanIndex:
    """Build it once for a vocabulary (`words`: normalised word → in how many texts it stands), and keep it.

    Fifty thousand words take about a second and some 60 MB; a look-up takes about 50 µs, a repeated one nothing.
    """

    def __init__(self, words: Mapping[str, int], *, almost: bool = True) -> None:
        """`almost` False: only words with the same consonants are found."""
        self.words = words
        self._finds_almost = almost
        self._keys: dict[str, list[tuple[Sounds, str, str]]] = {}
        self._near: dict[str, list[tuple[int, Sounds, str, str]]] = {}
        self._found: dict[str, tuple[Match, ...]] = {}
        for word in words:
            if _ARABIC.fullmatch(word):
                self._add(word)
        self.latin = LatinWords(words)
        self.han = {system: HanSounds(words, system.table, system.canonical) for system in (HOKKIEN, CANTONESE)}

    def __contains__(self, word: str) -> bool:
        return word in self.words

    def __bool__(self) -> bool:
        return bool(self._keys)

    def alike(self, typed: str) -> tuple[Match, ...]:
        """The stems that sound like `typed`, a word in lower case of Latin letters and Arabizi digits, likest first."""
        found = self._found.get(typed)
        if found is None:
            if len(self._found) >= _CACHED:
                self._found.clear()
            found = self._found[typed] = self._search(typed)
        return found

    def _add(self, word: str) -> None:
        for stem, cost in _stems(word, self.words):
            variants = [arabic_sounds(stem)]
            if "ع" in stem:
                variants.append(arabic_sounds(stem, with_ain=False))
            for sounds in variants:
                if len(sounds.key) < _LEAST_CONSONANTS:
                    continue
                if cost:
                    sounds = Sounds(sounds.key, sounds.letters, sounds.slots, cost)  # noqa: PLW2901
                self._keys.setdefault(sounds.key, []).append((sounds, stem, word))
                if self._finds_almost and len(sounds.key) >= _NEAR_CONSONANTS:
                    for place in range(len(sounds.key)):
                        shorter = sounds.key[:place] + sounds.key[place + 1 :]
                        self._near.setdefault(shorter, []).append((place, sounds, stem, word))

    def _search(self, typed: str) -> tuple[Match, ...]:
        readings = [
            (reading, cost)
            for rest, cost in typed_stems(typed)
            for reading in latin_readings(rest)
            if len(reading.key) >= _LEAST_CONSONANTS
        ]
        found = self._collected(self._exact(readings))
        if self._finds_almost and (not found or found[0].likeness < _SURE):
            found = self._collected([*self._exact(readings), *self._almost(readings)])
        return tuple(found[:8])

    def _exact(self, readings: Iterable[tuple[Reading, float]]) -> Iterator[tuple[float, int, str, str]]:
        for reading, cost in readings:
            allowed = _allowed(len(reading.key)) - cost
            if reading.cost > allowed:
                continue
            for sounds, stem, word in self._keys.get(reading.key, ()):
                unlike = distance(reading, sounds, allowed)
                if unlike <= allowed:
                    yield cost + unlike, len(reading.key), stem, word

    def _almost(self, readings: Iterable[tuple[Reading, float]]) -> Iterator[tuple[float, int, str, str]]:
        for reading, cost in readings:
            size = len(reading.key)
            allowed = _allowed(size)
            if size < _NEAR_CONSONANTS - 1 or reading.cost + cost > allowed - _SILENT:
                continue
            for place, sounds, stem, word in self._near.get(reading.key, ()):
                if _LACKING + reading.cost + cost <= allowed:
                    yield cost + _LACKING + distance(reading, sounds.without(place)), size, stem, word
            if size < _NEAR_CONSONANTS:
                continue
            for place in range(size):
                shorter = reading.without(place)
                silent = reading.key[place] in _OFTEN_SILENT and (place == size - 1 or reading.key[place] == "h")
                for sounds, stem, word in self._keys.get(shorter.key, ()):
                    yield cost + (_SILENT if silent else _LACKING) + distance(shorter, sounds), size, stem, word
                if size < _SUBSTITUTED_CONSONANTS:
                    continue
                for other, sounds, stem, word in self._near.get(shorter.key, ()):
                    if other == place:
                        # `Huguenots` and الهوغونوتيون have each the plural of its own language.
                        plural = place == size - 1 and reading.key[place] in "sz" and sounds.key[place] in "nt"
                        other_cost = _PLURAL if plural else _SUBSTITUTED
                        yield cost + other_cost + distance(shorter, sounds.without(place)), size, stem, word

    def _collected(self, found: Iterable[tuple[float, int, str, str]]) -> list[Match]:
        best: dict[str, tuple[float, int]] = {}
        words: dict[str, dict[str, None]] = {}
        for cost, consonants, stem, word in found:
            likeness = 1 - cost / (0.5 + 0.5 * consonants)
            if likeness < _LEAST.get(consonants, _LEAST_OF_LONG):
                continue
            words.setdefault(stem, {})[word] = None
            if likeness > best.get(stem, (0.0, 0))[0]:
                best[stem] = likeness, consonants
        matches = [
            Match(stem, tuple(sorted(words[stem], key=lambda word: -self.words.get(word, 0))), likeness, consonants)
            for stem, (likeness, consonants) in best.items()
        ]
        return sorted(
            matches, key=lambda match: -match.likeness - 0.01 * math.log2(1 + self.words.get(match.words[0], 0))
        )


def _allowed(consonants: int) -> float:
    """The distance up to which words of so many consonants are taken to be alike."""
    return (1 - _LEAST.get(consonants, _LEAST_OF_LONG)) * (0.5 + 0.5 * consonants)


def typed_stems(typed: str) -> Iterator[tuple[str, float]]:
    """`typed`, and what is left of it without article, clitics and verbal prefixes, with what taking them off costs."""
    yield typed, 0.0
    if match := _TYPED_PREFIXES.match(typed):
        yield typed[match.end() :], 0.02 if match["article"] else 0.15
        if match["article"] and (vowel := typed[: match.end() - 1]):
            yield typed[len(vowel) :], 0.1
    if match := _TYPED_VERB.match(typed):
        yield typed[match.end() :], 0.1


def _stems(word: str, words: Mapping[str, int]) -> Iterator[tuple[str, float]]:
    yield word, 0.0
    for article in _ARTICLES:
        if word.startswith(article) and len(word) - len(article) >= 2:
            yield word[len(article) :], 0.0
            return
    if word[0] in _CLITICS and len(word) > 3 and (word[1:] in words or f"ال{word[1:]}" in words):
        yield word[1:], _STRIPPED
