"""Telling whether a text quotes a document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_LENGTH: Final = 24
_STRIDE: Final = 12


class Quoted:
    """What a document says, to be found in other texts: whatever repeats 36 characters of it in a row, spaces aside, or a whole
    short line. Built in the document's length, asked in the text's."""

    def __init__(self, texts: Iterable[str]) -> None:
        plain = [_plain(text) for text in texts]
        self._pieces = {
            text[start : start + _LENGTH] for text in plain for start in range(0, len(text) - _LENGTH + 1, _STRIDE)
        }
        self._whole = [text for text in plain if _LENGTH // 2 <= len(text) < _LENGTH + _STRIDE]

    def is_in(self, text: str) -> bool:
        held = _plain(text)
        if any(whole in held for whole in self._whole):
            return True
        return any(held[start : start + _LENGTH] in self._pieces for start in range(len(held) - _LENGTH + 1))


def _plain(text: str) -> str:
    return "".join(text.split())
