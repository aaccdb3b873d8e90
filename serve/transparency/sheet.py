"""What a tenant has indexed: counted from its rows, so that it is never out of date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from serve.transparency.schemas import DataSheet, SourceSheet
from vernacular.db.models import DocumentRow, IndexGenerationRow
from vernacular.tenancy import TenantScope

_UNKNOWN = "unknown"


@dataclass
class _Counts:
    documents: int = 0
    characters: int = 0
    chunks: int = 0
    restricted: int = 0
    expired: int = 0
    not_indexed: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    media_types: Counter[str] = field(default_factory=Counter)
    created: list[datetime] = field(default_factory=list)
    starts: list[date] = field(default_factory=list)
    ends: list[date] = field(default_factory=list)

    def add(self, row: Any, today: date) -> None:
        self.documents += 1
        self.characters += row.characters
        self.chunks += row.chunk_count
        self.restricted += bool(row.groups)
        self.expired += row.valid_until is not None and row.valid_until < today
        self.not_indexed += not row.indexed
        self.languages[row.language or _UNKNOWN] += 1
        self.media_types[row.media_type] += 1
        self.created = [min([row.created_at, *self.created]), max([row.updated_at, *self.created])]
        self.starts = _ends_of([*self.starts, row.valid_from])
        self.ends = _ends_of([*self.ends, row.valid_until])


def data_sheet(scope: TenantScope, on: date | None = None) -> DataSheet:
    """The sheet of all that the tenant holds; of what the person in `scope` may read, where the scope has groups."""
    today = on or datetime.now().astimezone().date()
    sources: dict[str, _Counts] = {}
    statement = scope.select(
        DocumentRow.source,
        DocumentRow.characters,
        DocumentRow.chunk_count,
        DocumentRow.groups,
        DocumentRow.valid_from,
        DocumentRow.valid_until,
        DocumentRow.indexed,
        DocumentRow.language,
        DocumentRow.media_type,
        DocumentRow.created_at,
        DocumentRow.updated_at,
    )
    for row in scope.execute(statement.execution_options(yield_per=2000)):
        if scope.may_read(row):
            sources.setdefault(row.source, _Counts()).add(row, today)
    counts = sources.values()
    return DataSheet(
        tenant=scope.tenant.slug,
        at=datetime.now(UTC),
        documents=sum(each.documents for each in counts),
        characters=sum(each.characters for each in counts),
        chunks=sum(each.chunks for each in counts),
        not_indexed=sum(each.not_indexed for each in counts),
        sources=[_source(name, found) for name, found in sorted(sources.items())],
        generations=_generations(scope),
    )


def _source(name: str, found: _Counts) -> SourceSheet:
    return SourceSheet(
        source=name,
        documents=found.documents,
        characters=found.characters,
        chunks=found.chunks,
        restricted=found.restricted,
        expired=found.expired,
        languages=dict(found.languages.most_common()),
        media_types=dict(found.media_types.most_common()),
        oldest=found.created[0],
        newest=found.created[-1],
        valid_from=found.starts[0] if found.starts else None,
        valid_until=found.ends[-1] if found.ends else None,
    )


def _generations(scope: TenantScope) -> list[dict[str, Any]]:
    rows = scope.execute(scope.select(IndexGenerationRow)).scalars()
    return [
        {
            "generation": row.generation,
            "state": row.state,
            "embedding": row.embedding or "none: lexical",
            "dense_size": row.dense_size,
        }
        for row in rows
    ]


def _ends_of(days: Sequence[date | None]) -> list[date]:
    """The first and the last of them."""
    known = [day for day in days if day is not None]
    return [min(known), max(known)] if known else []
