"""Durable jobs as everyone but the worker sees them: asked for, looked at, cancelled.

The row is the request: a worker looks for queued rows and runs each as a durable workflow of the row's id, so a job is
accepted the moment its transaction is, and nothing is lost between accepting it and running it.

The `spec` of an `ingest` job:

    {"source": "api", "sync": false, "items": [{"kind": "records" | "file" | "feed" | "path" | "url",
      "file": "a name under uploads/<job id>/"  or  "path": "an absolute path"  or  "uri": "https://…",
      "filename": …, "media_type": …, "source_id": …, "mapping": {…}, "described": {groups, metadata …}}]}

`sync`: the items are the whole of the source, and what it no longer holds is deleted.
A `reindex` job takes an empty spec.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from vernacular.db.base import now
from vernacular.db.models import JobErrorRow, JobRow
from vernacular.db.session import Database
from vernacular.errors import UnknownJob
from vernacular.processes import is_locked
from vernacular.settings import Settings
from vernacular.tenancy import Tenant, TenantScope

JobKind = Literal["ingest", "reindex"]
Tell = Callable[[TenantScope], None]
QUEUED, RUNNING, SUCCEEDED, PARTIAL, FAILED, CANCELLED = (
    "queued",
    "running",
    "succeeded",
    "partial",
    "failed",
    "cancelled",
)
FINISHED: Final = frozenset({SUCCEEDED, PARTIAL, FAILED, CANCELLED})
NAMES_SHOWN: Final = 5
ERRORS_KEPT: Final = 1000
"""Errors of a job kept in detail; `failed` counts them all."""


@dataclass(frozen=True, slots=True)
class JobQueue:
    """What the gateway and the command line do with jobs."""

    settings: Settings

    def upload_folder(self, job_id: str) -> Path:
        """Where the files of a job lie until it has ended; made if it is not there."""
        folder = self.settings.uploads_path / job_id
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def enqueue(
        self,
        database: Database,
        tenant: Tenant,
        kind: JobKind,
        spec: Mapping[str, Any],
        job_id: str | None = None,
        *,
        tell: Tell | None = None,
    ) -> str:
        """Accept a job and return its id; a second time with the same id changes nothing.

        Files named in `spec` must be in `upload_folder(job_id)` before. `tell`: what else belongs in the transaction, such as an
        entry of the audit log.
        """
        identifier = job_id or new_job_id()
        with database.write() as session:
            scope = TenantScope(session, tenant)
            if scope.get(JobRow, identifier) is None:
                scope.add(JobRow(id=identifier, kind=kind, spec=dict(spec)))
                if tell is not None:
                    tell(scope)
        return identifier

    def cancel(self, database: Database, tenant: Tenant, job_id: str, *, tell: Tell | None = None) -> dict[str, Any]:
        """Ask that the job stop: at once if it has not begun, else after the batch under way. `tell` as in `enqueue`.

        Raises:
            UnknownJob: the tenant has no such job.
        """
        with database.write() as session:
            scope = TenantScope(session, tenant)
            row = _row(scope, job_id, lock=True)
            if row.state not in FINISHED:
                row.cancel_requested = True
                row.updated_at = now()
                if tell is not None:
                    tell(scope)
            if row.state == QUEUED:
                row.state, row.finished_at = CANCELLED, now()
        return self.show(database, tenant, job_id)

    def show(self, database: Database, tenant: Tenant, job_id: str) -> dict[str, Any]:
        """
        Raises:
            UnknownJob: the tenant has no such job.
        """
        with database.read() as session:
            scope = TenantScope(session, tenant)
            return job_view(_row(scope, job_id), job_errors(scope, job_id))


def worker_lock(home: Path, number: int = 0) -> Path:
    """The file that worker `number` of `home` keeps locked while it runs."""
    return home / (f"worker-{number}.lock" if number else "worker.lock")


def worker_runs(home: Path) -> bool:
    """Whether a worker of `home` runs now."""
    return any(is_locked(path) for path in home.glob("worker*.lock"))


def new_job_id() -> str:
    return str(uuid.uuid4())


def job_errors(scope: TenantScope, job_id: str, limit: int = ERRORS_KEPT) -> list[JobErrorRow]:
    statement = scope.select(JobErrorRow).where(JobErrorRow.job_id == job_id)
    return list(scope.execute(statement.order_by(JobErrorRow.created_at, JobErrorRow.id).limit(limit)).scalars())


def job_view(row: JobRow, errors: Sequence[JobErrorRow]) -> dict[str, Any]:
    """The body of `GET /v1/jobs/{id}`. `done`, `total` and `failed` count documents (chunks for `reindex`)."""
    items: Sequence[Mapping[str, Any]] = row.spec.get("items") or []
    return {
        "job_id": row.id,
        "kind": row.kind,
        "source": row.spec.get("source"),
        "names": [_name(item) for item in items[:NAMES_SHOWN]],
        "items": len(items),
        "state": row.state,
        "stage": row.stage,
        "done": row.done,
        "total": row.total,
        "failed": row.failed,
        "eta_s": eta_seconds(row),
        "cancel_requested": row.cancel_requested,
        "created_at": _iso(row.created_at),
        "started_at": _iso(row.started_at),
        "finished_at": _iso(row.finished_at),
        "errors": [{"source_id": error.source_id, "name": error.name, "message": error.message} for error in errors],
    }


def eta_seconds(row: JobRow) -> float | None:
    """Seconds left at the pace so far; None when nothing can be said."""
    if row.state in FINISHED or row.started_at is None or not row.total or not row.done:
        return None
    spent = (row.updated_at - row.started_at).total_seconds()
    return round(max(0.0, spent * (row.total - row.done) / row.done), 1)


def _name(item: Mapping[str, Any]) -> str:
    """What a person calls what was sent."""
    return str(item.get("filename") or item.get("uri") or Path(str(item.get("path") or item.get("file") or "")).name)


def _row(scope: TenantScope, job_id: str, *, lock: bool = False) -> JobRow:
    row = scope.get(JobRow, job_id, lock=lock)
    if row is None:
        raise UnknownJob(
            "There is no such job.", "Job ids come from POST /v1/documents; jobs of other tenants are not shown."
        )
    return row


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds")
