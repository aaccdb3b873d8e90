"""Lines of a page read left to right, in the order in which the file draws them."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from statistics import median

import pypdfium2
import pypdfium2.raw as pdfium

# In heights of a line: a gap this wide between two glyphs is a space, and one this wide starts another cell.
_SPACE_GAP = 0.2
_CELL_GAP = 1.3
_SAME_LINE = 0.5
_HYPHENS = ("\x02", "\ufffe", "\u00ad")


@dataclass(slots=True)
class Line:
    """One line as cells (more than one where wide gaps stand between), with its box in points from the bottom left."""

    cells: list[str]
    left: float
    bottom: float
    right: float
    top: float
    size: float
    ends_with_space: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.cells)


@dataclass(slots=True)
class _Run:
    """A line in the making."""

    left: float
    bottom: float
    right: float
    top: float
    cells: list[str] = field(default_factory=lambda: [""])
    heights: list[float] = field(default_factory=list)
    gap: bool = False

    def add(self, letter: str, left: float, bottom: float, right: float, top: float) -> None:
        height = top - bottom
        distance = left - self.right
        if self.cells[-1] and distance > _CELL_GAP * height:
            self.cells.append("")
        elif self.cells[-1] and (self.gap or distance > _SPACE_GAP * height):
            self.cells[-1] += " "
        self.cells[-1] += letter
        self.gap = False
        self.left, self.right = min(self.left, left), max(self.right, right)
        # Superscripts and accents must not stretch the line they stand on.
        if not self.heights or height >= 0.8 * self.heights[0]:
            self.bottom, self.top = min(self.bottom, bottom), max(self.top, top)
        self.heights.append(height)

    def holds(self, left: float, bottom: float, top: float) -> bool:
        height = max(top - bottom, self.top - self.bottom)
        apart = abs((top + bottom) - (self.top + self.bottom)) / 2
        return apart < _SAME_LINE * height and left > self.right - 1.5 * height

    def line(self) -> Line:
        cells = [" ".join(cell.split()) for cell in self.cells]
        size = median(self.heights)
        return Line([c for c in cells if c], self.left, self.bottom, self.right, self.top, size, self.gap)


def read_lines(page: pypdfium2.PdfPage) -> list[Line]:
    """The lines of `page`. PDFium's own line breaks are not used: they glue table cells together."""
    textpage = page.get_textpage()
    try:
        lines = _read(textpage)
        lonely = sum(len(line.text) < 2 for line in lines)
        if len(lines) > 8 and lonely > len(lines) // 2:  # text set sideways: boxes say nothing about its lines
            return _plain_lines(textpage, page.get_height())
        return lines
    finally:
        textpage.close()


def _read(textpage: pypdfium2.PdfTextPage) -> list[Line]:
    raw, box = textpage.raw, pdfium.FS_RECTF()
    reference = ctypes.byref(box)
    runs: list[_Run] = []
    for index in range(pdfium.FPDFText_CountChars(raw)):
        code = pdfium.FPDFText_GetUnicode(raw, index)
        if code in (0, 10, 13) or 0xD800 <= code < 0xE000:
            continue
        letter = chr(code)
        if letter.isspace():
            if runs:
                runs[-1].gap = True
            continue
        if not pdfium.FPDFText_GetLooseCharBox(raw, index, reference):
            continue
        left, bottom, right, top = box.left, box.bottom, box.right, box.top
        if letter in _HYPHENS:
            letter = "-"
        if not runs or not runs[-1].holds(left, bottom, top):
            runs.append(_Run(left, bottom, left, top))
        runs[-1].add(letter, left, bottom, right, top)
    return [line for run in runs if (line := run.line()).cells]


def _plain_lines(textpage: pypdfium2.PdfTextPage, height: float) -> list[Line]:
    text: str = textpage.get_text_bounded()
    rows = [" ".join(row.split()) for row in text.splitlines()]
    return [
        Line([row], 0, height - 12 * (at + 1), 6.0 * len(row), height - 12 * at, 12)
        for at, row in enumerate(rows)
        if row
    ]
