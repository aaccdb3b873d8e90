"""Jobs from the command line: asked for, followed with a bar, and run here when no worker does."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from vernacular.audit.events import COMMAND_LINE, Event
from vernacular.audit.log import AuditLog
from vernacular.cli.output import console, plain
from vernacular.db.session import Database
from vernacular.gateway import has_worker
from vernacular.jobs import FINISHED, JobKind, JobQueue, new_job_id, worker_runs
from vernacular.settings import Settings
from vernacular.tenancy import Tenant, TenantScope

POLL_S = 0.1
ERRORS_SHOWN = 20


def queue(settings: Settings, database: Database, tenant: Tenant, kind: JobKind, spec: dict[str, Any]) -> str:
    """Ask for a job; its id."""
    job_id, audit = new_job_id(), AuditLog(settings)

    def tell(scope: TenantScope) -> None:
        facts = {"job": job_id, "kind": kind, "items": len(spec.get("items", ()))}
        audit.record(scope, Event("job.asked", COMMAND_LINE, facts=facts))

    with closing(audit):
        return JobQueue(settings).enqueue(database, tenant, kind, spec, job_id, tell=tell)


def follow(
    settings: Settings, database: Database, jobs: Sequence[tuple[Tenant, str]], show: bool = True
) -> list[dict[str, Any]]:
    """Wait until all jobs have ended, showing bars on a terminal; their last views, in order.

    Ctrl-C leaves the jobs: they go on with the next worker.
    """
    with worker_somewhere(settings), bars(show) as progress:
        tasks: list[TaskID] = [progress.add_task(tenant.slug, total=None, stage="queued") for tenant, _job in jobs]
        while True:
            views = [JobQueue(settings).show(database, tenant, job) for tenant, job in jobs]
            for task, view in zip(tasks, views, strict=True):
                progress.update(task, completed=view["done"], total=view["total"], stage=view["stage"])
            if all(view["state"] in FINISHED for view in views):
                break
            time.sleep(POLL_S)
    if show:
        for (tenant, _job), view in zip(jobs, views, strict=True):
            report(tenant, view)
    return views


@contextlib.contextmanager
def worker_somewhere(settings: Settings) -> Iterator[None]:
    """Run a worker in this process, unless one already works on this home."""
    if has_worker(settings) or worker_runs(settings.home):
        yield
        return
    from ingest.worker import Worker

    with Worker(settings):
        yield


def bars(show: bool) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[stage]}"),
        TimeRemainingColumn(),
        console=console(),
        disable=not (show and console().is_terminal),
    )


def report(tenant: Tenant, view: dict[str, Any]) -> None:
    """The end of a job, for a person."""
    typer.echo(f"{tenant.slug}: {view['state']}, {view['done'] - view['failed']} done, {view['failed']} set aside")
    for error in view["errors"][:ERRORS_SHOWN]:
        where = f"{error['source_id']}: " if error["source_id"] else ""
        typer.echo(plain(f"  {where}{error['message']}"))
    if view["failed"] > ERRORS_SHOWN:
        typer.echo(f"  and {view['failed'] - ERRORS_SHOWN} more; GET /v1/jobs/{view['job_id']} lists them")
