"""Lines to Markdown: paragraphs joined, headings by size, rows of cells as tables, running heads left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.parse.pdf.lines import Line

_HEADING_RATIO = 1.15
_MAX_HEADING = 150
_MAX_HEADING_LINES = 3
_MAX_CELL = 60
_MARGIN = 0.1
_CJK = re.compile("[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_SENTENCE_END = re.compile(r"[.!?:;。！？：；؟۔।…][\"'”’)\]」』]*$")
_BULLET = re.compile(
    r"(?:[-*•‣▪●○◦·–—■□➢✓§]|\(?\d{1,3}[.)、]|\(?[a-zA-Z][.)]|[一二三四五六七八九十]+、|第.{1,4}[条條章节節])\s*\S"
)


@dataclass(slots=True)
class _Block:
    lines: list[Line] = field(default_factory=list)
    is_table: bool = False


def render(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[str]:
    """One Markdown text a page; `heights` are the pages' heights in points."""
    kept = _without_running_heads(pages, heights)
    body = _body_size(kept)
    sizes = _heading_sizes(kept, body)
    spaced = any(line.ends_with_space for lines in kept for line in lines if _HANGUL.search(line.text[-1:]))
    return ["\n\n".join(_markdown(block, sizes, spaced) for block in _blocks(lines)) for lines in kept]


def _without_running_heads(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[list[Line]]:
    """Leaves out lines at the edge of a page that come, digits aside, on half the pages and on three at least."""
    seen: Counter[str] = Counter()
    for lines, height in zip(pages, heights, strict=True):
        seen.update({_masked(line) for line in lines if _at_edge(line, height)})
    least = max(3, len(pages) // 2)
    running = {text for text, count in seen.items() if count >= least}
    kept: list[list[Line]] = []
    for lines, height in zip(pages, heights, strict=True):
        rest = [line for line in lines if not (_at_edge(line, height) and _masked(line) in running)]
        kept.append(rest or list(lines))
    return kept


def _at_edge(line: Line, height: float) -> bool:
    return line.bottom > height * (1 - _MARGIN) or line.top < height * _MARGIN


def _masked(line: Line) -> str:
    return re.sub(r"\d+", "0", line.text)


def _body_size(pages: Sequence[Sequence[Line]]) -> float:
    weights: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            weights[round(line.size * 2) / 2] += len(line.text)
    return weights.most_common(1)[0][0] if weights else 0.0


def _heading_sizes(pages: Sequence[Sequence[Line]], body: float) -> dict[float, int]:
    """Sizes clearly above the body's and their heading levels; none where large type is not the exception."""
    large: Counter[float] = Counter()
    total = 0
    for lines in pages:
        for line in lines:
            total += len(line.text)
            if line.size >= _HEADING_RATIO * body:
                large[round(line.size)] += len(line.text)
    if total == 0 or sum(large.values()) > 0.3 * total:
        return {}
    return {size: min(level, 4) for level, size in enumerate(sorted(large, reverse=True), 1)}


def _blocks(lines: Sequence[Line]) -> list[_Block]:
    blocks: list[_Block] = []
    for line in lines:
        cells = len(line.cells) > 1 and max(map(len, line.cells)) <= _MAX_CELL
        last = blocks[-1] if blocks else None
        if last and last.is_table == cells and (_next_row(last, line) if cells else _continues(last, line)):
            last.lines.append(line)
        else:
            blocks.append(_Block([line], cells))
    for block in blocks:  # one row alone is a line with a gap in it
        block.is_table = block.is_table and len(block.lines) > 1
    return blocks


def _next_row(block: _Block, line: Line) -> bool:
    above = block.lines[-1]
    return 0 < above.bottom - line.bottom < 4 * line.size


def _continues(block: _Block, line: Line) -> bool:
    above = block.lines[-1]
    if not 0.85 < above.size / max(line.size, 0.1) < 1.18 or _BULLET.match(line.text):
        return False
    gap = above.bottom - line.top
    if not -0.9 * line.size < gap < 0.75 * line.size or line.bottom >= above.bottom:
        return False
    if line.left > above.right or line.right < above.left:
        return False
    width = max(each.right for each in block.lines) - min(each.left for each in block.lines)
    short = above.right - above.left < 0.75 * max(width, line.right - line.left)
    return not (short and _SENTENCE_END.search(above.text))


def _markdown(block: _Block, sizes: dict[float, int], spaced: bool) -> str:
    if block.is_table:
        return _table(block.lines)
    text = block.lines[0].text
    for above, line in zip(block.lines, block.lines[1:], strict=False):
        full = above.right >= max(each.right for each in block.lines) - above.size
        text = _join(text, line.text, above.ends_with_space or not (spaced and full))
    level = sizes.get(round(max(line.size for line in block.lines)))
    if level and len(text) <= _MAX_HEADING and len(block.lines) <= _MAX_HEADING_LINES and re.search(r"[^\W\d_]", text):
        return f"{'#' * level} {text}"
    return text


def _join(text: str, following: str, spaced: bool) -> str:
    """Two lines of a paragraph: a word broken by a hyphen is made whole, and scripts without spaces get none."""
    last, first = text[-1:], following[:1]
    if last == "-" and text[-2:-1].isalpha() and first.islower():
        return text[:-1] + following
    if (_CJK.match(last) and _CJK.match(first)) or (not spaced and _HANGUL.match(last) and _HANGUL.match(first)):
        return text + following
    return f"{text} {following}"


def _table(lines: Sequence[Line]) -> str:
    width = max(len(line.cells) for line in lines)
    rows = ["| " + " | ".join([*_escaped(line.cells), *[""] * (width - len(line.cells))]) + " |" for line in lines]
    rows.insert(1, "|" + " --- |" * width)
    return "\n".join(rows)


def _escaped(cells: Sequence[str]) -> list[str]:
    return [cell.replace("|", "\\|") for cell in cells]
