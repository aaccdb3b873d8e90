"""What to search for → the passages that the index finds, with their text and where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from vernacular.db.models import ChunkRow, DocumentRow
from vernacular.tenancy import TenantScope
from vernacular.text.analyze import encode_query
from vernacular.types import Hit, Understanding
from vernacular.vectors.protocol import Query, ScoredPoint

_COLUMNS = (
    ChunkRow.id,
    ChunkRow.document_id,
    ChunkRow.text,
    ChunkRow.start,
    ChunkRow.ordinal,
    ChunkRow.page,
    ChunkRow.headings,
    DocumentRow.source_id,
    DocumentRow.title,
    DocumentRow.uri,
    DocumentRow.filename,
    DocumentRow.language,
    DocumentRow.attributes,
    DocumentRow.groups,
    DocumentRow.valid_from,
    DocumentRow.valid_until,
)


def retrieve(
    scope: TenantScope,
    understanding: Understanding,
    *,
    limit: int,
    filters: Mapping[str, Any] | None = None,
    on: date | None = None,
) -> list[Hit]:
    """The `limit` best passages, best first, that the person in `scope` may read.

    `on`: only those of documents valid on that day; None: of any date. Points whose chunk is gone from SQL, or whose
    document has since been closed to this person, are left out: SQL is the truth, the index may lag behind it.
    """
    sparse = encode_query(" ".join((understanding.query, *understanding.expansions)))
    if not len(sparse.indices):
        return []
    points = scope.search(Query(sparse=sparse, on=on, metadata=dict(filters or {}), limit=limit))
    return _hits(scope, points, on) if points else []


def _hits(scope: TenantScope, points: list[ScoredPoint], on: date | None) -> list[Hit]:
    statement = scope.select(*_COLUMNS).where(
        ChunkRow.document_id == DocumentRow.id, ChunkRow.id.in_([point.chunk_id for point in points])
    )
    rows = {row.id: row for row in scope.execute(statement)}
    return [
        _hit(rows[point.chunk_id], point.score)
        for point in points
        if point.chunk_id in rows and _may_see(scope, rows[point.chunk_id], on)
    ]


def _may_see(scope: TenantScope, row: Any, on: date | None) -> bool:
    if scope.groups is not None and row.groups and set(scope.groups).isdisjoint(row.groups):
        return False
    if on is None:
        return True
    return (row.valid_from is None or row.valid_from <= on) and (row.valid_until is None or row.valid_until >= on)


def _hit(row: Any, score: float) -> Hit:
    return Hit(
        chunk_id=row.id,
        document_id=row.document_id,
        source_id=row.source_id,
        title=row.title,
        text=row.text,
        score=score,
        start=row.start,
        ordinal=row.ordinal,
        uri=row.uri,
        filename=row.filename,
        page=row.page,
        language=row.language,
        headings=tuple(row.headings),
        metadata=row.attributes,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )
