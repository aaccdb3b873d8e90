"""Pages of the PDF that a document came from, as pictures with a passage of its text marked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from fastapi.concurrency import run_in_threadpool

from serve.deps import Access
from serve.documents import repository
from serve.page_images.passages import Passage
from serve.page_images.renderer import LARGEST_FILE, PageImage, Wish
from vernacular.db.models import DocumentRow, DocumentTextRow
from vernacular.errors import NotFound

PDF: Final = "application/pdf"
_AROUND: Final = 100
"""Characters around a passage that tell it from others of the same words."""
_LONGEST: Final = 20_000


def has_page_images(row: DocumentRow) -> bool:
    return row.media_type == PDF and row.original is not None and row.bytes <= LARGEST_FILE


async def show(access: Access, document_id: str, number: int, span: tuple[int, int] | None, width: int) -> PageImage:
    """The page with what of the passage stands on it marked, if it is found there.

    Raises:
        NotFound: the document has no pages, or not that one.
        UnreadableFile, ParserTimeout, ParserCrashed: the page cannot be rendered.
        TooManyRequests: the tenant has as many pages waiting as may be.
    """
    wish = await run_in_threadpool(_wish, access, document_id, number, span, width)
    opened = partial(access.services.blobs.open, wish.tenant_id, wish.digest)
    image = await access.services.pages.page_in_turn(wish, opened)
    access.note("document.read", facts={"document": document_id, "format": "page", "page": number})
    return image


def _wish(access: Access, document_id: str, number: int, span: tuple[int, int] | None, width: int) -> Wish:
    with access.read() as scope:
        row = repository.readable(scope, document_id)
        if not has_page_images(row):
            raise NotFound("This document has no pages to show.", "Read its text: GET /v1/documents/{id}/content.")
        kept = repository.text_of(scope, document_id) if span else None
    assert row.original is not None
    passage = _passage(kept, number, *span) if kept and span else None
    name = row.filename or row.source_id
    tenant_id = access.principal.tenant.id
    return Wish(tenant_id, document_id, row.original, name.rpartition("/")[2], number, width, passage)


def _passage(kept: DocumentTextRow, number: int, start: int, end: int) -> Passage | None:
    """What of the passage stands on that page, and what is around it there."""
    pages: list[Mapping[str, Any]] = kept.structure.get("pages", [])
    page = next((each for each in pages if each["number"] == number), None)
    if page is None:
        return None
    first, last = int(page["start"]), int(page["end"])
    start, end = max(start, first), min(end, last, start + _LONGEST)
    if start >= end:
        return None
    text = kept.text
    return Passage(text[start:end], text[max(first, start - _AROUND) : start], text[end : min(last, end + _AROUND)])
