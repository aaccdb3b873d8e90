"""Hokkien, Hakka and Cantonese typed in Latin letters → what the packs write in Han characters.

Tâi-lô and Pe̍h-ōe-jī are brought into one form, so that an entry written in either finds the other; Jyutping and the
loose spellings of Hong Kong likewise. Tones may be marked, numbered or left out; syllables parted by hyphens, spaces or
not at all. Tones that are given rule out words of other tones only where a better one is found.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import regex

from vernacular.dialects.pack import Entry, Pack
from vernacular.dialects.romanised.readings import HanSounds
from vernacular.types import Expansion

KIND: Final = "romanised"
LONGEST: Final = 8
"""Units of a phrase."""
LONGEST_WORD: Final = 4
"""Characters of a word of the documents."""
_TONE_MARKS: Final = {
    "\u0301": 2, "\u0300": 3, "\u0302": 5, "\u030c": 6, "\u0304": 7, "\u030d": 8, "\u030b": 9, "\u0306": 9,
}  # fmt: skip
_UNIT: Final = regex.compile(r"\p{Latin}[\p{Latin}\p{M}ⁿ·]*[1-9]?")
_BETWEEN: Final = regex.compile(r"[\s\-‑–]{1,3}")
_HAN: Final = regex.compile(r"\p{Han}")
_STRONG: Final = regex.compile(r"[\u0358\u030d\u030bⁿ]|\p{Latin}\p{M}*[1-9](?![\p{L}\p{N}])")
_MARKED: Final = regex.compile(r"[\u0300-\u0304\u030c]")
_FROM_POJ: Final = (
    ("o\u0358", "oo"), ("o·", "oo"), ("ou", "oo"), ("ⁿ", "nn"), ("chh", "tsh"), ("ch", "ts"), ("oa", "ua"), ("oe", "ue"),
)  # fmt: skip
_RHYMES: Final = (
    (regex.compile(r"eng(?![aeiou])"), "ing"),
    (regex.compile(r"ek(?![aeiouh])"), "ik"),
)
_LOOSE_JYUTPING: Final = (
    (regex.compile(r"tch|ch|ts"), "c"),
    (regex.compile(r"dz"), "z"),
    (regex.compile(r"\by(?=[aeiou])"), "j"),
    (regex.compile(r"\bng(?=[aeiou])"), ""),
    (regex.compile(r"\bn(?=[aeiou])"), "l"),
    (regex.compile(r"ee"), "i"),
    (regex.compile(r"oo"), "u"),
    (regex.compile(r"aa"), "a"),
)
_SYLLABLE: Final = regex.compile(
    r"(?:ph|p|b|m|f|th|tsh|ts|t|d|ng|n|l|kh|kw|k|gw|g|h|s|z|c|j|w)?[aeiouy]{1,3}(?:nnh?|ng|[mnptkh])?|h?m|(?:ph?|th?|kh?|tsh?|s|h)?ng"
)
"""A syllable of Tâi-lô or Jyutping; words of other languages mostly have more than one."""
_MOSTLY: Final = 0.8
_HYPHENS: Final = frozenset("-‑")
_PART: Final = 0.4
_SAME_TONE: Final = 0.9
_NO_TONE: Final = 0.75
_OTHER_TONE: Final = 0.4
_LEAST_COVERED: Final = 0.6
_READ_ALIKE: Final = 0.7
_READ_ALIKE_SHORT: Final = 0.5
_MOST_FORMS: Final = 3
_MOST_ENTRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Syllables:
    """A unit of the text at `start:end`: its letters without tone (`base`), and its tone; None where none is given.

    `joined`: a hyphen follows.
    """

    base: str
    tone: int | None
    start: int = 0
    end: int = 0
    joined: bool = False


@dataclass(frozen=True, slots=True)
class _Spelled:
    entry: Entry
    tag: str
    tones: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class _Covered:
    """What the units `first` to `last` (exclusive) say."""

    first: int
    last: int
    expansions: list[Expansion]


@dataclass(frozen=True, slots=True)
class System:
    """A way to write Chinese in Latin letters: `table` names the file of its syllables, `canonical` is its one form."""

    table: str
    canonical: Callable[[str], str]


class SiniticEntries:
    """The entries of packs of one romanisation, by their letters without tones; made once for the packs."""

    def __init__(self, packs: Sequence[Pack], system: System) -> None:
        self.system = system
        self._entries: dict[str, list[_Spelled]] = {}
        for pack in packs:
            for entry in pack.lexicon:
                for spelling in entry.romanised:
                    self._add(entry, pack.tag, spelling)

    def __bool__(self) -> bool:
        return bool(self._entries)

    def find(self, text: str, words: HanSounds | None) -> tuple[list[Expansion], float]:
        """The expansions of `text`, and how much of its Latin letters they cover (0 to 1). `words`: those of the documents."""
        units = list(self.units(text))
        found: list[_Covered] = []
        place = 0
        while place < len(units):
            together = _together(text, units, place)
            here = [*self._entry_at(units, place, together), *_word_at(units, place, together, words)]
            found += here
            place = max((each.last for each in here), default=place + 1)
        covered = {place for each in found for place in range(each.first, each.last)}
        letters = sum(len(unit.base) for unit in units)
        share = sum(len(units[place].base) for place in covered) / letters if letters else 0.0
        sure = _is_marked(text) or share >= _LEAST_COVERED or _fits(units, found)
        mixed = bool(_HAN.search(text))
        kept = [
            expansion
            for each in found
            if sure or (mixed and (each.last - each.first > 1 or len(units[each.first].base) > LONGEST // 2))
            for expansion in each.expansions
        ]
        return kept, share

    def _entry_at(self, units: Sequence[Syllables], place: int, together: int) -> Iterator[_Covered]:
        """The longest entry that begins at a unit."""
        for length in range(min(LONGEST, together), 0, -1):
            if expansions := self._at(units[place : place + length]):
                if length == 1 and _is_part(units, place):
                    expansions = [replace(each, weight=round(_PART * each.weight, 3)) for each in expansions]
                yield _Covered(place, place + length, expansions)
                return

    def units(self, text: str) -> Iterator[Syllables]:
        for match in _UNIT.finditer(text):
            base, tone = _parted(match.group())
            joined = text[match.end() : match.end() + 1] in _HYPHENS
            yield Syllables(self.system.canonical(base), tone, match.start(), match.end(), joined)

    def _at(self, units: Sequence[Syllables]) -> list[Expansion]:
        spelled = self._entries.get("".join(unit.base for unit in units))
        if not spelled:
            return []
        tones = tuple(unit.tone for unit in units)
        weights: dict[int, tuple[float, _Spelled]] = {}
        for each in spelled:
            weight = _agreement(tones, each.tones)
            if weight > weights.get(id(each.entry), (0.0, each))[0]:
                weights[id(each.entry)] = weight, each
        best = max(weight for weight, _ in weights.values())
        if best <= _OTHER_TONE and len(units) == 1:
            return []
        kept = sorted((pair for pair in weights.values() if pair[0] == best), key=lambda pair: -pair[1].entry.sense)
        share = 1 / min(len(kept), _MOST_ENTRIES) ** 0.5
        return [
            Expansion(
                units[0].start,
                units[-1].end,
                _terms(each.entry),
                round(weight * share * each.entry.sense, 3),
                KIND,
                each.tag,
            )
            for weight, each in kept[:_MOST_ENTRIES]
        ]

    def _add(self, entry: Entry, tag: str, spelling: str) -> None:
        units = list(self.units(unicodedata.normalize("NFD", spelling)))
        tones = tuple(unit.tone for unit in units)
        found = self._entries.setdefault("".join(unit.base for unit in units), [])
        if units and not any(each.entry is entry and each.tones == tones for each in found):
            found.append(_Spelled(entry, tag, tones))


def _word_at(units: Sequence[Syllables], place: int, together: int, words: HanSounds | None) -> Iterator[_Covered]:
    """The longest word of the documents that is read as the units from `place` on."""
    for length in range(min(LONGEST_WORD, together), 1, -1) if words else ():
        part = units[place : place + length]
        if alike := words.alike("".join(unit.base for unit in part)) if words else []:
            weight = _READ_ALIKE if length > 2 else _READ_ALIKE_SHORT
            expansion = Expansion(part[0].start, part[-1].end, tuple(alike), weight, KIND, "readings")
            yield _Covered(place, place + length, [expansion])
            return


def _fits(units: Sequence[Syllables], found: Sequence[_Covered]) -> bool:
    """Whether nearly all words of the text are syllables, and some of them together a word."""
    syllables = sum(_SYLLABLE.fullmatch(unit.base) is not None for unit in units)
    return syllables >= _MOSTLY * len(units) and any(each.last - each.first > 1 for each in found)


def hokkien(base: str) -> str:
    """One form for Tâi-lô and Pe̍h-ōe-jī, without tones: `chhia` and `tshia` are one, `oa` and `ua`."""
    for old, new in _FROM_POJ:
        base = base.replace(old, new)
    for pattern, new in _RHYMES:
        base = pattern.sub(new, base)
    return "".join(char for char in base if not unicodedata.combining(char))


def cantonese(base: str) -> str:
    """One form for Jyutping and what people type instead, without tones: `nei`, `lei`; `ye`, `je`."""
    plain = "".join(char for char in base if not unicodedata.combining(char))
    for pattern, new in _LOOSE_JYUTPING:
        plain = pattern.sub(new, plain)
    return plain


HOKKIEN: Final = System("tailo.txt", hokkien)
CANTONESE: Final = System("jyutping.txt", cantonese)


def from_sinitic(
    text: str, groups: Iterable[SiniticEntries], words: Mapping[System, HanSounds] | None = None
) -> list[Expansion]:
    """The expansions of the romanisation that covers most of `text`. `words`: the documents' words, by how they are read."""
    apart = unicodedata.normalize("NFD", text)
    results = [entries.find(apart, (words or {}).get(entries.system)) for entries in groups if entries]
    found = max(results, key=lambda result: result[1], default=([], 0.0))[0]
    if apart == text:
        return found
    offsets = _offsets(text)
    return [
        Expansion(offsets[each.start], offsets[each.end - 1] + 1, each.terms, each.weight, each.kind, each.source)
        for each in found
    ]


def _parted(unit: str) -> tuple[str, int | None]:
    """(letters, tone) of a unit in decomposed form."""
    lower = unit.lower()
    tone = int(lower[-1]) if lower[-1].isdecimal() else None
    letters = lower.rstrip("123456789")
    marks = [_TONE_MARKS[char] for char in letters if char in _TONE_MARKS]
    if tone is None and len(marks) == 1:
        tone = marks[0]
    return "".join(char for char in letters if char not in _TONE_MARKS), tone


def _agreement(typed: tuple[int | None, ...], written: tuple[int | None, ...]) -> float:
    if len(typed) != len(written):
        return _NO_TONE
    pairs = [(one, other) for one, other in zip(typed, written, strict=True) if one is not None and other is not None]
    if any(one != other for one, other in pairs):
        return _OTHER_TONE
    return _SAME_TONE if pairs or not any(written) else _NO_TONE


def _is_part(units: Sequence[Syllables], place: int) -> bool:
    """Whether a hyphen joins the unit to another: alone it likely means something else."""
    here = units[place]
    before = place > 0 and units[place - 1].end + 1 == here.start and units[place - 1].joined
    return here.joined or before


def _together(text: str, units: Sequence[Syllables], place: int) -> int:
    """How many units from `place` on, up to `LONGEST`, have only a space or a hyphen between them."""
    count = 1
    while count < LONGEST and place + count < len(units):
        between = text[units[place + count - 1].end : units[place + count].start]
        if between and not _BETWEEN.fullmatch(between):
            break
        count += 1
    return count


def _is_marked(text: str) -> bool:
    """Whether the tones or letters of `text` are of these romanisations and hardly of another language."""
    strong = len(_STRONG.findall(text))
    marked = len(_MARKED.findall(text))
    return strong >= 2 or (strong >= 1 and marked >= 1)


def _terms(entry: Entry) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*entry.terms, *entry.forms[:_MOST_FORMS])))


def _offsets(text: str) -> list[int]:
    """For each character of the decomposed text, the offset in `text` of the character it came from."""
    return [place for place, char in enumerate(text) for _ in unicodedata.normalize("NFD", char)]
