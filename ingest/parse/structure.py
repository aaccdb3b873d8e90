"""Where the headings and tables of a Markdown-like text stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vernacular.types import Heading, Span

_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_ATX = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r"[ ]{0,3}(=+|-{2,})[ \t]*$")
_ROW = re.compile(r"[ ]{0,3}\|.*\|[ \t]*$")
_BLOCK_START = re.compile(r"[ ]{0,3}(?:[-*+>|#]|\d+[.)]\s)|[ ]{4}|\t")


def find_structure(text: str) -> tuple[tuple[Heading, ...], tuple[Span, ...]]:
    """Markdown headings (ATX and setext, outside code fences) and tables (two or more lines between bars)."""
    headings: list[Heading] = []
    tables: list[Span] = []
    table: list[tuple[int, int]] = []
    previous: tuple[int, int] | None = None
    for start, line in _prose_lines(text):
        if _ROW.match(line):
            table.append((start, start + len(line)))
            previous = None
            continue
        _close(table, tables)
        previous = _heading(start, line, previous, text, headings)
    _close(table, tables)
    return tuple(headings), tuple(tables)


def _prose_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines and their offsets; a fenced block of code comes as one blank line."""
    fence, start = "", 0
    for raw in text.splitlines(keepends=True):
        line = raw.rstrip("\n")
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif mark:
            fence = mark[1]
            yield start, ""
        else:
            yield start, line
        start += len(raw)


def _heading(
    start: int, line: str, previous: tuple[int, int] | None, text: str, headings: list[Heading]
) -> tuple[int, int] | None:
    """Adds the heading that `line` is or underlines; gives the span that a following line could underline."""
    atx = _ATX.match(line)
    if atx:
        if atx[2]:
            headings.append(Heading(len(atx[1]), start + atx.start(2), start + atx.end(2)))
        return None
    setext = _SETEXT.match(line)
    if setext and previous:
        headings.append(Heading(1 if setext[1][0] == "=" else 2, *previous))
        return None
    if not line.strip() or _BLOCK_START.match(line):
        return None
    # A paragraph of several lines is no heading, whatever line stands under it.
    follows_text = start > 1 and text[start - 2] != "\n" and previous is None and bool(text[:start].strip())
    lead = len(line) - len(line.lstrip())
    if previous is None and not follows_text:
        return start + lead, start + len(line.rstrip())
    return None


def _close(table: list[tuple[int, int]], tables: list[Span]) -> None:
    if len(table) > 1:
        tables.append(Span(table[0][0], table[-1][1]))
    table.clear()
