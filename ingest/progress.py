"""What a job has done so far, written in the transaction of the work itself and in absolute numbers: a batch that runs
twice counts once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ingest.sources.items import SourceError
from vernacular.audit.events import SYSTEM, Event
from vernacular.audit.log import AuditLog
from vernacular.db.base import now
from vernacular.db.models import JobErrorRow, JobRow
from vernacular.db.session import Database
from vernacular.errors import VernacularError
from vernacular.jobs import CANCELLED, ERRORS_KEPT, FAILED, FINISHED, PARTIAL, RUNNING, SUCCEEDED
from vernacular.tenancy import Tenant, TenantScope

MAX_ID = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is after a batch: `done` and `failed` count from the job's beginning; `errors` are the batch's own."""

    job_id: str
    stage: str
    done: int
    failed: int = 0
    errors: tuple[SourceError, ...] = ()

    def write(self, scope: TenantScope) -> bool:
        """Record it; returns whether someone has asked that the job stop."""
        scope.execute(
            scope.update(JobRow)
            .where(JobRow.id == self.job_id)
            .values(stage=self.stage, done=self.done, failed=self.failed, updated_at=now())
        )
        first = self.failed - len(self.errors)
        kept = self.errors[: max(0, ERRORS_KEPT - first)]
        if kept:
            write_errors(scope, self.job_id, first, kept)
        wanted = scope.execute(
            scope.select(JobRow.cancel_requested).where(JobRow.id == self.job_id)
        ).scalar_one_or_none()
        return wanted is not False  # a job whose row is gone (its tenant was deleted) has nothing left to do


class Ending(Protocol):
    """What the end of a job is written with."""

    @property
    def database(self) -> Database: ...

    @property
    def audit(self) -> AuditLog: ...


def write_errors(scope: TenantScope, job_id: str, first: int, errors: Sequence[SourceError]) -> None:
    """Errors number `first` and on; written again, they replace themselves."""
    rows = [_error_row(job_id, number, error) for number, error in enumerate(errors, first)]
    scope.execute(scope.delete(JobErrorRow).where(JobErrorRow.id.in_([row["id"] for row in rows])))
    scope.insert(JobErrorRow, rows)


def begin(database: Database, tenant: Tenant, job_id: str, stage: str, total: int | None = None) -> bool:
    """Mark the job running, at `stage`; returns False if it has been cancelled or is gone."""
    with database.write() as session:
        scope = TenantScope(session, tenant)
        row = scope.get(JobRow, job_id, lock=True)
        if row is None or row.state in FINISHED or row.cancel_requested:
            return False
        row.state, row.stage, row.updated_at = RUNNING, stage, now()
        row.started_at = row.started_at or row.updated_at
        row.total = total if total is not None else row.total
        return True


def end(parts: Ending, tenant: Tenant, job_id: str, failed: int, cancelled: bool) -> None:
    """Close the job as succeeded, partial or cancelled; one that has ended stays as it is."""
    database = parts.database
    with database.write() as session:
        scope = TenantScope(session, tenant)
        row = scope.get(JobRow, job_id, lock=True)
        if row is None or row.state in FINISHED:
            return
        row.state = CANCELLED if cancelled else PARTIAL if failed else SUCCEEDED
        row.stage, row.finished_at = row.state, now()
        row.updated_at = row.finished_at
        _record(parts.audit, scope, row)


def fail(parts: Ending, tenant: Tenant, job_id: str, error: VernacularError) -> None:
    """Close the job as failed, with the reason as an error of no item in particular."""
    with parts.database.write() as session:
        scope = TenantScope(session, tenant)
        row = scope.get(JobRow, job_id, lock=True)
        if row is None or row.state in FINISHED:
            return
        row.state = row.stage = FAILED
        row.updated_at = row.finished_at = now()
        write_errors(scope, job_id, -1, [SourceError.of("", error)])
        _record(parts.audit, scope, row)


def _record(audit: AuditLog, scope: TenantScope, row: JobRow) -> None:
    """Into the audit log, in the transaction that ends the job."""
    facts = {"job": row.id, "kind": row.kind, "state": row.state, "done": row.done, "failed": row.failed}
    audit.record(scope, Event("job.ended", SYSTEM, facts=facts))


def _error_row(job_id: str, number: int, error: SourceError) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid5(uuid.UUID(job_id), str(number))),
        "job_id": job_id,
        "source_id": error.source_id[:MAX_ID],
        "name": error.name,
        "message": error.message,
        "created_at": now(),
    }
