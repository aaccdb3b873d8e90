"""Longest match of lexicon forms in a question, for scripts with and without spaces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import regex

from vernacular.dialects.fold import Folded, fold, fold_all

Value = TypeVar("Value")

LONGEST: Final = 40
"""Characters of a form; a dictionary's whole sentences are no words."""
UNSPACED: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]")
_LETTER: Final = regex.compile(r"[\p{L}\p{M}\p{N}]")
_ARABIC: Final = regex.compile(r"\p{Arabic}")
_GAP: Final = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
_PROCLITICS: Final = frozenset("و ف ب ل ك ال وال بال فال كال لل ولل ه ح ع عال هال فل بل".split())  # noqa: SIM905
_ENCLITICS: Final = frozenset("ي ك ه ها نا كم كن هم هن و ش".split())  # noqa: SIM905
_PLURALS: Final = frozenset({"s", "es"})
_WORTH_PEELING: Final = 3
_ALONE, _PARTED = 2, 1
_SINGLE: Final = (1,)
_LONGEST_CLITIC: Final = max(map(len, (*_PROCLITICS, *_ENCLITICS, *_PLURALS)))
_FEMININE: Final = "ة"


@dataclass(frozen=True, slots=True)
class Match(Generic[Value]):
    """`values` are those of the form that stands at start:end of the text that was searched."""

    start: int
    end: int
    values: tuple[Value, ...]
    bare: bool = True
    """Whether the form stands there by itself, without a clitic or an ending."""


class Lookup(Generic[Value]):
    """Forms and what they stand for. In scripts with spaces a form matches whole words, Arabic ones also with clitics."""

    def __init__(self, entries: Iterable[tuple[str, Value]]) -> None:
        values: dict[str, list[Value]] = {}
        lengths: dict[str, set[int]] = {}
        pairs = list(entries)
        for folded, (_form, value) in zip(fold_all([form for form, _ in pairs]), pairs, strict=True):
            key = _GAP.sub(" ", folded).strip()
            if key and len(key) <= LONGEST:
                values.setdefault(key, []).append(value)
                lengths.setdefault(key[:2], set()).add(len(key))
        self._values: dict[str, tuple[Value, ...]] = {key: tuple(found) for key, found in values.items()}
        self._lengths = {first: (*sorted(found - {1}, reverse=True), 1) for first, found in lengths.items()}

    def __len__(self) -> int:
        return len(self._values)

    def get(self, form: str) -> Sequence[Value]:
        """What a form stands for, written in any way that folds to it."""
        return self._values.get(_key(form), ())

    def scan(self, text: str, wanted: Callable[[Value], bool] = lambda _value: True) -> Iterator[Match[Value]]:
        """The longest forms in `text` that have `wanted` values, from left to right, without overlaps."""
        folded = _spaced(fold(text))
        place, end = 0, len(folded.text)
        while place < end:
            found = self._at(folded, text, place, wanted)
            if found is None:
                place += 1
                continue
            length, match = found
            yield match
            place += length

    def _at(
        self, folded: Folded, original: str, place: int, wanted: Callable[[Value], bool]
    ) -> tuple[int, Match[Value]] | None:
        text = folded.text
        for length in self._lengths.get(text[place : place + 2], _SINGLE):
            end = place + length
            held = self._values.get(text[place:end]) if end <= len(text) else None
            if held is None or not (stands := _stands(text, place, end)):
                continue
            if stands == _PARTED and end < len(text) and original[folded.origins[end]] == _FEMININE:
                continue  # folded it looks like the pronoun `his`, and would make of a word another one's `his`
            if values := tuple(value for value in held if wanted(value)):
                return length, Match(*folded.span(place, end), values, stands == _ALONE)
        return None


def _key(form: str) -> str:
    return _GAP.sub(" ", fold(form).text).strip()


def _spaced(folded: Folded) -> Folded:
    """With every run of what is no letter as one space."""
    pieces: list[str] = []
    origins: list[int] = []
    last = 0
    for gap in _GAP.finditer(folded.text):
        pieces.append(folded.text[last : gap.start()] + " ")
        origins.extend(folded.origins[last : gap.start() + 1])
        last = gap.end()
    pieces.append(folded.text[last:])
    origins.extend(folded.origins[last:])
    return Folded("".join(pieces), tuple(origins))


def _stands(text: str, start: int, end: int) -> int:
    """Whether text[start:end] begins and ends where words do, or with clitics or an ending around it, or does not (0)."""
    peel = end - start >= _WORTH_PEELING
    before = "" if UNSPACED.match(text[start]) else _run_before(text, start)
    if before and not (peel and before in _PROCLITICS):
        return 0
    after = "" if UNSPACED.match(text[end - 1]) else _run_after(text, end)
    if after and not (peel and after in (_ENCLITICS if _ARABIC.match(after) else _PLURALS)):
        return 0
    return _PARTED if before or after else _ALONE


def _run_before(text: str, start: int) -> str:
    """The letters that join it, no more of them than tell that they are no clitic."""
    place = start
    while place and start - place <= _LONGEST_CLITIC and _joins(text[place - 1]):
        place -= 1
    return text[place:start]


def _run_after(text: str, end: int) -> str:
    place = end
    while place < len(text) and place - end <= _LONGEST_CLITIC and _joins(text[place]):
        place += 1
    return text[end:place]


def _joins(char: str) -> bool:
    return char != " " and _LETTER.match(char) is not None and UNSPACED.match(char) is None
