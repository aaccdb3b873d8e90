"""What a word sounds like, written in Arabic or Latin letters: its consonants, and the vowels between them.

Vowels are mostly left out in Arabic and spelled at will in Latin letters, so words are looked up by the classes of their
consonants (`key`) and then compared slot by slot: the vowels and semivowels (و and ي, w and y) before, between and after.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import regex

ARABIC_CLASSES: Final = {
    "ب": "b", "پ": "b", "ت": "t", "ط": "t", "ث": "t", "ج": "j", "چ": "j", "ح": "h", "ه": "h", "خ": "x", "د": "d",
    "ض": "d", "ذ": "d", "ظ": "d", "ر": "r", "ز": "z", "س": "s", "ص": "s", "ش": "c", "ع": "3", "غ": "g", "ف": "f",
    "ڤ": "f", "ق": "q", "ك": "k", "گ": "k", "ل": "l", "م": "m", "ن": "n",
}  # fmt: skip
"""Consonants of Arabic (as `normalise` leaves them) and the class of sound they are looked up by."""

# What an Arabic letter costs where a sound of its class was typed; no cost where none is given.
_LETTER_COSTS: Final = {
    "t": {"ط": 0.08, "ث": 0.15}, "T": {"ت": 0.2, "ث": 0.3}, "th": {"ت": 0.12, "ط": 0.2},
    "d": {"ض": 0.08, "ذ": 0.12, "ظ": 0.2}, "D": {"د": 0.2, "ذ": 0.3, "ظ": 0.08}, "dh": {"ض": 0.1, "د": 0.12},
    "zd": {"د": 0.6, "ض": 0.2, "ذ": 0.05},
    "h": {"ح": 0.1}, "7": {"ه": 0.3}, "s": {"ص": 0.06}, "S": {"س": 0.2}, "st": {"ت": 0.6, "ط": 0.6},
}  # fmt: skip
_SOUND_CLASSES: Final = {"T": "t", "th": "t", "D": "d", "dh": "d", "zd": "d", "7": "h", "S": "s", "st": "t"}

# What letters typed in Latin script may stand for: (sounds, cost), likeliest first. "" is a vowel or silent.
_CONSONANTS: Final = {
    "tch": (("c", 0.05), ("tc", 0.0)), "sch": (("c", 0.0), ("sk", 0.2)), "3'": (("g", 0.0),), "7'": (("x", 0.0),),
    "9'": (("D", 0.0),), "6'": (("D", 0.0),), "kh": (("x", 0.0), ("k", 0.15)), "gh": (("g", 0.0), ("q", 0.2)),
    "ch": (("c", 0.0), ("k", 0.2), ("tc", 0.1), ("x", 0.3)), "sh": (("c", 0.0),),
    "th": (("th", 0.0), ("dh", 0.1)), "dh": (("dh", 0.0),), "ph": (("f", 0.0),), "dj": (("j", 0.0),), "dz": (("j", 0.1), ("z", 0.2)),
    "ck": (("k", 0.0),), "qu": (("k", 0.05), ("q", 0.1)), "gu": (("g", 0.05), ("j", 0.1), ("k", 0.2)),
    "rh": (("g", 0.15), ("r", 0.1)), "b": (("b", 0.0),), "c": (("k", 0.0), ("s", 0.1), ("q", 0.2), ("c", 0.3)),
    "ç": (("s", 0.0),), "d": (("d", 0.0),), "f": (("f", 0.0),),
    "g": (("j", 0.05), ("g", 0.05), ("q", 0.1), ("k", 0.15)), "h": (("h", 0.0), ("", 0.2)),
    "j": (("j", 0.0), ("", 0.2)), "k": (("k", 0.0), ("q", 0.12)), "l": (("l", 0.0),), "m": (("m", 0.0),),
    "n": (("n", 0.0),), "ñ": (("n", 0.0),), "p": (("b", 0.0),), "q": (("q", 0.0), ("k", 0.1)), "r": (("r", 0.0),),
    "s": (("s", 0.0), ("st", 0.2)), "t": (("t", 0.0),), "v": (("f", 0.0),),
    "x": (("ks", 0.0), ("c", 0.2), ("x", 0.3), ("z", 0.3)), "z": (("z", 0.0), ("zd", 0.05)),
    "2": (("", 0.0), ("q", 0.05)), "3": (("3", 0.0),), "4": (("dh", 0.0), ("g", 0.1)), "5": (("x", 0.0),),
    "6": (("T", 0.0),), "7": (("7", 0.0),), "8": (("g", 0.0), ("q", 0.0)), "9": (("q", 0.0), ("S", 0.15)),
}  # fmt: skip
_UNITS: Final = regex.compile(
    "|".join(sorted(map(regex.escape, _CONSONANTS), key=len, reverse=True)) + "|.", regex.DOTALL
)
_FOLDED_VOWELS: Final = str.maketrans("àáâãäåæèéêëìíîïòóôõöøœùúûüýÿ", "aaaaaaaeeeeiiiiooooooouuuuyy")
_VOWEL_GROUPS: Final = (("oo", "u"), ("ou", "u"), ("ee", "i"), ("aa", "a"), ("eau", "o"), ("au", "o"), ("iy", "y"))
_DOUBLE: Final = regex.compile(r"(ch|sh|kh|gh|th|dh|[^\W\daeiou]|[2-9])\1+")
_LONE_Y: Final = regex.compile(r"(?<=[^aeiou])y(?=[^aeiouy])")
_SILENT_T: Final = regex.compile(r"(?<=s)t(?=l)")
_SOFTENING: Final = frozenset("eiy")
_MOST_READINGS: Final = 24
_HARD_LIMIT: Final = 40


@dataclass(frozen=True, slots=True)
class Sounds:
    """A word in Arabic letters. `slots` are the weak letters before, between and after its consonants (`letters`)."""

    key: str
    letters: str
    slots: tuple[str, ...]
    cost: float = 0.0

    def without(self, place: int) -> Sounds:
        """The same without one consonant."""
        merged = self.slots[place] + self.slots[place + 1]
        return Sounds(
            self.key[:place] + self.key[place + 1 :],
            self.letters[:place] + self.letters[place + 1 :],
            (*self.slots[:place], merged, *self.slots[place + 2 :]),
            self.cost,
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a word typed in Latin letters; `sounds` and `slots` as in `Sounds`."""

    key: str
    sounds: tuple[str, ...]
    slots: tuple[str, ...]
    cost: float

    def without(self, place: int) -> Reading:
        merged = self.slots[place] + self.slots[place + 1]
        return Reading(
            self.key[:place] + self.key[place + 1 :],
            (*self.sounds[:place], *self.sounds[place + 1 :]),
            (*self.slots[:place], merged, *self.slots[place + 2 :]),
            self.cost,
        )


def arabic_sounds(word: str, with_ain: bool = True) -> Sounds:
    """`word` as `normalise` leaves it. A final ه is a vowel; without `with_ain`, so is ع, which names lose in Latin."""
    letters, slots, slot = "", [], ""
    last = len(word) - 1
    for place, char in enumerate(word):
        kind = ARABIC_CLASSES.get(char)
        if kind is None or (char == "ه" and place == last and place > 1) or (char == "ع" and not with_ain):
            slot += char
        elif letters and not slot and letters[-1] == char:
            continue
        else:
            letters += char
            slots.append(slot)
            slot = ""
    return Sounds("".join([ARABIC_CLASSES[char] for char in letters]), letters, (*slots, slot))


@functools.lru_cache(maxsize=4096)
def latin_readings(word: str) -> tuple[Reading, ...]:
    """The ways to read a word of Latin letters and Arabizi digits, in lower case, likeliest first."""
    plain = _DOUBLE.sub(r"\1", word.translate(_FOLDED_VOWELS))
    for group, vowel in _VOWEL_GROUPS:
        plain = plain.replace(group, vowel)
    plain = _SILENT_T.sub("", _LONE_Y.sub("i", plain)) if plain.isalpha() else plain
    choices: list[tuple[tuple[str, float], ...]] = []
    units = _UNITS.findall(plain[:_HARD_LIMIT])
    for place, unit in enumerate(units):
        following = units[place + 1][0] if place + 1 < len(units) else ""
        choices.append(_choices(unit, following, place + 1 == len(units)))
    found: dict[tuple[str, tuple[str, ...]], Reading] = {}
    for combination in itertools.islice(_cheapest(choices), _MOST_READINGS):
        reading = _reading(combination, units)
        found.setdefault((reading.key, reading.slots), reading)
    return tuple(sorted(found.values(), key=lambda reading: reading.cost))


def distance(reading: Reading, sounds: Sounds, limit: float = math.inf) -> float:
    """How unlike the two are, their keys being equal: 0 for the same, about 1 for a consonant that one of them lacks.

    Stops adding, and returns what it has, once it is above `limit`.
    """
    total = reading.cost + sounds.cost
    last = len(sounds.slots) - 1
    for place, (typed, written) in enumerate(zip(reading.slots, sounds.slots, strict=True)):
        if typed or written:
            total += slot_distance(typed, written, place == 0, place == last)
            if total > limit:
                return total
    for sound, letter in zip(reading.sounds, sounds.letters, strict=True):
        if costs := _LETTER_COSTS.get(sound):
            total += costs.get(letter, 0.0)
    return total


_LONG_I: Final = frozenset({"i", "y", "ie", "ye", "igh"})
_TYPED_ALONE: Final = {"a": 0.1, "e": 0.04, "i": 0.08, "o": 0.1, "u": 0.1, "y": 0.2, "w": 0.3}
_WRITTEN_ALONE: Final = {"ا": 0.25, "و": 0.3, "ي": 0.3, "ء": 0.05, "ع": 0.25, "ه": 0.15, "ى": 0.1}
_VOWELS: Final = {
    "ا": {"a": 0.0, "e": 0.12, "o": 0.2, "i": 0.25, "u": 0.3, "y": 0.35, "w": 0.5},
    "و": {"u": 0.0, "o": 0.0, "w": 0.0, "a": 0.35, "e": 0.35, "i": 0.4, "y": 0.5},
    "ي": {"i": 0.0, "y": 0.0, "e": 0.06, "a": 0.3, "u": 0.4, "o": 0.4, "w": 0.6},
    "ى": {"a": 0.0, "e": 0.05, "i": 0.1},
    "ه": {"a": 0.0, "e": 0.0, "i": 0.15},
    "ع": {"a": 0.08, "e": 0.1, "i": 0.1, "o": 0.1, "u": 0.1},
    "ء": {"a": 0.1, "e": 0.1, "i": 0.1, "o": 0.1, "u": 0.1},
}  # fmt: skip


@functools.lru_cache(maxsize=1 << 15)
def slot_distance(typed: str, written: str, first: bool, last: bool) -> float:
    """How unlike the vowels typed and the weak letters written are."""
    if first and written[:1] == "ا":
        # An initial alif only carries a vowel, whichever: ألوان is typed lwan, أوروبا oropa, إسلام islam.
        if len(written) == 1:
            return 0.12 if not typed else sum(_TYPED_ALONE.get(vowel, 0.3) for vowel in typed[1:])
        return min(slot_distance(typed, written[1:], False, last) + 0.02, _aligned(typed, written, last))
    if typed in _LONG_I and written == "اي":
        return 0.15
    return _aligned(typed, written, last)


def _aligned(typed: str, written: str, last: bool) -> float:
    before = [0.0, *itertools.accumulate(_TYPED_ALONE.get(vowel, 0.3) for vowel in typed)]
    for place, letter in enumerate(written):
        alone = _WRITTEN_ALONE.get(letter, 0.5)
        if last and letter == "ي" and place + 1 == len(written):
            letter = "ى" if typed.endswith(("a", "e")) else letter  # noqa: PLW2901
        costs = _VOWELS.get(letter, {})
        row = [before[0] + alone]
        for at, vowel in enumerate(typed):
            row.append(
                min(before[at] + costs.get(vowel, 0.6), before[at + 1] + alone, row[at] + _TYPED_ALONE.get(vowel, 0.3))
            )
        before = row
    return before[-1]


def _choices(unit: str, following: str, final: bool) -> tuple[tuple[str, float], ...]:
    found = _CONSONANTS.get(unit)
    if found is None:
        return ((unit, 0.0),) if unit in "aeiouyw" else (("", 0.0),)
    if unit == "c" and following in _SOFTENING:
        return (("s", 0.0), ("k", 0.15), ("c", 0.2))
    if unit == "g" and following not in _SOFTENING:
        return (("g", 0.0), ("q", 0.05), ("k", 0.12), ("j", 0.1))
    if final and unit == "s":
        return (("s", 0.0), ("z", 0.1))
    return found


def _cheapest(choices: list[tuple[tuple[str, float], ...]]) -> Iterator[tuple[tuple[str, float], ...]]:
    """Combinations of one choice each; of a word with very many, only those of its first ambiguous letters."""
    size = 1
    limited = []
    for options in choices:
        size *= len(options)
        limited.append(options if size <= _MOST_READINGS else options[:1])
        size = size if size <= _MOST_READINGS else size // len(options)
    return itertools.product(*limited)


_TWO: Final = {"ks": ("k", "s"), "tc": ("t", "c"), "sk": ("s", "k")}


def _reading(combination: tuple[tuple[str, float], ...], units: list[str]) -> Reading:
    sounds: list[str] = []
    slots = [""]
    cost = 0.0
    for (sound, price), unit in zip(combination, units, strict=True):
        cost += price
        if sound in _TWO:
            sounds += _TWO[sound]
            slots += ["", ""]
        elif sound and sound not in "aeiouyw":
            if sounds and not slots[-1] and sounds[-1] == sound:
                continue
            sounds.append(sound)
            slots.append("")
        elif sound:
            slots[-1] += sound
        elif unit == "j":
            slots[-1] += "y"
    key = "".join([_SOUND_CLASSES.get(sound, sound[:1]) for sound in sounds])
    return Reading(key, tuple(sounds), tuple(slots), cost)
