"""Where the headings and tables of a Markdown-like text stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vernacular.types import Heading, Span

_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_ATX = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r"[ ]{0,3}(=+|-{2,})[ \t]*$")
_MAX_HEADING_LINE = 500
_ROW = re.compile(r"[ ]{0,3}\|.*\|[ \t]*$")
_BLOCK_START = re.compile(r"[ ]{0,3}(?:[-*+>|#]|\d+[.)]\s)|[ ]{4}|\t")


def find_structure(text: str) -> tuple[tuple[Heading, ...], tuple[Span, ...]]:
    """Markdown headings (ATX and setext, outside code fences) and tables (two or more lines between bars)."""
    headings: list[Heading] = []
    tables: list[Span] = []
    table: list[tuple[int, int]] = []
    paragraph: list[tuple[int, int]] = []
    for start, line in _prose_lines(text):
        if _ROW.match(line):
            table.append((start, start + len(line)))
            paragraph.clear()
            continue
        _close(table, tables)
        heading = _atx(start, line) or _setext(line, paragraph)
        if heading:
            headings.append(heading)
        if heading or not line.strip():
            paragraph.clear()
        else:
            lead = len(line) - len(line.lstrip())
            paragraph.append((start + lead, start + len(line.rstrip())) if not _BLOCK_START.match(line) else (-1, -1))
    _close(table, tables)
    return tuple(headings), tuple(tables)


def _prose_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines and their offsets; a fenced block of code comes as one blank line."""
    fence, start = "", 0
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif mark:
            fence = mark[1]
            yield start, ""
        else:
            yield start, line
        start += len(line) + 1


def _atx(start: int, line: str) -> Heading | None:
    match = _ATX.match(line) if len(line) <= _MAX_HEADING_LINE else None
    return Heading(len(match[1]), start + match.start(2), start + match.end(2)) if match and match[2] else None


def _setext(line: str, paragraph: list[tuple[int, int]]) -> Heading | None:
    """The heading that `line` underlines: a paragraph of one plain line."""
    match = _SETEXT.match(line)
    if match and len(paragraph) == 1 and paragraph[0][0] >= 0:
        return Heading(1 if match[1][0] == "=" else 2, *paragraph[0])
    return None


def _close(table: list[tuple[int, int]], tables: list[Span]) -> None:
    if len(table) > 1:
        tables.append(Span(table[0][0], table[-1][1]))
    table.clear()
