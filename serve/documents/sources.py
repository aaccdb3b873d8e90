"""Where a tenant's documents come from."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func

from serve.deps import Access
from vernacular.db.models import DocumentRow, JobRow
from vernacular.tenancy import TenantScope

_JOBS_LOOKED_AT = 500


def show_all(access: Access) -> dict[str, Any]:
    """In the shape of `Sources`: those that hold documents, and those whose last jobs brought none."""
    with access.read() as scope:
        figures = func.count(), func.coalesce(func.sum(DocumentRow.bytes), 0), func.max(DocumentRow.updated_at)
        held = {str(row[0]): row[1:] for row in scope.totals(DocumentRow.source, *figures)}
        jobs = _last_jobs(scope)
    names = sorted({*held, *jobs})
    return {"data": [{"source": name, **_figures(held.get(name)), "last_job": jobs.get(name)} for name in names]}


def _figures(row: Any) -> dict[str, Any]:
    documents, size, updated_at = (0, 0, None) if row is None else row
    return {"documents": documents, "bytes": int(size), "updated_at": updated_at}


def _last_jobs(scope: TenantScope) -> dict[str, dict[str, Any]]:
    """The last job of each source, of the last jobs of all."""
    statement = scope.select(JobRow).where(JobRow.kind == "ingest").order_by(JobRow.created_at.desc())
    found: dict[str, dict[str, Any]] = {}
    for row in scope.execute(statement.limit(_JOBS_LOOKED_AT)).scalars():
        told = {"job_id": row.id, "state": row.state, "failed": row.failed, "created_at": row.created_at}
        found.setdefault(str(row.spec.get("source") or ""), told)
    return found
