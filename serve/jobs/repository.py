from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import tuple_

from vernacular.db.models import DocumentRow, JobErrorRow, JobRow
from vernacular.errors import UnknownJob
from vernacular.tenancy import TenantScope

Position = tuple[datetime, str]


def page(scope: TenantScope, limit: int, after: Position | None) -> list[JobRow]:
    """Jobs, the newest first, from behind `after`."""
    statement = scope.select(JobRow).order_by(JobRow.created_at.desc(), JobRow.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(JobRow.created_at, JobRow.id) < after)
    return list(scope.execute(statement).scalars())


def find(scope: TenantScope, job_id: str) -> JobRow:
    """
    Raises:
        UnknownJob: the tenant has no such job.
    """
    row = scope.get(JobRow, job_id)
    if row is None:
        raise UnknownJob(
            "There is no such job.", "Job ids come from POST /v1/documents; jobs of other tenants are not shown."
        )
    return row


def of_source_after(scope: TenantScope, source: str, row: JobRow) -> bool:
    """Whether there is a later job of that source."""
    later = scope.select(JobRow).where(JobRow.kind == "ingest", JobRow.created_at > row.created_at)
    return any(each.spec.get("source") == source for each in scope.execute(later).scalars())


def errors(scope: TenantScope, limit: int, after: Position | None) -> list[JobErrorRow]:
    """Errors of all jobs, the newest first, from behind `after`."""
    statement = scope.select(JobErrorRow).order_by(JobErrorRow.created_at.desc(), JobErrorRow.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(JobErrorRow.created_at, JobErrorRow.id) < after)
    return list(scope.execute(statement).scalars())


def jobs(scope: TenantScope, ids: Iterable[str]) -> dict[str, JobRow]:
    found = scope.execute(scope.select(JobRow).where(JobRow.id.in_(set(ids)))).scalars()
    return {row.id: row for row in found}


def taken_in(scope: TenantScope, source_ids: Sequence[str]) -> dict[tuple[str, str], datetime]:
    """When documents of these names were written last, by their sources and names."""
    columns = DocumentRow.source, DocumentRow.source_id, DocumentRow.updated_at
    found = scope.execute(scope.select(*columns).where(DocumentRow.source_id.in_(source_ids)))
    return {(row.source, row.source_id): row.updated_at for row in found}


def newer(scope: TenantScope, source_ids: Sequence[str]) -> list[tuple[str, str, datetime]]:
    """Errors of these names: their job, their name, and when they came."""
    columns = JobErrorRow.job_id, JobErrorRow.source_id, JobErrorRow.created_at
    found = scope.execute(scope.select(*columns).where(JobErrorRow.source_id.in_(source_ids)))
    return [(row.job_id, row.source_id, row.created_at) for row in found]
