from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi.concurrency import run_in_threadpool

from serve.cursors import decode_cursor, encode_cursor
from serve.deps import Access
from serve.error_handlers import error_body
from serve.jobs import repository
from serve.responses import event
from vernacular.errors import VernacularError
from vernacular.jobs import FINISHED, job_errors, job_view
from vernacular.tenancy import TenantScope
from vernacular.uploads import may_run_again

POLL_S = 0.3
HEARTBEAT_S = 15.0


def show(access: Access, job_id: str) -> dict[str, Any]:
    """
    Raises:
        UnknownJob: the tenant has no such job.
    """
    with access.read() as scope:
        row = repository.find(scope, job_id)
        view = job_view(row, job_errors(scope, job_id))
    return {**view, "can_retry": may_run_again(access.services.settings, row)}


def cancel(access: Access, job_id: str) -> dict[str, Any]:
    """
    Raises:
        UnknownJob: the tenant has no such job.
    """
    services = access.services

    def tell(scope: TenantScope) -> None:
        access.record(scope, "job.cancelled", facts={"job": job_id})

    services.jobs.cancel(services.database, access.principal.tenant, job_id, tell=tell)
    return show(access, job_id)


def list_page(access: Access, limit: int, cursor: str | None) -> dict[str, Any]:
    """Jobs without their errors, the newest first."""
    with access.read() as scope:
        rows = repository.page(scope, limit + 1, decode_cursor(cursor) if cursor else None)
    shown = rows[:limit]
    more = encode_cursor(shown[-1].created_at, shown[-1].id) if len(rows) > limit else None
    settings = access.services.settings
    views = [{**job_view(row, []), "can_retry": may_run_again(settings, row)} for row in shown]
    return {"jobs": views, "next_cursor": more}


async def follow(access: Access, first: dict[str, Any], request_id: str) -> AsyncIterator[bytes]:
    """Server-sent events: the job whenever it has moved, until it has ended or the key no longer holds."""
    seen, spoke = first, time.monotonic()
    yield event(first)
    while seen["state"] not in FINISHED:
        await asyncio.sleep(POLL_S)
        try:
            view = await run_in_threadpool(_look, access, first["job_id"])
        except VernacularError as error:
            yield event(error_body(error, request_id))
            return
        if view != seen:
            seen, spoke = view, time.monotonic()
            yield event(view)
        elif time.monotonic() - spoke > HEARTBEAT_S:
            spoke = time.monotonic()
            yield b": still there\n\n"


def _look(access: Access, job_id: str) -> dict[str, Any]:
    access.renew()
    return show(access, job_id)
