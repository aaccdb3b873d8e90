"""Quotes → citations: only what stands verbatim in the document at the place it claims."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func

from serve.rag.evidence import Quote
from vernacular.db.models import DocumentTextRow
from vernacular.tenancy import TenantScope
from vernacular.types import Citation, Hit
from vernacular.vision import described


def cite(scope: TenantScope, quotes: Sequence[Quote]) -> list[tuple[Quote, Citation]]:
    """The quotes that the documents bear out, numbered from 1 in their order."""
    verified = [
        quote for quote, there in zip(quotes, _stored(scope, quotes), strict=True) if quote.text and there == quote.text
    ]
    return [(quote, citation(number, quote)) for number, quote in enumerate(verified, 1)]


def verbatim(scope: TenantScope, hits: Sequence[Hit]) -> list[Hit]:
    """The passages that stand in their documents as the index's rows have them: any part of one is a verbatim quote."""
    quotes = [Quote(hit, 0, len(hit.text)) for hit in hits]
    return [quote.hit for quote, there in zip(quotes, _stored(scope, quotes), strict=True) if there == quote.text]


def _stored(scope: TenantScope, quotes: Sequence[Quote]) -> list[str | None]:
    """What the documents hold where the quotes say they stand; only these pieces leave the database."""
    if not quotes:
        return []
    pieces = [
        func.substr(DocumentTextRow.text, quote.hit.start + quote.start + 1, quote.end - quote.start)
        for quote in quotes
    ]
    statement = scope.select(DocumentTextRow.document_id).add_columns(*pieces)
    wanted = {quote.hit.document_id for quote in quotes}
    found = {row[0]: row[1:] for row in scope.execute(statement.where(DocumentTextRow.document_id.in_(wanted)))}
    return [
        found[quote.hit.document_id][at] if quote.hit.document_id in found else None for at, quote in enumerate(quotes)
    ]


def citation(number: int, quote: Quote) -> Citation:
    """What marker `[number]` stands for; that the quote is verbatim is the caller's to know."""
    hit = quote.hit
    start, end = hit.start + quote.start, hit.start + quote.end
    return Citation(
        index=number,
        document_id=hit.document_id,
        source_id=hit.source_id,
        title=hit.title,
        quote=quote.text,
        start=start,
        end=end,
        uri=hit.uri,
        filename=hit.filename,
        page=hit.page,
        valid_from=hit.valid_from,
        valid_until=hit.valid_until,
        described=described(hit.metadata, start, end),
    )
