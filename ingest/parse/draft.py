"""What a format's reader hands over, and how it becomes a Document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from ingest.clean import sanitise, tidy
from ingest.describe import Description
from ingest.parse.structure import find_structure
from vernacular.errors import EmptyFile
from vernacular.types import Document, Page

_MAX_TITLE = 300


@dataclass(frozen=True, slots=True)
class Part:
    """The text of one page, slide or sheet; `label` is a slide's or sheet's name."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as its reader understood it: `parts` are pages if `paged`, else one text.

    `markdown`: lines starting with `#` and `|` are headings and tables, else plain text.
    """

    parts: Sequence[Part]
    paged: bool = False
    markdown: bool = True
    title: str = ""
    description: Description = field(default_factory=Description)
    metadata: Mapping[str, Any] = field(default_factory=dict)


def text_draft(
    text: str,
    *,
    markdown: bool,
    title: str = "",
    metadata: Mapping[str, Any] | None = None,
) -> Draft:
    return Draft((Part(text),), markdown=markdown, title=title, metadata=metadata or {})


def finish(draft: Draft, filename: str, media_type: str) -> Document:
    """Joins the parts with blank lines, finds headings and tables, and chooses the title. Raises EmptyFile."""
    text, pages = _join(draft)
    if not text:
        raise EmptyFile(f"`{filename}` holds no text.")
    headings, tables = find_structure(text) if draft.markdown else ((), ())
    said = draft.description
    title = said.title or draft.title
    if not title.strip() and headings:
        title = text[headings[0].start : headings[0].end]
    if not title.strip():
        title = PurePath(filename).stem
    return Document(
        source_id=said.id or filename,
        text=text,
        title=" ".join(sanitise(title).split())[:_MAX_TITLE],
        uri=said.uri,
        filename=filename,
        media_type=media_type,
        language=said.language,
        metadata={**draft.metadata, **said.metadata},
        groups=said.groups,
        valid_from=said.valid_from,
        valid_until=said.valid_until,
        pages=pages,
        headings=headings,
        tables=tables,
    )


def _join(draft: Draft) -> tuple[str, tuple[Page, ...]]:
    texts: list[str] = []
    pages: list[Page] = []
    at = 0
    for number, part in enumerate(draft.parts, 1):
        text = tidy(part.text)
        if not text:
            continue
        if texts:
            at += 2
        pages.append(Page(number, at, at + len(text), " ".join(sanitise(part.label).split())))
        texts.append(text)
        at += len(text)
    return "\n\n".join(texts), tuple(pages) if draft.paged else ()
