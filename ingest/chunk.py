"""Documents cut into passages that can be found and cited alone.

A chunk keeps a heading with the text below it, a table and a sentence whole where they fit, and pages apart. What a
model made of an image inside a document stands in chunks of its own, never beside the document's words.
`chunk.text == document.text[chunk.start:chunk.end]`, and every character that is not white space is in one chunk.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from vernacular.text.sentences import split
from vernacular.types import Chunk, Document, Heading, Span
from vernacular.vision import IMAGES, MARK, descriptions

TARGET, MAXIMUM = 1000, 1600
# A Han, kana or Thai letter says more than a Latin one: the same meaning takes about 0.4 times the characters.
DENSE_SCALE = 0.4
_DENSE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_DENSE_SHARE = 0.3
_SAMPLE = 400
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_NEWLINE = re.compile("\n")
_CONTINUES = ",，、;；-–—("


class _Kind(Enum):
    TEXT = 0
    HEADING = 1
    TABLE = 2
    DESCRIPTION = 3


@dataclass(frozen=True, slots=True)
class _Atom:
    """A piece that is not cut. `page` counts pages from 0; `joined`: its sentence began in the atom before."""

    start: int
    end: int
    kind: _Kind
    page: int
    joined: bool = False


def chunk(document: Document, target: int = TARGET, maximum: int = MAXIMUM) -> list[Chunk]:
    """Passages of about `target` and never more than `maximum` code points (0.4 times that for Han, kana and Thai)."""
    text = document.text
    if len(text) > maximum * DENSE_SCALE and _is_dense(text):
        target, maximum = (
            max(1, int(target * DENSE_SCALE)),
            max(1, int(maximum * DENSE_SCALE)),
        )
    seen = _images(document)
    if len(text) <= target and not document.headings and len(document.pages) < 2 and not seen:
        return _whole(document)
    outline = _Outline(document.headings, text)
    chunks: list[Chunk] = []
    for start, end, body in _pack(list(_atoms(document, target, maximum)), target, maximum):
        chunks.append(
            Chunk(
                len(chunks),
                text[start:end],
                start,
                end,
                _page(document, start),
                outline.path(body) + ((MARK,) if any(start < last and end > first for first, last in seen) else ()),
            )
        )
    return chunks


def _whole(document: Document) -> list[Chunk]:
    text = document.text
    start, end = _trim(text, 0, len(text))
    return [Chunk(0, text[start:end], start, end, _page(document, start))] if start < end else []


def _images(document: Document) -> list[tuple[int, int]]:
    """Where descriptions of images inside the document stand; that of a picture as a file is a section at its end."""
    return descriptions({IMAGES: document.metadata.get(IMAGES)})


def _is_dense(text: str) -> bool:
    if text.isascii():
        return False
    sample = text[:: len(text) // _SAMPLE + 1]
    return len(_DENSE.findall(sample)) > _DENSE_SHARE * len(sample)


def _page(document: Document, start: int) -> int | None:
    if not document.pages:
        return None
    index = bisect_right(document.pages, start, key=lambda page: page.start) - 1
    return document.pages[max(index, 0)].number


class _Outline:
    """The path of headings above any place of a document."""

    def __init__(self, headings: tuple[Heading, ...], text: str) -> None:
        self._starts = [heading.start for heading in headings]
        self._paths: list[tuple[str, ...]] = []
        open_headings: list[Heading] = []
        for heading in headings:
            while open_headings and open_headings[-1].level >= heading.level:
                open_headings.pop()
            open_headings.append(heading)
            self._paths.append(tuple(text[each.start : each.end] for each in open_headings))

    def path(self, offset: int) -> tuple[str, ...]:
        index = bisect_right(self._starts, offset) - 1
        return self._paths[index] if index >= 0 else ()


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _blocks(document: Document) -> Iterator[tuple[int, int, _Kind, int]]:
    """Headings (with their whole line), tables and the paragraphs between them, page by page, tiling the text."""
    text = document.text
    fixed = [(*_line(text, heading), _Kind.HEADING) for heading in document.headings]
    fixed += [(table.start, table.end, _Kind.TABLE) for table in document.tables]
    fixed += [(start, end, _Kind.DESCRIPTION) for start, end in _images(document)]
    fixed.sort(key=lambda block: block[:2])
    bounds = [
        0,
        *(page.start for page in document.pages if 0 < page.start < len(text)),
        len(text),
    ]
    for number in range(len(bounds) - 1):
        at, stop = bounds[number], bounds[number + 1]
        for start, end, kind in fixed[bisect_right(fixed, at - 1, key=lambda block: block[0]) :]:
            if start >= stop:
                break
            if start < at:
                continue
            yield from ((*span, _Kind.TEXT, number) for span in _paragraphs(text, at, start))
            at = min(end, stop)
            yield start, at, kind, number
        yield from ((*span, _Kind.TEXT, number) for span in _paragraphs(text, at, stop))


def _line(text: str, heading: Heading) -> tuple[int, int]:
    """The heading's line with its marks, so that `# ` stays with its words."""
    end = text.find("\n", heading.end)
    return text.rfind("\n", 0, heading.start) + 1, len(text) if end < 0 else end


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for blank in _BLANK_LINE.finditer(text, start, end):
        yield start, blank.start()
        start = blank.end()
    yield start, end


def _atoms(document: Document, target: int, maximum: int) -> Iterator[_Atom]:
    text = document.text
    last: _Atom | None = None
    for block_start, block_end, kind, page in _blocks(document):
        start, end = _trim(text, block_start, block_end)
        if start == end:
            continue
        joined = last is not None and last.page != page and kind is _Kind.TEXT and _runs_on(text, last, start)
        # Only the sentence that runs on crosses the page break, so the paragraph is cut into sentences.
        for span in _pieces(text, Span(start, end), kind, 0 if joined else target, maximum):
            last = _Atom(span.start, span.end, kind, page, joined)
            joined = False
            yield last


def _runs_on(text: str, last: _Atom, start: int) -> bool:
    """Does the sentence at the foot of a page go on at the top of the next?"""
    return last.kind is _Kind.TEXT and (text[last.end - 1] in _CONTINUES or text[start].islower())


def _pieces(text: str, block: Span, kind: _Kind, target: int, maximum: int) -> Iterator[Span]:
    start, end = block.start, block.end
    if end - start <= (maximum if kind in (_Kind.TABLE, _Kind.DESCRIPTION) else target):
        yield Span(start, end)
        return
    if kind in (_Kind.TEXT, _Kind.DESCRIPTION):
        parts = split(text[start:end])
        cuts = [start, *(start + part.start for part in parts[1:]), end]
    else:
        cuts = [start, *(newline.end() for newline in _NEWLINE.finditer(text, start, end)), end]
    for piece_start, piece_end in pairwise(cuts):
        first, last = _trim(text, piece_start, piece_end)
        while last - first > maximum:
            cut = _cut(text, first, first + maximum)
            yield Span(*_trim(text, first, cut))
            first, last = _trim(text, cut, last)
        if first < last:
            yield Span(first, last)


def _cut(text: str, start: int, limit: int) -> int:
    """The last white space of the final third before `limit`; none: `limit`, moved back off combining marks."""
    for at in range(limit, start + (limit - start) * 2 // 3, -1):
        if text[at - 1].isspace():
            return at
    at = limit
    while at > start + 1 and (
        unicodedata.category(text[at]) in ("Mn", "Me", "Mc") or "\u200d" in text[at - 1 : at + 1]
    ):
        at -= 1
    return at if at > start + 1 else limit


def _pack(atoms: list[_Atom], target: int, maximum: int) -> Iterator[tuple[int, int, int]]:
    """Groups of atoms as (start, end, where the first text under the leading headings stands)."""
    groups: list[list[_Atom]] = []
    for atom in atoms:
        if not groups:
            groups.append([atom])
        elif _fits(groups[-1], atom, target, maximum):
            groups[-1].append(atom)
        else:
            groups.append([*_hanging_headings(groups[-1], atom, maximum), atom])
    for group in groups:
        body = next((atom for atom in group if atom.kind is not _Kind.HEADING), group[-1])
        if group:
            yield (
                group[0].start,
                group[-1].end,
                body.start if body.kind is not _Kind.HEADING else body.end,
            )


def _fits(group: list[_Atom], atom: _Atom, target: int, maximum: int) -> bool:
    size = group[-1].end - group[0].start
    whole = atom.end - group[0].start
    only_headings = all(each.kind is _Kind.HEADING for each in group)
    if whole > maximum or (atom.kind is _Kind.DESCRIPTION) is not (group[-1].kind is _Kind.DESCRIPTION):
        return False
    if atom.joined or (only_headings and atom.page == group[0].page):
        return True
    if atom.page != group[0].page:
        return False
    if atom.kind is _Kind.HEADING:
        return size < target // 3
    return whole <= target or size < target // 3


def _hanging_headings(group: list[_Atom], atom: _Atom, maximum: int) -> list[_Atom]:
    """Takes the headings at the end of a closing group along to the text below them."""
    hanging: list[_Atom] = []
    while len(group) > 1 and group[-1].kind is _Kind.HEADING and atom.end - group[-1].start <= maximum:
        if group[-1].page != atom.page:
            break
        hanging.insert(0, group.pop())
    return hanging
