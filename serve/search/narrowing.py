"""What a search is narrowed to that the index knows nothing of: a document's source, type, language and date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement

from serve.rag.browse import Within
from serve.rag.pipeline import RagPipeline
from serve.search.schemas import SearchWish
from vernacular.db.models import DocumentRow
from vernacular.tenancy import TenantScope
from vernacular.types import Understanding

MOST_NAMED: Final = 5000
"""Documents that are named to the index one by one."""
DEEPLY: Final = 1000
"""Where there are more, those of so many passages that the index finds without."""
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Narrowing:
    """`names` by what they are of: `source`, `type`, `language`. `since` (included) and `before` (not): when it was changed."""

    names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    since: datetime | None = None
    before: datetime | None = None
    documents: tuple[str, ...] | None = None

    @classmethod
    def of(cls, wish: SearchWish) -> Narrowing:
        wanted = (("source", wish.sources), ("type", wish.types), ("language", wish.languages))
        return cls(
            tuple((field, tuple(names)) for field, names in wanted if names),
            None if wish.updated_from is None else _midnight(wish.updated_from),
            None if wish.updated_until is None else _midnight(wish.updated_until, 1),
            None if wish.documents is None else tuple(dict.fromkeys(wish.documents)),
        )

    @property
    def fields(self) -> set[str]:
        """What it narrows, as facets name it."""
        return {field for field, _ in self.names} | ({"updated"} if self.since or self.before else set())

    def but(self, field: str) -> Narrowing:
        """Without what it says of that field."""
        kept = replace(self, names=tuple(pair for pair in self.names if pair[0] != field))
        return replace(kept, since=None, before=None) if field == "updated" else kept

    def conditions(self) -> list[ColumnElement[bool]]:
        columns = {"source": DocumentRow.source, "type": DocumentRow.media_type, "language": DocumentRow.language}
        found: list[ColumnElement[bool]] = [columns[field].in_(names) for field, names in self.names]
        if self.since is not None:
            found.append(DocumentRow.updated_at >= self.since)
        if self.before is not None:
            found.append(DocumentRow.updated_at < self.before)
        return found


def narrowed(
    scope: TenantScope, rag: RagPipeline, understanding: Understanding, within: Within, narrowing: Narrowing
) -> Within:
    """`within`, with the documents that may be found named, if the search is narrowed at all."""
    conditions = narrowing.conditions()
    named = replace(within, documents=narrowing.documents)
    if not conditions:
        return named
    if narrowing.documents is not None:
        return replace(named, documents=_among(scope, narrowing.documents, conditions))
    statement = scope.select(DocumentRow.id).where(*conditions).limit(MOST_NAMED + 1)
    ids = list(scope.execute(statement).scalars())
    if len(ids) > MOST_NAMED:
        found = rag.documents_found(scope, understanding, within, DEEPLY)
        ids = _among(scope, found, conditions)
    return replace(named, documents=ids)


def _among(scope: TenantScope, ids: Sequence[str], conditions: Sequence[ColumnElement[bool]]) -> list[str]:
    found: list[str] = []
    for start in range(0, len(ids), _BATCH):
        statement = scope.select(DocumentRow.id).where(DocumentRow.id.in_(ids[start : start + _BATCH]), *conditions)
        found += scope.execute(statement).scalars()
    return found


def _midnight(day: date, later: int = 0) -> datetime:
    """The beginning of that day, or of one so many days later, as far as the calendar goes."""
    try:
        return datetime.combine(day + timedelta(days=later), time.min, UTC)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def holds(head: Any, day: date | None) -> bool:
    """Whether that document is valid on the day; None: on any."""
    return day is None or ((head.valid_from or day) <= day <= (head.valid_until or day))


def heads(scope: TenantScope, ids: Sequence[str], *columns: Any) -> list[Any]:
    """Those columns of these documents, `groups` and the days of validity before them."""
    checked = (DocumentRow.groups, DocumentRow.valid_from, DocumentRow.valid_until)
    rows: list[Any] = []
    for start in range(0, len(ids), _BATCH):
        statement = scope.select(*checked, *columns).where(DocumentRow.id.in_(ids[start : start + _BATCH]))
        rows += scope.execute(statement)
    return rows
