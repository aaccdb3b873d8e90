"""Han words of the documents by how they are read in Cantonese and Hokkien: `wu6 ziu3` finds 護照, which no dialect word is."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Final

import regex

from vernacular.text.normalise import normalise

_HAN_WORD: Final = regex.compile(r"\p{Han}{2,4}")
_MOST_READINGS: Final = 8
_MOST_WORDS: Final = 3


class HanSounds:
    """The Han words of a vocabulary by their syllables; `table` and `canonical` are those of one romanisation."""

    def __init__(self, words: Mapping[str, int], table: str, canonical: Callable[[str], str]) -> None:
        self._words = words
        self._keys: dict[str, list[str]] = {}
        readings = _readings(table, canonical)
        for word in words:
            if not _HAN_WORD.fullmatch(word):
                continue
            syllables = [readings.get(char, ()) for char in word]
            for combination in itertools.islice(itertools.product(*syllables), _MOST_READINGS):
                self._keys.setdefault("".join(combination), []).append(word)

    def __bool__(self) -> bool:
        return bool(self._keys)

    def alike(self, syllables: str) -> list[str]:
        """The words read so, most frequent first; `syllables` in canonical form, joined."""
        found = dict.fromkeys(self._keys.get(syllables, ()))
        return sorted(found, key=lambda word: -self._words[word])[:_MOST_WORDS]


@functools.lru_cache(maxsize=4)
def _readings(table: str, canonical: Callable[[str], str]) -> dict[str, tuple[str, ...]]:
    """Character, as `normalise` leaves it → its syllables in canonical form."""
    text = resources.files("vernacular.dialects.romanised").joinpath(table).read_text(encoding="utf-8")
    found: dict[str, dict[str, None]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            syllable, characters = line.split()
            for char in normalise(characters):
                found.setdefault(char, {})[canonical(syllable)] = None
    return {char: tuple(syllables) for char, syllables in found.items()}
