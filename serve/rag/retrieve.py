"""What to search for → the passages that the index finds, with their text and where they stand."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, bindparam

from serve.rag.semantics import Semantics
from vernacular.db.models import ChunkRow, DocumentRow
from vernacular.embeddings.protocol import Vector
from vernacular.tenancy import TenantScope, prepare
from vernacular.text.analyze import encode_query, encode_weighted
from vernacular.text.segment import BREAK
from vernacular.types import Hit, SparseVector, Understanding
from vernacular.vectors.protocol import Query, ScoredPoint

_NEXT_TERM: Final = {"domain": 0.6}
"""By kind of expansion, what each further term counts beside the one before it: official names are often only near."""
_COLUMNS = (
    ChunkRow.id,
    ChunkRow.document_id,
    DocumentRow.source_id,
    DocumentRow.title,
    ChunkRow.text,
    ChunkRow.start,
    ChunkRow.ordinal,
    DocumentRow.uri,
    DocumentRow.filename,
    ChunkRow.page,
    DocumentRow.language,
    ChunkRow.headings,
    DocumentRow.attributes,
    DocumentRow.valid_from,
    DocumentRow.valid_until,
    DocumentRow.groups,
    DocumentRow.source,
    DocumentRow.media_type,
    DocumentRow.updated_at,
    DocumentRow.picture,
)


def retrieve(
    scope: TenantScope,
    understanding: Understanding,
    *,
    limit: int,
    filters: Mapping[str, Any] | None = None,
    on: date | None = None,
    semantics: Semantics | None = None,
    documents: Sequence[str] | None = None,
) -> list[Hit]:
    """The `limit` best passages, best first, that the person in `scope` may read.

    `on`: only those of documents valid on that day; None: of any date. `documents`: only those of these; None: of any.
    Points whose chunk is gone from SQL, or whose document has since been closed to this person, are left out: SQL is the
    truth, the index may lag behind it.
    With `semantics` and an index of its model, passages near in meaning are among them, by reciprocal rank.
    """
    points = find(scope, understanding, limit=limit, filters=filters, on=on, semantics=semantics, documents=documents)
    return _hits(scope, points, on) if points else []


def find(
    scope: TenantScope,
    understanding: Understanding,
    *,
    limit: int,
    filters: Mapping[str, Any] | None = None,
    on: date | None = None,
    semantics: Semantics | None = None,
    documents: Sequence[str] | None = None,
) -> list[ScoredPoint]:
    """As `retrieve`, without reading the passages: what the index says, which may lag behind SQL."""
    if documents is not None and not documents:
        return []
    query = Query(
        sparse=_sparse(understanding),
        on=on,
        metadata=dict(filters or {}),
        document_ids=tuple(documents or ()),
        limit=limit,
    )
    if semantics is not None and (vector := _vector(scope, understanding, semantics)) is not None:
        query = replace(query, dense=vector.tolist(), dense_weight=semantics.dense_weight)
    if not (len(query.sparse.indices) if query.sparse else 0) and query.dense is None:
        return []
    return scope.search(query)


def _sparse(understanding: Understanding) -> SparseVector:
    """The person's own words, each with weight 1, and those they were expanded with."""
    if not understanding.expansions:
        return encode_query(understanding.query)
    alike: dict[float, list[str]] = {}
    for each in understanding.expansions:
        less = _NEXT_TERM.get(each.kind, 1.0)
        for place, term in enumerate(each.terms):
            alike.setdefault(round(each.weight * less**place, 1), []).append(term)
    added = [(BREAK.join(dict.fromkeys(terms)), weight) for weight, terms in alike.items() if weight]
    return encode_weighted([(understanding.query, 1.0), *added])


def _vector(scope: TenantScope, understanding: Understanding, semantics: Semantics) -> Vector | None:
    active = scope.active_partition() if semantics.finds else None
    return None if active is None else semantics.vector(understanding, active.embedding, active.dense_size)


def _hits(scope: TenantScope, points: list[ScoredPoint], on: date | None) -> list[Hit]:
    rows = {row[0]: row for row in scope.fetch(_passages(), chunk_ids=[point.chunk_id for point in points])}
    hits = (_hit(scope, rows[point.chunk_id], point, on) for point in points if point.chunk_id in rows)
    return [hit for hit in hits if hit is not None]


@functools.cache
def _passages() -> Select[Any]:
    wanted = ChunkRow.id.in_(bindparam("chunk_ids", expanding=True))
    return prepare(*_COLUMNS, where=(ChunkRow.document_id == DocumentRow.id, wanted))


def _hit(scope: TenantScope, row: Any, point: ScoredPoint, on: date | None) -> Hit | None:
    """The passage of a row of `_COLUMNS`; None: not to be seen."""
    (
        chunk_id,
        document_id,
        source_id,
        title,
        text,
        start,
        ordinal,
        uri,
        filename,
        page,
        language,
        headings,
        attributes,
        valid_from,
        valid_until,
        groups,
        source,
        media_type,
        updated_at,
        picture,
    ) = row
    if groups and scope.groups is not None and set(scope.groups).isdisjoint(groups):
        return None
    if on is not None and ((valid_from and valid_from > on) or (valid_until and valid_until < on)):
        return None
    return Hit(
        chunk_id,
        document_id,
        source_id,
        title,
        text,
        point.lexical,
        start,
        ordinal,
        uri,
        filename,
        page,
        language,
        tuple(headings),
        attributes,
        valid_from,
        valid_until,
        dense=point.dense,
        source=source,
        media_type=media_type,
        updated_at=updated_at,
        picture=picture is not None,
    )
