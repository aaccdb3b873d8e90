"""A document's text as it reads: its headings as headings, its tables as tables. Text stays text: no links, no images, no markup of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

Span = tuple[int, int]
Piece = Callable[[int, int], str]
"""The HTML of a stretch of the text, escaped, with what is marked in it."""

_HEADING: Final = re.compile(r"#{1,6}[ \t]+(?=\S)")
_ROW: Final = re.compile(r"[ \t]*\|.*\|[ \t]*$")
_RULE: Final = re.compile(r"[ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*$")
_CELL_END: Final = re.compile(r"(?<!\\)\|")
# Within a sentence a row stands between quotation marks, or between a line's beginning and the answer's marker.
_ROW_BEGIN: Final = re.compile(r"(^[ \t]*|[“”„\"‘'「『\ue0f0]|«\s?)\|[ \t]*(?=\S)")
_ROW_END: Final = re.compile(r"[ \t]*(?<!\\)\|(?=[“”\"’'」』\ue0f1]|\s?»|[ \t]*$|[ \t]*\[\d)")
_BETWEEN_CELLS: Final = re.compile(r"(?:[ \t]*(?<!\\)\|)+[ \t]*")
_HEADING_SIGN: Final = re.compile(r"\s*((?:<mark>)?)#{1,6}[ \t]+")


def reading_html(text: str, first: int, last: int, piece: Piece) -> str:
    """The stretch `first:last` of `text`, in code points. Every character of it goes through `piece`, but for signs of headings and tables."""
    lines = list(_lines(text, first, last))
    shown, at = "", 0
    while at < len(lines):
        start, end = lines[at]
        if _ROW.match(text[start:end]):
            rows = at + 1
            while rows < len(lines) and _ROW.match(text[slice(*lines[rows])]):
                rows += 1
            shown += _table(text, lines[at:rows], piece)
            at = rows
            continue
        if sign := _HEADING.match(text[start:end]):
            shown += f'<strong class="vn-document-heading">{piece(start + sign.end(), end)}</strong>'
        else:
            shown += piece(start, end)
        at += 1
        shown += "\n" if at < len(lines) else ""
    return shown


def rows_as_read(text: str) -> str:
    """Of an answer's paragraph: the cells of rows that it quotes parted by a dot, without what draws a table. Other text stays as it is."""
    lines = (line for line in text.split("\n") if not _RULE.match(line))
    return "\n".join(_parted(line) if _ROW_BEGIN.search(line) else line for line in lines)


def one_line(shown: str) -> str:
    """Of a text, or of escaped HTML with marks in it: all in one line, without the signs of headings and tables."""
    lines = []
    for line in shown.splitlines():
        if _RULE.match(line):
            continue
        if line.lstrip().startswith("|"):
            lines.append(" · ".join(filter(None, (cell.strip() for cell in _CELL_END.split(line)))))
        else:
            lines.append(_HEADING_SIGN.sub(r"\1", line, count=1) if _HEADING_SIGN.match(line) else line)
    return " ".join(" ".join(lines).split())


def _parted(line: str) -> str:
    bare = _ROW_END.sub("", _ROW_BEGIN.sub(r"\1", line))
    return _BETWEEN_CELLS.sub(" · ", bare).replace("\\|", "|")


def _lines(text: str, first: int, last: int) -> Iterator[Span]:
    while first < last:
        end = text.find("\n", first, last)
        end = last if end < 0 else end
        yield first, end
        first = end + 1


def _table(text: str, lines: list[Span], piece: Piece) -> str:
    heads = len(lines) > 1 and _RULE.match(text[slice(*lines[1])])
    shown = ""
    for number, (start, end) in enumerate(lines):
        if _RULE.match(text[start:end]):
            continue
        name, scope = ("th", ' scope="col"') if heads and number == 0 else ("td", "")
        cells = (f"<{name}{scope}>{piece(*cell)}</{name}>" for cell in _cells(text, start, end))
        shown += f"<tr>{''.join(cells)}</tr>"
    return f'<table class="vn-document-table">{shown}</table>'


def _cells(text: str, start: int, end: int) -> Iterator[Span]:
    bars = [match.start() for match in _CELL_END.finditer(text, start, end)]
    for left, right in pairwise(bars):
        inner = text[left + 1 : right]
        begin = left + 1 + len(inner) - len(inner.lstrip())
        yield begin, max(begin, right - (len(inner) - len(inner.rstrip())))
