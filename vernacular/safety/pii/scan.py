"""Finding personal data in a text as people write it: any digits, with spaces, dashes and invisible characters in between."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import regex

from vernacular.safety.folding import Folded
from vernacular.safety.pii.contacts import EMAIL, phones
from vernacular.safety.pii.kinds import Kind, kinds
from vernacular.types import Span

NEAR: Final = 40
"""Characters before a number in which a word may say what it is."""
LONGEST: Final = 120
"""Characters of folded text that one piece of personal data takes at most."""
_FEWEST_DIGITS: Final = 6
_DIGIT: Final = regex.compile(r"[0-9]")
_KEPT: Final = regex.compile(r"[^0-9a-zñ&<@]")
_DASHES: Final = str.maketrans("‐‑‒–—―−﹣－：", "---------:")


@dataclass(frozen=True, slots=True)
class Personal:
    """`value` is what stands at `span`, folded and without gaps."""

    kind: str
    span: Span
    value: str


def find_personal(folded: Folded, types: Collection[str]) -> list[Personal]:
    """Personal data of these kinds, in the order of the text; where two overlap, the surer."""
    text = folded.plain.translate(_DASHES)
    found: list[tuple[str, int, int]] = []
    if "email" in types and ("@" in text or "at" in text or "arroba" in text):
        found += [("email", *each.span()) for each in EMAIL.finditer(text)]
    if _has_digits(text):
        for kind in kinds().values():
            if kind.id in types:
                found += [(kind.id, start, end) for start, end in _of_kind(kind, text) if _is_free(found, start, end)]
        if "phone" in types:
            found += [("phone", start, end) for start, end in phones(text) if _is_free(found, start, end)]
    found.sort(key=lambda each: each[1])
    view = folded.origins
    return [
        Personal(kind, Span(view[start], _end(folded, end)), compact(text[start:end])) for kind, start, end in found
    ]


def compact(text: str) -> str:
    """A folded value without its gaps."""
    return _KEPT.sub("", text)


def _of_kind(kind: Kind, text: str) -> Iterator[tuple[int, int]]:
    for each in kind.pattern.finditer(text, overlapped=False):
        if kind.valid(compact(each.group())) and (not kind.near or _is_near(kind.near, text, each.start())):
            yield each.span()


def _is_near(words: tuple[str, ...], text: str, start: int) -> bool:
    before = text[max(0, start - NEAR) : start]
    return any(word in before for word in words)


def _is_free(found: list[tuple[str, int, int]], start: int, end: int) -> bool:
    return not any(start < other_end and other_start < end for _, other_start, other_end in found)


def _has_digits(text: str) -> bool:
    return any(count >= _FEWEST_DIGITS for count, _ in enumerate(_DIGIT.finditer(text), 1))


def _end(folded: Folded, end: int) -> int:
    return folded.origins[end - 1] + 1
