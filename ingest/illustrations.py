"""What was read and seen in the images inside a document, put into its text where each image stands."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

from ingest.clean import tidy
from ingest.parse.images.embedded import Place
from vernacular.types import Document, Heading, Page, Span
from vernacular.vision import IMAGES, MARK, PROMPT, Description

_LETTER = re.compile(r"[^\W_]")
_FEWEST_LETTERS = 8
_LEAST_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Illustration:
    """An image inside a document: the text that OCR read in it, and what a model saw in it."""

    digest: str
    place: Place
    text: str = ""
    description: Description | None = None


@dataclass(frozen=True, slots=True)
class _Insert:
    """A block to stand behind `at` of the text, on `page` of a document that has pages; `said` begins at the mark."""

    at: int
    page: int
    label: str
    block: str
    said: int
    illustration: Illustration


@dataclass(frozen=True, slots=True)
class _Shifts:
    """Offsets before and after the insertions."""

    at: Sequence[int]
    lengths: Sequence[int]
    sums: Sequence[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sums", [0, *accumulate(self.lengths)])

    def start(self, offset: int) -> int:
        return offset + self.sums[bisect_right(self.at, offset)]

    def end(self, offset: int) -> int:
        """What is inserted at the end of a span does not belong to it."""
        return offset + self.sums[bisect_left(self.at, offset)]


def illustrated(document: Document, illustrations: Iterable[Illustration]) -> Document:
    """`document` with each illustration below the paragraph, or at the end of the page, that it belongs to.

    Its pages, headings and tables keep their words; a page that held images alone appears.
    """
    inserts = [made for each in illustrations if (made := _insert(document, each)) is not None]
    inserts.sort(key=lambda insert: (insert.at, insert.page))
    if not inserts:
        return document
    text, spans = _spliced(document.text, inserts)
    shifts = _Shifts([each.at for each in inserts], [len(each.block) + 2 for each in inserts])
    seen = [
        {"start": span.start + each.said, "end": span.end, "image": each.illustration.digest, **_maker(each)}
        for each, span in zip(inserts, spans, strict=True)
        if each.illustration.description is not None and each.said >= 0
    ]
    return replace(
        document,
        text=text,
        pages=_pages(document, inserts, spans, shifts),
        headings=tuple(
            Heading(each.level, shifts.start(each.start), shifts.end(each.end)) for each in document.headings
        ),
        tables=tuple(Span(shifts.start(each.start), shifts.end(each.end)) for each in document.tables),
        metadata={**document.metadata, IMAGES: seen} if seen else document.metadata,
    )


def tells_something(text: str) -> bool:
    """Whether what OCR read is text rather than the specks it finds in photos."""
    letters = len(_LETTER.findall(text))
    return letters >= _FEWEST_LETTERS and letters >= _LEAST_SHARE * len("".join(text.split()))


def _maker(insert: _Insert) -> dict[str, Any]:
    found = insert.illustration.description
    return {} if found is None else {"model": found.model, "prompt": PROMPT}


def _insert(document: Document, illustration: Illustration) -> _Insert | None:
    read = tidy(illustration.text.replace(MARK, "")).strip()
    seen = tidy(illustration.description.text).strip() if illustration.description else ""
    if not read and not seen:
        return None
    block = "\n\n".join([part for part in (read, f"{MARK}\n\n{seen}" if seen else "") if part])
    said = block.rfind(MARK) if seen else -1
    at, page = _where(document, illustration.place)
    label = " ".join(illustration.place.label.split())
    return _Insert(at, page, label, block, said, illustration)


def _where(document: Document, place: Place) -> tuple[int, int]:
    """Offset and page number; page 0: the document has none."""
    if document.pages or (place.page is not None and not document.text):
        page = _page_of(document, place)
        if page is not None:
            return page.end, page.number
        if place.page is None:
            return document.pages[-1].end, document.pages[-1].number
        number = place.page
        before = [each.end for each in document.pages if each.number < number]
        return (before[-1] if before else 0), number
    return _behind(document, place), 0


def _page_of(document: Document, place: Place) -> Page | None:
    named = [each for each in document.pages if place.label and each.label == place.label]
    numbered = [each for each in document.pages if each.number == place.page]
    return next(iter(named or numbered), None)


def _behind(document: Document, place: Place) -> int:
    """The end of the paragraph, list or table behind whose words the image stands; the document's where none is found.

    The document's start where no words stand before the image.
    """
    if not place.behind and place.page is None:
        return 0
    for key, before in place.behind:
        pattern = r"\s+".join(map(re.escape, key.split()))
        found = [match.end() for match in re.finditer(pattern, document.text)] if pattern else []
        if found:
            return _end_of_block(document, found[min(before, len(found) - 1)])
    return len(document.text)


def _end_of_block(document: Document, offset: int) -> int:
    end = document.text.find("\n\n", offset)
    end = len(document.text) if end < 0 else end
    return next((table.end for table in document.tables if table.start <= offset < table.end), end)


def _spliced(text: str, inserts: Sequence[_Insert]) -> tuple[str, list[Span]]:
    """The new text, and where each block stands in it; a blank line parts what is put together."""
    pieces: list[str] = []
    spans: list[Span] = []
    length = at = 0
    for insert in inserts:
        own = text[at : insert.at]
        gap = "\n\n" if insert.at else ""
        start = length + len(own) + len(gap)
        spans.append(Span(start, start + len(insert.block)))
        pieces += [own, gap, insert.block, "" if insert.at else "\n\n"]
        length, at = start + len(insert.block) + (0 if insert.at else 2), insert.at
    whole = "".join([*pieces, text[at:]])
    return whole if text else whole.removesuffix("\n\n"), spans


def _pages(document: Document, inserts: Sequence[_Insert], spans: Sequence[Span], shifts: _Shifts) -> tuple[Page, ...]:
    ends: dict[int, int] = {}
    fresh: dict[int, Page] = {}
    known = {page.number for page in document.pages}
    for insert, span in zip(inserts, spans, strict=True):
        if insert.page in known:
            ends[insert.page] = span.end
        elif insert.page:
            begun = fresh.get(insert.page)
            fresh[insert.page] = Page(insert.page, begun.start if begun else span.start, span.end, insert.label)
    kept = [
        Page(page.number, shifts.start(page.start), ends.get(page.number, shifts.end(page.end)), page.label)
        for page in document.pages
    ]
    return tuple(sorted([*kept, *fresh.values()], key=lambda page: page.start))
