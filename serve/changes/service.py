"""What changed lately among the documents that a person may read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, or_

from serve.deps import Access
from vernacular.db.base import now
from vernacular.db.models import DocumentRow
from vernacular.tenancy import TenantScope

ADDED, CHANGED, IN_FORCE, EXPIRED = "added", "changed", "in_force", "expired"
_COLUMNS: Final = (
    DocumentRow.id,
    DocumentRow.title,
    DocumentRow.source,
    DocumentRow.source_id,
    DocumentRow.filename,
    DocumentRow.language,
    DocumentRow.groups,
    DocumentRow.created_at,
    DocumentRow.updated_at,
    DocumentRow.valid_from,
    DocumentRow.valid_until,
)
_BATCH: Final = 200


def changes(access: Access, days: int, limit: int) -> dict[str, Any]:
    """In the shape of `ChangeList`."""
    today = datetime.now().astimezone().date()
    since = now() - timedelta(days=days)
    with access.read() as scope:
        found = [
            change
            for kind in (ADDED, CHANGED, IN_FORCE, EXPIRED)
            for change in _latest(scope, kind, since, today, limit)
        ]
    found.sort(key=lambda change: (change["at"], change["document_id"]), reverse=True)
    latest: dict[str, dict[str, Any]] = {}
    for change in found:
        latest.setdefault(change["document_id"], change)
    return {"since": since, "changes": list(latest.values())[:limit]}


def _latest(scope: TenantScope, kind: str, since: datetime, today: date, limit: int) -> list[dict[str, Any]]:
    """The `limit` latest of that kind that the person in the scope may read."""
    where, column = _of_kind(kind, since, today)
    found: list[dict[str, Any]] = []
    for rows in _batches(scope, where, column):
        found += [_change(kind, row) for row in rows if scope.may_read(row)]
        if len(found) >= limit:
            break
    return found[:limit]


def _of_kind(kind: str, since: datetime, today: date) -> tuple[Sequence[ColumnElement[bool]], Any]:
    holds = (
        or_(DocumentRow.valid_from.is_(None), DocumentRow.valid_from <= today),
        or_(DocumentRow.valid_until.is_(None), DocumentRow.valid_until >= today),
    )
    if kind == ADDED:
        return (*holds, DocumentRow.created_at >= since), DocumentRow.created_at
    if kind == CHANGED:
        changed = (DocumentRow.updated_at >= since, DocumentRow.updated_at > DocumentRow.created_at)
        return (*holds, *changed, DocumentRow.created_at < since), DocumentRow.updated_at
    if kind == IN_FORCE:
        return (*holds, DocumentRow.valid_from >= since.date()), DocumentRow.valid_from
    yesterday = today - timedelta(days=1)
    return (DocumentRow.valid_until >= since.date(), DocumentRow.valid_until <= yesterday), DocumentRow.valid_until


def _batches(scope: TenantScope, where: Sequence[ColumnElement[bool]], column: Any) -> Iterator[Sequence[Any]]:
    statement = scope.select(*_COLUMNS).where(DocumentRow.indexed, *where)
    statement = statement.order_by(column.desc(), DocumentRow.id.desc()).limit(_BATCH)
    offset = 0
    while True:
        rows = scope.execute(statement.offset(offset)).all()
        yield rows
        if len(rows) < _BATCH:
            return
        offset += _BATCH


def _change(kind: str, row: Any) -> dict[str, Any]:
    moments = {ADDED: row.created_at, CHANGED: row.updated_at}
    return {
        "document_id": row.id,
        "title": row.title or row.filename or row.source_id,
        "source": row.source,
        "language": row.language,
        "change": kind,
        "at": moments.get(kind) or _begins(row.valid_from if kind == IN_FORCE else row.valid_until, kind),
    }


def _begins(day: date, kind: str) -> datetime:
    """When it came to hold, or no longer held: the day after its last."""
    return datetime.combine(day + timedelta(days=kind == EXPIRED), time.min, UTC)
