"""What an erasure works on, and the steps that all of them end with."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vernacular.audit.log import AuditLog
from vernacular.blobs import BlobStore
from vernacular.db.base import now
from vernacular.db.compaction import compact, forget_ended_jobs
from vernacular.db.models import AuditSubjectRow, JobRow
from vernacular.db.session import Database
from vernacular.erasure.traces import Needles, files_under
from vernacular.jobs import FINISHED
from vernacular.settings import Settings
from vernacular.tenancy import Platform, TenantScope
from vernacular.vectors.protocol import VectorStore

KEPT_ELSEWHERE: Final = ("exports", "backups")
"""Folders under `home` whose files are copies: one that holds what is erased goes as a whole."""
_LOGS: Final = "logs"
_LINE: Final = 1 << 20
_SENDING_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Stores:
    settings: Settings
    database: Database
    vectors: VectorStore
    blobs: BlobStore
    audit: AuditLog


def destroy_keys(scope: TenantScope, names: Iterable[str]) -> int:
    """Of the audit log; from then on nobody can read what was encrypted with them, and what waits to be written loses its content.
    Returns how many there were."""
    destroyed = 0
    for name in sorted(set(names)):
        mine = AuditSubjectRow.subject == name
        destroyed += scope.count(AuditSubjectRow, mine, AuditSubjectRow.wrapped_key.is_not(None))
        scope.insert_if_absent(AuditSubjectRow, {"subject": name, "wrapped_key": None, "created_at": now()})
        scope.execute(scope.update(AuditSubjectRow).where(mine).values(wrapped_key=None, erased_at=now()))
    return destroyed


def clean_files(stores: Stores, needles: Needles) -> tuple[list[str], list[str]]:
    """Rewrite the databases, remove copies and blank lines of logs; then look whether anything is left in other files under `home`.

    Returns the files that were changed, and what is left, in sentences.
    """
    settings, home = stores.settings, stores.settings.home
    left = [*forget_ended_jobs(settings.jobs_url, stores.database), *compact(stores.database)]
    if not needles:
        return [], left
    changed = [*_remove_uploads(stores, needles), *_remove_copies(home, needles), *_blank_logs(home, needles)]
    found = [path for path in _searched(settings) if needles.are_in_file(path)]
    left += [f"{path.relative_to(home)} still holds a part of it." for path in found]
    return [str(path.relative_to(home)) for path in changed], left


def _searched(settings: Settings) -> Iterable[Path]:
    """Files that are no store: in those, what is left of the same words is someone else's."""
    stores = (settings.vectors_path, settings.blobs_path, settings.adapters_path, settings.models_path)
    files = (settings.home / f"vernacular.sqlite{ending}" for ending in ("", "-wal", "-shm"))
    return files_under(settings.home, but=[*stores, *files])


def _remove_uploads(stores: Stores, needles: Needles) -> list[Path]:
    """What a crash left of what was sent. A folder without an unfinished job may be one that is being filled just now."""
    with stores.database.read() as session:
        waiting = {job_id for _, job_id, _ in Platform(session).unfinished_jobs()}
    longest_ago = time.time() - _SENDING_S
    gone = [
        path
        for path in stores.settings.uploads_path.glob("*")
        if path.is_dir() and path.name not in waiting and path.stat().st_mtime < longest_ago
        if any(needles.are_in_file(file) for file in files_under(path))
    ]
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    return gone


def _remove_copies(home: Path, needles: Needles) -> list[Path]:
    gone = [path for name in KEPT_ELSEWHERE for path in files_under(home / name) if needles.are_in_file(path)]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def _blank_logs(home: Path, needles: Needles) -> list[Path]:
    """In place: whoever writes to a log has it open."""
    return [path for path in files_under(home / _LOGS) if needles.are_in_file(path) and _blank_lines(path, needles)]


def _blank_lines(path: Path, needles: Needles) -> bool:
    changed = False
    descriptor = os.open(path, os.O_RDWR)
    with os.fdopen(descriptor, "r+b") as file:
        while True:
            start = file.tell()
            line = file.readline(_LINE)
            if not line:
                return changed
            if needles.are_in(line):
                ending = line[len(line.rstrip(b"\r\n")) :]
                file.seek(start)
                file.write(b" " * (len(line) - len(ending)) + ending)
                changed = True


def ended_jobs(scope: TenantScope) -> Sequence[JobRow]:
    return list(scope.execute(scope.select(JobRow).where(JobRow.state.in_(FINISHED))).scalars())
