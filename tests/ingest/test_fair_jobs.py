"""Jobs of several tenants in one worker."""

from __future__ import annotations

from ingest.worker import Worker
from tests.contracts.fakes import InMemoryVectorStore
from tests.ingest import test_worker
from tests.ingest.test_worker import PATIENCE_S, accept
from vernacular.db.models import TenantRow
from vernacular.db.session import Database
from vernacular.jobs import JobQueue
from vernacular.settings import Settings
from vernacular.tenancy import Platform, Tenant

settings, database, tenant = test_worker.settings, test_worker.database, test_worker.tenant


class TestNeighbours:
    def test_do_not_wait_for_the_end_of_a_long_job(
        self, settings: Settings, database: Database, tenant: Tenant
    ) -> None:
        with database.write() as session:
            neighbour = Platform(session).create_tenant(TenantRow(slug="neighbour"))
        long = accept(settings, database, tenant, 3000)  # 600 batches
        more = [accept(settings, database, tenant, 5, first=5000 + 5 * number) for number in range(3)]
        short = accept(settings, database, neighbour, 1)
        queue = JobQueue(settings)
        with Worker(settings, InMemoryVectorStore()) as worker:
            assert worker.wait(neighbour.id, short, PATIENCE_S)["state"] == "succeeded"
            state = queue.show(database, tenant, long)["state"]
            queue.cancel(database, tenant, long)
            ended = [worker.wait(tenant.id, job, PATIENCE_S)["state"] for job in (long, *more)]
        assert state in {"queued", "running"}
        assert ended == ["cancelled", "succeeded", "succeeded", "succeeded"]
