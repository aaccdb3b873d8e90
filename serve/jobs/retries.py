"""Running an ended job again, as a new one of the same spec."""

from __future__ import annotations

import shutil

from serve.deps import Access
from serve.jobs import repository
from serve.quotas.uploads import check_room
from vernacular.db.models import JobRow
from vernacular.errors import Conflict
from vernacular.jobs import FINISHED, new_job_id
from vernacular.tenancy import TenantScope
from vernacular.uploads import hand_over, reason_against

HELD = "Send the files again: they are held for some days, and only of jobs that did not end well."


def retry(access: Access, job_id: str) -> str:
    """The id of the new job.

    Raises:
        UnknownJob: the tenant has no such job.
        Conflict: it cannot be run again, for the reason that it tells.
        QuotaExceeded: the tenant has no room for it.
    """
    services, tenant = access.services, access.principal.tenant
    with access.read() as scope:
        row = repository.find(scope, job_id)
        _check(access, scope, row)
    again = new_job_id()
    folder = services.jobs.upload_folder(again)

    def tell(scope: TenantScope) -> None:
        access.record(scope, "job.retried", facts={"job": again, "of": job_id})

    try:
        hand_over(services.settings, row, folder)
        check_room(access, row.spec, folder)
        return services.jobs.enqueue(services.database, tenant, "ingest", row.spec, again, tell=tell)
    except BaseException:  # nothing may be left behind
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _check(access: Access, scope: TenantScope, row: JobRow) -> None:
    if row.state not in FINISHED:
        raise Conflict("The job has not ended.", "Wait for it, or cancel it.")
    reason = reason_against(access.services.settings, row)
    if reason:
        raise Conflict(reason, HELD)
    if row.spec.get("sync") and repository.of_source_after(scope, str(row.spec.get("source")), row):
        told = "A later job has brought this source up to date, and running this one again would take that back."
        raise Conflict(told, "Send the files again if that is what you want.")
