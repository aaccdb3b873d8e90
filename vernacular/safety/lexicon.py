"""Finding the terms of all word lists in a text, in one pass over its words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import regex

from vernacular.safety.folding import UNSPACED, Folded, View, fold_term
from vernacular.types import Span

_START: Final = regex.compile(rf"(?<=^|[ \n{UNSPACED}])[^ \n]|[{UNSPACED}]")
_OWN_WORD: Final = regex.compile(rf"[{UNSPACED}]")
_ARABIC: Final = regex.compile(r"[\u0621-\u064a]")
_CLITICS: Final = ("و", "ف", "ب", "ك", "ل", "س", "ال", "لل", "وال", "بال", "فال", "كال", "وب", "ول", "وس", "هال", "عال")
"""What Arabic writes together with the word after it."""
_KEY: Final = 3
_SPELT_AT_LEAST: Final = 4
"""Letters of a term that is looked for in the middle of text that was spelt out."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A term of the list `slot` at `span` of the original, and at start:end of the first view, in which distances count."""

    slot: str
    span: Span
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Entry:
    term: str
    open: bool
    slots: tuple[str, ...]


class Lexicon:
    """`slots`: the terms of each list; a term that ends in `*` also stands for longer words."""

    def __init__(self, slots: Mapping[str, Iterable[str]]) -> None:
        terms: dict[tuple[str, bool], list[str]] = {}
        for slot, listed in slots.items():
            for term in listed:
                folded = fold_term(term.rstrip("*"))
                if folded:
                    terms.setdefault((folded, term.endswith("*")), []).append(slot)
        self._index: tuple[dict[str, list[_Entry]], ...] = ({}, {}, {})
        for (term, is_open), owners in terms.items():
            key = term[:_KEY]
            entry = _Entry(term, is_open, tuple(dict.fromkeys(owners)))
            self._index[len(key) - 1].setdefault(key, []).append(entry)

    def find(self, folded: Folded) -> list[Occurrence]:
        """Every occurrence in any view, by its place."""
        origins = folded.views[0].origins
        places = {origin: at for at, origin in reversed(list(enumerate(origins)))}
        found: dict[tuple[str, int, int], Occurrence] = {}
        for view in folded.views:
            for slot, start, end in self._in_view(view):
                span = view.span(start, end, folded.original)
                first = places.get(view.origins[start])
                last = places.get(view.origins[end - 1])
                if first is None or last is None:
                    first, last = _nearest(origins, view.origins[start]), _nearest(origins, view.origins[end - 1])
                found.setdefault((slot, span.start, span.end), Occurrence(slot, span, first, last + 1))
        return sorted(found.values(), key=lambda each: (each.start, -each.end))

    def _in_view(self, view: View) -> Iterator[tuple[str, int, int]]:
        text = view.text
        for start in range(len(text)) if view.anywhere else _starts(text):
            for length, entries in zip((1, 2, 3), self._index, strict=True):
                for entry in entries.get(text[start : start + length], ()):
                    end = start + len(entry.term)
                    if not text.startswith(entry.term, start):
                        continue
                    if view.anywhere:
                        if len(entry.term) < _SPELT_AT_LEAST:
                            continue
                    elif not (entry.open or _ends_word(text, end)):
                        continue
                    for slot in entry.slots:
                        yield slot, start, end


def _starts(text: str) -> Iterator[int]:
    for found in _START.finditer(text):
        start = found.start()
        yield start
        if _ARABIC.match(text, start):
            for clitic in _CLITICS:
                if text.startswith(clitic, start) and _ARABIC.match(text, start + len(clitic)):
                    yield start + len(clitic)


def _ends_word(text: str, end: int) -> bool:
    if end >= len(text) or text[end] in " \n":
        return True
    return _OWN_WORD.match(text, end - 1) is not None or _OWN_WORD.match(text, end) is not None


def _nearest(origins: Iterable[int], origin: int) -> int:
    at = 0
    for place, each in enumerate(origins):
        if each > origin:
            break
        at = place
    return at
