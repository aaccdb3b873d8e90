from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, tuple_

from vernacular.db.models import DocumentRow, DocumentTextRow
from vernacular.errors import UnknownDocument
from vernacular.tenancy import TenantScope

Position = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """`title`: a part of what it is called."""

    source: str | None = None
    title: str | None = None


def readable(scope: TenantScope, document_id: str) -> DocumentRow:
    """
    Raises:
        UnknownDocument: there is none, or the person in the scope may not read it.
    """
    row = scope.get(DocumentRow, document_id)
    if row is None or not scope.may_read(row):
        raise UnknownDocument("There is no such document.", "GET /v1/documents lists those you may read.")
    return row


def text_of(scope: TenantScope, document_id: str) -> DocumentTextRow:
    """
    Raises:
        UnknownDocument: it was deleted meanwhile.
    """
    row = scope.get(DocumentTextRow, document_id)
    if row is None:
        raise UnknownDocument("There is no such document.", "GET /v1/documents lists those you may read.")
    return row


def page(scope: TenantScope, limit: int, after: Position | None, wanted: Wanted) -> list[DocumentRow]:
    """Readable documents, the newest first, from behind `after`."""
    found: list[DocumentRow] = []
    while len(found) < limit:
        rows = _rows(scope, limit, after, wanted)
        found += [row for row in rows if scope.may_read(row)]
        if len(rows) < limit:
            break
        after = rows[-1].created_at, rows[-1].id
    return found[:limit]


def _rows(scope: TenantScope, limit: int, after: Position | None, wanted: Wanted) -> list[DocumentRow]:
    statement = scope.select(DocumentRow).order_by(DocumentRow.created_at.desc(), DocumentRow.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(DocumentRow.created_at, DocumentRow.id) < after)
    if wanted.source is not None:
        statement = statement.where(DocumentRow.source == wanted.source)
    if wanted.title:
        named = (DocumentRow.title, DocumentRow.filename, DocumentRow.source_id)
        statement = statement.where(or_(*(each.icontains(wanted.title, autoescape=True) for each in named)))
    return list(scope.execute(statement).scalars())
