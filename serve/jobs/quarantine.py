"""What could not be read, across jobs: each item once, as long as it has not come in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from serve.cursors import decode_cursor, encode_cursor
from serve.deps import Access
from serve.jobs import repository
from vernacular.db.models import JobErrorRow, JobRow
from vernacular.tenancy import TenantScope
from vernacular.uploads import may_run_again

_NUMBERED: Final = re.compile(r"(?:line|product) \d+\Z")
"""Names of places in a file, which another file of the source has too."""
_LONGEST_LOOK: Final = 2000


def list_page(access: Access, limit: int, cursor: str | None) -> dict[str, Any]:
    """In the shape of `Quarantine`."""
    after = decode_cursor(cursor) if cursor else None
    found: list[tuple[JobErrorRow, JobRow]] = []
    looked = 0
    with access.read() as scope:
        while len(found) <= limit and looked < _LONGEST_LOOK:
            rows = repository.errors(scope, limit + 1, after)
            found += _unsolved(scope, rows)
            looked += len(rows)
            if len(rows) <= limit:
                break
            after = rows[-1].created_at, rows[-1].id
    shown = found[:limit]
    more = encode_cursor(shown[-1][0].created_at, shown[-1][0].id) if shown and len(found) > limit else None
    settings = access.services.settings
    again = {job.id: may_run_again(settings, job) for job in {job.id: job for _, job in shown}.values()}
    return {"data": [{**_view(row, job), "can_retry": again[job.id]} for row, job in shown], "next_cursor": more}


def _unsolved(scope: TenantScope, rows: Sequence[JobErrorRow]) -> Iterator[tuple[JobErrorRow, JobRow]]:
    """Those whose item came neither in since, nor failed anew."""
    named = sorted({row.source_id for row in rows if row.source_id and not _NUMBERED.match(row.source_id)})
    others = repository.newer(scope, named)
    jobs = repository.jobs(scope, [row.job_id for row in rows] + [job for job, _, _ in others])
    written = repository.taken_in(scope, named)
    last: dict[tuple[str, str], datetime] = {}
    for job_id, source_id, at in others:
        key = _source(jobs[job_id]), source_id
        last[key] = max(at, last.get(key, at))
    for row in rows:
        job = jobs[row.job_id]
        key = _source(job), row.source_id
        came = written.get(key)
        if (came is None or came <= row.created_at) and last.get(key, row.created_at) <= row.created_at:
            yield row, job


def _source(job: JobRow) -> str:
    return str(job.spec.get("source") or "")


def _view(row: JobErrorRow, job: JobRow) -> dict[str, Any]:
    return {
        "job_id": row.job_id,
        "source": job.spec.get("source"),
        "source_id": row.source_id,
        "name": row.name,
        "message": row.message,
        "created_at": row.created_at,
    }
