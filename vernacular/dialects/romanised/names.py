"""Names in Arabic letters that stand in Latin ones in the documents: تويوتا كورولا finds `Toyota Corolla`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import regex

from vernacular.dialects.romanised.sounds import arabic_sounds, distance, latin_readings
from vernacular.text.normalise import normalise_with_offsets
from vernacular.types import Expansion

KIND: Final = "romanised"
_WORD: Final = regex.compile(r"\p{Arabic}{4,24}")
_LATIN: Final = regex.compile(r"[a-z\u00e0-\u024f]{3,24}")
_CLITICS: Final = regex.compile(r"^(?:[وفبلك]?ال|لل|[وفبلك])(?=\p{L}{3})")
_COARSE_ARABIC: Final = str.maketrans(
    {"j": "g", "h": None, "x": "k", "z": "s", "3": None, "q": "k"},
)
_TWO_SOUNDS: Final = regex.compile(r"(?<!s)ch")
_STEPS: Final = (
    (regex.compile(r"(.)\1+"), r"\1"),
    (regex.compile(r"tch|sch|sh|ch"), "C"),
    (regex.compile(r"ph"), "f"),
    (regex.compile(r"th"), "t"),
    (regex.compile(r"c(?=[eiy])|z"), "s"),
    (regex.compile(r"ck|[cq]|kh"), "k"),
    (regex.compile(r"x"), "ks"),
    (regex.compile(r"gh|dj|j"), "g"),
    (regex.compile(r"[aeiouyhw]"), ""),
)
_FOLDED: Final = str.maketrans("àáâãäåèéêëìíîïòóôõöøùúûüýÿçñpv", "aaaaaaeeeeiiiioooooouuuuyysnbf")
_LEAST_CONSONANTS: Final = 2
_LEAST: Final = {2: 0.92, 3: 0.86}
_LEAST_OF_LONG: Final = 0.82
_MOST_TOGETHER: Final = 200
_MOST: Final = 3
_WEIGHT: Final = 0.7


class LatinWords:
    """The words in Latin letters of a vocabulary by their consonants, coarsely."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = words
        self._keys: dict[str, list[str]] = {}
        for word in words:
            if _LATIN.fullmatch(word):
                for key in _coarse_keys(word):
                    if len(key) >= _LEAST_CONSONANTS:
                        self._keys.setdefault(key, []).append(word)

    def __bool__(self) -> bool:
        return bool(self._keys)

    def names(self, text: str) -> Iterator[Expansion]:
        """The words in Latin letters that words of `text` in Arabic letters sound like; those the documents have are left."""
        normal, offsets = normalise_with_offsets(text)
        for match in _WORD.finditer(normal):
            word = match.group()
            bare = _CLITICS.sub("", word)
            if any(form in self._words for form in (word, bare, f"ال{bare}")):
                continue
            found = {name: like for stem in (bare, word) for name, like in self._alike(stem)}
            if likest := sorted(found, key=lambda name: -found[name])[:_MOST]:
                weight = round(_WEIGHT * found[likest[0]] ** 2, 3)
                start, end = offsets[match.start()], offsets[match.end() - 1] + 1
                yield Expansion(start, end, tuple(likest), weight, KIND, "names")

    def _alike(self, word: str) -> Iterator[tuple[str, float]]:
        for with_ain in (True, False) if "ع" in word else (True,):
            sounds = arabic_sounds(word, with_ain)
            key = sounds.key.translate(_COARSE_ARABIC).replace("c", "C")
            size = len(sounds.key)
            least = _LEAST.get(size, _LEAST_OF_LONG)
            for name in self._keys.get(key, ())[:_MOST_TOGETHER]:
                costs = [distance(reading, sounds) for reading in latin_readings(name) if reading.key == sounds.key]
                likeness = 1 - min(costs, default=1e9) / (0.5 + 0.5 * size)
                if likeness >= least:
                    yield name, likeness


def _coarse_keys(word: str) -> set[str]:
    plain = word.translate(_FOLDED)
    spellings = {plain, _TWO_SOUNDS.sub("k", plain)} if "ch" in plain else {plain}
    found = set()
    for spelling in spellings:
        key = spelling
        for pattern, new in _STEPS:
            key = pattern.sub(new, key)
        found.add(key)
    return found
