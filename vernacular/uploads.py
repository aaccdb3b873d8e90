"""What was sent for jobs that did not end well: kept for some days, so that they can be run again."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from vernacular.approved import SOURCE as APPROVED_ANSWERS
from vernacular.db.models import JobRow
from vernacular.db.session import Database
from vernacular.errors import Conflict, UnknownTenant
from vernacular.jobs import CANCELLED, FAILED, FINISHED, PARTIAL
from vernacular.settings import Settings
from vernacular.tenancy import Platform, TenantScope

MOST_JOBS: Final = 20
"""Of one tenant whose files are kept."""
MOST_BYTES: Final = 1 << 30
"""Of one tenant's kept files together."""
_UNWELL: Final = (FAILED, PARTIAL, CANCELLED)
_DAY_S: Final = 86_400.0
_GONE: Final = "What was sent for this job is no longer held."


def end_upload(settings: Settings, database: Database, tenant_id: str, job_id: str) -> None:
    """As a job ends: keep what was sent for it if it did not end well, within the tenant's bounds, else remove it."""
    folder = settings.uploads_path / job_id
    sent, unwell = _sent_and_unwell(settings, database, tenant_id, job_id)
    if not sent or not folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
        return
    for path in folder.iterdir():
        if path.name not in sent:  # what the job made of it: unpacked archives, fetched pages
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    os.utime(folder)
    drop_uploads(settings, _past_bounds(settings, unwell))


def _sent_and_unwell(
    settings: Settings, database: Database, tenant_id: str, job_id: str
) -> tuple[list[str], list[JobRow]]:
    """The files of the job that are to be kept, and all jobs of its tenant that did not end well; nothing where it did."""
    try:
        with database.read() as session:
            scope = TenantScope(session, Platform(session).tenant_by_id(tenant_id))
            row = scope.get(JobRow, job_id)
            if row is None or row.state not in _UNWELL or not settings.ingest.uploads_kept_days:
                return [], []
            if row.spec.get("source") == APPROVED_ANSWERS:  # never run again, and may hold what people asked
                return [], []
            return _files(row.spec), _ended(scope)
    except UnknownTenant:
        return [], []


def may_run_again(settings: Settings, row: JobRow) -> bool:
    """Whether `reason_against` has nothing to say."""
    return not reason_against(settings, row)


def reason_against(settings: Settings, row: JobRow) -> str:
    """Why the job cannot be run again, in a sentence; empty: it can."""
    if row.kind != "ingest":
        return "Only jobs that take documents in are run again."
    if row.state not in FINISHED:
        return "The job has not ended."
    if row.spec.get("source") == APPROVED_ANSWERS:
        return "What this job took in may have been changed since: save the approved answer again."
    items: Sequence[Mapping[str, Any]] = row.spec.get("items") or []
    if any(item.get("path") for item in items):
        return "This job read files of the server: `vernacular ingest` reads them again."
    folder = settings.uploads_path / row.id
    if not items or not all((folder / name).is_file() for name in _files(row.spec)):
        return _GONE
    return ""


def hand_over(settings: Settings, row: JobRow, folder: Path) -> None:
    """Put what was sent for an ended job into the folder of another.

    Raises:
        Conflict: it has just been removed.
    """
    for name in _files(row.spec):
        source = settings.uploads_path / row.id / name
        try:
            os.link(source, folder / name)
        except FileNotFoundError:
            raise Conflict(_GONE, "Send the files again.") from None
        except OSError:  # a file system without hard links
            shutil.copyfile(source, folder / name)


def forget_uploads(settings: Settings, scope: TenantScope, source: str | None = None) -> None:
    """Remove what is kept of the tenant's ended jobs, or of those of one source: a document of it is to be gone everywhere."""
    drop_uploads(settings, [row.id for row in _ended(scope) if source in (None, row.spec.get("source"))])


def drop_uploads(settings: Settings, job_ids: Iterable[str]) -> None:
    for job_id in job_ids:
        shutil.rmtree(settings.uploads_path / job_id, ignore_errors=True)


def jobs_of(scope: TenantScope) -> list[str]:
    """The ids of all of the tenant's jobs: whoever deletes the tenant removes what was sent for them."""
    return list(scope.execute(scope.select(JobRow.id)).scalars())


def drop_old_uploads(settings: Settings, database: Database) -> int:
    """Remove what was kept for long enough, and what a crash left; how many jobs' it was."""
    with database.read() as session:
        waiting = {job_id for _, job_id, _ in Platform(session).unfinished_jobs()}
    oldest = time.time() - max(1, settings.ingest.uploads_kept_days) * _DAY_S
    old = [
        path.name
        for path in settings.uploads_path.glob("*")
        if path.is_dir() and path.name not in waiting and path.stat().st_mtime < oldest
    ]
    drop_uploads(settings, old)
    return len(old)


def _files(spec: Mapping[str, Any]) -> list[str]:
    return [str(item["file"]) for item in spec.get("items") or [] if item.get("file")]


def _ended(scope: TenantScope) -> list[JobRow]:
    """Jobs that did not end well, the last first."""
    statement = scope.select(JobRow).where(JobRow.state.in_(_UNWELL))
    return list(scope.execute(statement.order_by(JobRow.finished_at.desc(), JobRow.id)).scalars())


def _past_bounds(settings: Settings, ended: Sequence[JobRow]) -> list[str]:
    folders = (settings.uploads_path / row.id for row in ended)
    past, size = list[str](), 0
    for held, folder in enumerate(filter(Path.is_dir, folders), 1):
        size += sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
        if held > MOST_JOBS or size > MOST_BYTES:
            past.append(folder.name)
    return past
