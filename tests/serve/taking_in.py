"""Running the jobs that a gateway of the tests accepted, as a worker would."""

from __future__ import annotations

from ingest.bootstrap import opened_parts
from ingest.workflows import Jobs
from tests.ingest.conftest import run_now
from tests.serve.gateway import Gateway
from vernacular.tenancy import Platform


def take_in(gateway: Gateway) -> int:
    """Run what waits, oldest first; how many jobs there were."""
    services, ran = gateway.services, 0
    with opened_parts(services.settings, services.vectors, None) as parts:
        while True:
            with services.database.read() as session:
                waiting = Platform(session).queued_jobs()
            if not waiting:
                return ran
            for job_id, tenant_id in waiting:
                Jobs(parts, run_now).run(tenant_id, job_id)
                ran += 1
