"""The letters on a page of a PDF and where they stand, in the order in which they are read."""

from __future__ import annotations

import ctypes
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium

_MOST: Final = 40_000
_RIGHT_TO_LEFT: Final = ("R", "AL")
_SAME_LINE: Final = 0.5
_SEGMENT_GAP: Final = 1.6
# A lam and an alef that form a ligature come back in either order: taken for one letter, their order tells nothing.
_ALIKE: Final = str.maketrans("ل", "ا", "ـ")


@dataclass(frozen=True, slots=True)
class Box:
    """In points, from the bottom left of the page."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Letter:
    """`key`: what of the letter a comparison sees; never empty. `line`: the height of the line that it stands on."""

    key: str
    box: Box
    line: float


@lru_cache(maxsize=4096)
def key_of(character: str) -> str:
    """The letters and digits in a character, whatever their case, width, accents and ligatures; "" for all others."""
    plain = unicodedata.normalize("NFKD", character).casefold()
    return "".join(each for each in plain if unicodedata.category(each)[0] in "LN").translate(_ALIKE)


def folded(text: str) -> str:
    return "".join(map(key_of, text))


def read_letters(page: pypdfium2.PdfPage) -> list[Letter]:
    """In the order in which the file draws them; pages in Arabic or Hebrew by where they stand."""
    textpage = page.get_textpage()
    try:
        found = _as_drawn(textpage.raw)
    finally:
        textpage.close()
    right_to_left = sum(map(_is_right_to_left, found))
    return _by_place(found) if right_to_left > 0.3 * len(found) else found


def _as_drawn(textpage: object) -> list[Letter]:
    found: list[Letter] = []
    for index in range(min(pdfium.FPDFText_CountChars(textpage), _MOST)):
        code = pdfium.FPDFText_GetUnicode(textpage, index)
        key = "" if 0xD800 <= code < 0xE000 else key_of(chr(code))
        place = _place(textpage, index) if key else None
        if place is not None:
            found.append(Letter(key, *place))
    return found


def _place(textpage: object, index: int) -> tuple[Box, float] | None:
    """The box of a glyph, as wide as the glyph and as high as its line, and its baseline."""
    loose = pdfium.FS_RECTF()
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    if not pdfium.FPDFText_GetLooseCharBox(textpage, index, ctypes.byref(loose)):
        return None
    pdfium.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
    pdfium.FPDFText_GetCharOrigin(textpage, index, x, y)
    wide = right.value > left.value
    box = Box(
        min(left.value, loose.left) if wide else loose.left, loose.bottom,
        max(right.value, loose.right) if wide else loose.right, loose.top,
    )  # fmt: skip
    return box, y.value


def _is_right_to_left(letter: Letter) -> bool:
    return unicodedata.bidirectional(letter.key[0]) in _RIGHT_TO_LEFT


def _by_place(letters: list[Letter]) -> list[Letter]:
    """Lines from the top, each from the right; numbers and Latin words in them from the left."""
    lines: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda each: -each.line):
        for line in lines[-6:]:
            if abs(line[0].line - letter.line) < _SAME_LINE * min(line[0].box.height, letter.box.height):
                line.append(letter)
                break
        else:
            lines.append([letter])
    return [letter for line in lines for letter in _as_read(line)]


def _as_read(line: list[Letter]) -> list[Letter]:
    read: list[Letter] = []
    run: list[Letter] = []
    for letter in sorted(line, key=lambda each: -(each.box.left + each.box.right)):
        wide = run and run[-1].box.left - letter.box.right > _SEGMENT_GAP * letter.box.height
        if _is_right_to_left(letter) or wide:
            read += run[::-1]
            run = []
        if _is_right_to_left(letter):
            read.append(letter)
        else:
            run.append(letter)
    return read + run[::-1]
