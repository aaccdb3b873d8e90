"""Pages in Arabic, Persian, Urdu or Hebrew: logical order from where the glyphs stand.

PDF files keep such text in the order it is painted, often reversed and with ligatures taken apart wrongly. Positions
are the only thing all of them get right, so lines are rebuilt from glyph boxes alone.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from dataclasses import dataclass, field
from itertools import pairwise

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.parse.pdf.lines import Line

# In font sizes: the narrowest gap that is a space, the widest one within a segment, the play of a baseline.
_SPACE_GAP = 0.15
_SEGMENT_GAP = 1.6
_BASELINE = 0.35
_ALEFS = "اأإآ"
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_PAIRS = ("()", "[]", "{}")
_BRACKET = re.compile(r"[()\[\]{}]")
_OPENING = {")": "(", "]": "[", "}": "{"}
_RIGHT_TO_LEFT = ("R", "AL")
_LATIN_BEFORE_ARABIC = re.compile("(?<=[A-Za-z])(?=[\u0620-\u06ff])")  # the gap here is often lost to side bearings
_LEFT_TO_RIGHT = ("L", "EN", "AN")


@dataclass(slots=True)
class _Glyph:
    text: str
    left: float
    right: float
    x: float
    y: float
    size: float
    marks: list[str] = field(default_factory=list)

    @property
    def centre(self) -> float:
        return (self.left + self.right) / 2

    @property
    def is_mark(self) -> bool:
        return len(self.text) == 1 and unicodedata.combining(self.text) > 0


@dataclass(slots=True)
class _Segment:
    """Glyphs of one baseline without a wide gap between them, left to right."""

    glyphs: list[_Glyph]
    left: float
    right: float
    y: float
    size: float


def is_right_to_left(text: str) -> bool:
    """More than 30 % of the letters are of a right-to-left script."""
    letters = [letter for letter in text if letter.isalpha()]
    return sum(map(_is_rtl, letters)) > 0.3 * len(letters)


def read_lines(page: pypdfium2.PdfPage) -> list[Line]:
    """The page's lines in reading order; segments of one baseline are the cells of one line, first cell rightmost."""
    lines: list[Line] = []
    for segment in _in_reading_order(_segments(_glyphs(page))):
        text = _logical(segment.glyphs)
        if not text:
            continue
        if lines and abs(lines[-1].bottom - segment.y) < 3 and segment.right <= lines[-1].left:
            lines[-1].cells.append(text)
            lines[-1].left = segment.left
        else:
            top = segment.y + segment.size
            lines.append(Line([text], segment.left, segment.y, segment.right, top, segment.size))
    return lines


def _is_rtl(letter: str) -> bool:
    return unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT


def _glyphs(page: pypdfium2.PdfPage) -> list[_Glyph]:
    textpage = page.get_textpage()
    try:
        glyphs: list[_Glyph] = []
        for index in range(pdfium.FPDFText_CountChars(textpage.raw)):
            glyph = _glyph(textpage.raw, index)
            if glyph is None:
                continue
            if glyphs and _same_place(glyphs[-1], glyph):
                glyphs[-1].text += glyph.text  # a ligature: several letters, one glyph
            else:
                glyphs.append(glyph)
    finally:
        textpage.close()
    for glyph in glyphs:
        glyph.text = _ligature(glyph.text)
    return glyphs


def _glyph(textpage: object, index: int) -> _Glyph | None:
    code = pdfium.FPDFText_GetUnicode(textpage, index)
    if code in (0, 2, 10, 13, 0xFFFE) or 0xD800 <= code < 0xE000 or pdfium.FPDFText_IsGenerated(textpage, index) == 1:
        return None
    letter = chr(code)
    if letter.isspace():  # painted spaces lie anywhere; gaps tell where words end
        return None
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    if not pdfium.FPDFText_GetCharBox(textpage, index, left, right, bottom, top):
        return None
    pdfium.FPDFText_GetCharOrigin(textpage, index, x, y)
    loose, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    pdfium.FPDFText_GetLooseCharBox(textpage, index, loose)
    size = pdfium.FPDFText_GetFontSize(textpage, index)
    if pdfium.FPDFText_GetMatrix(textpage, index, matrix):
        size = abs(size * (matrix.d or matrix.b or 1))
    return _Glyph(letter, min(left.value, loose.left), max(right.value, loose.right), x.value, y.value, max(size, 4.0))


def _same_place(a: _Glyph, b: _Glyph) -> bool:
    return max(abs(a.x - b.x), abs(a.y - b.y), abs(a.left - b.left), abs(a.right - b.right)) < 0.01


def _ligature(text: str) -> str:
    """Lam-alef often comes back with its letters swapped."""
    swapped = len(text) > 1 and text[0] in _ALEFS and "ل" in text[1:]
    return text[::-1] if swapped and all(_is_rtl(each) or unicodedata.combining(each) for each in text) else text


def _segments(glyphs: list[_Glyph]) -> list[_Segment]:
    baselines: list[list[_Glyph]] = []
    for glyph in sorted(glyphs, key=lambda each: -each.y):
        for line in baselines[-6:]:
            if abs(line[0].y - glyph.y) < _BASELINE * max(line[0].size, glyph.size):
                line.append(glyph)
                break
        else:
            baselines.append([glyph])
    segments: list[_Segment] = []
    for line in baselines:
        line.sort(key=lambda each: each.centre)
        current = [line[0]]
        for glyph in line[1:]:
            if glyph.left - max(each.right for each in current[-3:]) > _SEGMENT_GAP * glyph.size:
                segments.append(_segment(current))
                current = []
            current.append(glyph)
        segments.append(_segment(current))
    return segments


def _segment(glyphs: list[_Glyph]) -> _Segment:
    left, right = min(each.left for each in glyphs), max(each.right for each in glyphs)
    return _Segment(glyphs, left, right, glyphs[0].y, max(each.size for each in glyphs))


def _logical(glyphs: list[_Glyph]) -> str:
    """The glyphs of one segment in the order they are read, words parted by gaps."""
    tokens = _tokens(glyphs)
    if any(_is_rtl(letter) for token in tokens for letter in token):
        tokens = _reorder(tokens[::-1])
    text = _LATIN_BEFORE_ARABIC.sub(" ", unicodedata.normalize("NFKC", "".join(tokens)))
    return _BRACKET.sub(_facing, " ".join(text.split()))


def _facing(bracket: re.Match[str]) -> str:
    """The bracket as its neighbours need it: PDFium mirrors some of those beside right-to-left text, and not others."""
    text, at = bracket.string, bracket.start()
    starts = at == 0 or text[at - 1].isspace()
    ends = at + 1 == len(text) or text[at + 1].isspace()
    if starts == ends:
        return bracket[0]
    pair = next(pair for pair in _PAIRS if bracket[0] in pair)
    return pair[0] if starts else pair[1]


def _tokens(glyphs: list[_Glyph]) -> list[str]:
    base = [glyph for glyph in glyphs if not glyph.is_mark]
    for mark in glyphs:
        if base and mark.is_mark:
            min(base, key=lambda each: abs(each.centre - mark.centre)).marks.append(mark.text)
    tokens: list[str] = []
    previous: _Glyph | None = None
    for glyph in base:
        if previous is not None and glyph.left - previous.right > _SPACE_GAP * glyph.size:
            tokens.append(" ")
        tokens.append(glyph.text + "".join(glyph.marks))
        previous = glyph
    return tokens


def _reorder(tokens: list[str]) -> list[str]:
    """Tokens from the right end of the line: numbers and Latin words among them are turned round again."""
    out: list[str] = []
    at = 0
    while at < len(tokens):
        if not _runs_left_to_right(tokens[at]) and not _closes_a_run(tokens, at):
            out.append(tokens[at].translate(_MIRRORED))
            at += 1
            continue
        last = scan = at
        while scan < len(tokens) and not any(map(_is_rtl, tokens[scan])):
            if _runs_left_to_right(tokens[scan]):
                last = scan
            scan += 1
        out += tokens[at : last + 1][::-1]
        at = last + 1
    return out


def _closes_a_run(tokens: list[str], at: int) -> bool:
    """Whether the bracket at `at` is the last character of Latin text, as in `Python (3.11)`."""
    opening = _OPENING.get(tokens[at])
    if opening is None:
        return False
    opened = False
    for token in tokens[at + 1 :]:
        if any(map(_is_rtl, token)):
            return False
        if opened and _runs_left_to_right(token):
            return True
        opened = opened or token == opening
    return False


def _runs_left_to_right(token: str) -> bool:
    kinds = {unicodedata.bidirectional(letter) for letter in token}
    return not kinds.isdisjoint(_LEFT_TO_RIGHT) and kinds.isdisjoint(_RIGHT_TO_LEFT)


def _in_reading_order(segments: list[_Segment]) -> list[_Segment]:
    """Recursive X-Y cut: columns right to left where a clear gutter parts them, else bands from the top."""
    if len(segments) < 2:
        return segments
    columns = _columns(segments)
    if columns:
        return _in_reading_order(columns[1]) + _in_reading_order(columns[0])
    rows = sorted(segments, key=lambda each: -each.y)
    gaps = [(above.y - below.y, at) for at, (above, below) in enumerate(pairwise(rows), 1)]
    gap, at = max(gaps, key=lambda each: (each[0], -each[1]))
    if gap > 1.2 * rows[0].size and len(rows) > 2:
        return _in_reading_order(rows[:at]) + _in_reading_order(rows[at:])
    return sorted(segments, key=lambda each: (-round(each.y / 3), -each.right))


def _columns(segments: list[_Segment]) -> tuple[list[_Segment], list[_Segment]] | None:
    across = sorted(segments, key=lambda each: each.left)
    reach = across[0].right
    for at, segment in enumerate(across[1:], 1):
        if segment.left > reach + 2 and _is_column(across[:at]) and _is_column(across[at:]):
            return across[:at], across[at:]
        reach = max(reach, segment.right)
    return None


def _is_column(segments: list[_Segment]) -> bool:
    """Four lines or more that fill most of their width: running text, not the cells of a table."""
    if len(segments) < 4:
        return False
    width = max(each.right for each in segments) - min(each.left for each in segments)
    return sorted(each.right - each.left for each in segments)[len(segments) // 2] >= 0.6 * width
