from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from ingest import numbers
from ingest.worker import Worker
from tests import databases
from tests.contracts.fakes import InMemoryVectorStore
from tests.ingest.conftest import record
from vernacular.corpus.store import load
from vernacular.db.models import ChunkRow, DocumentRow, JobRow
from vernacular.db.session import Database
from vernacular.errors import Conflict, VectorStoreDown
from vernacular.jobs import JobQueue, new_job_id
from vernacular.settings import IngestSettings, Settings
from vernacular.tenancy import Tenant, TenantScope
from vernacular.vectors.protocol import Partition

database, tenant = databases.database, databases.tenant
PATIENCE_S = 60.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", ingest=IngestSettings(batch_documents=5))


def accept(settings: Settings, database: Database, tenant: Tenant, count: int, first: int = 0) -> str:
    queue, job_id = JobQueue(settings), new_job_id()
    lines = b"\n".join(orjson.dumps(record(number)) for number in range(first, first + count))
    (queue.upload_folder(job_id) / "records.ndjson").write_bytes(lines)
    spec = {"source": "api", "items": [{"kind": "records", "file": "records.ndjson"}]}
    return queue.enqueue(database, tenant, "ingest", spec, job_id)


def count(database: Database, tenant: Tenant, vectors: InMemoryVectorStore) -> tuple[int, int, int]:
    """Documents, chunks and points."""
    with database.read() as session:
        scope = TenantScope(session, tenant)
        partition = scope.active_partition()
        points = 0 if partition is None else vectors.count(partition)
        return scope.count(DocumentRow), scope.count(ChunkRow), points


def words(database: Database, tenant: Tenant) -> set[str]:
    """What is known of the tenant's documents."""
    with database.read() as session:
        found = load(TenantScope(session, tenant))
    return set(found.words) if found else set()


class TestWorker:
    def lose_workflows(self, settings: Settings) -> None:
        for path in settings.home.glob("jobs.sqlite*"):
            path.unlink()

    def test_runs_what_waits_and_what_comes(self, settings: Settings, database: Database, tenant: Tenant) -> None:
        vectors = InMemoryVectorStore()
        waiting = accept(settings, database, tenant, 7)
        with Worker(settings, vectors) as worker:
            assert worker.wait(tenant.id, waiting, PATIENCE_S)["state"] == "succeeded"
            coming = accept(settings, database, tenant, 12)
            view = worker.wait(tenant.id, coming, PATIENCE_S)
        assert (view["state"], view["done"], view["total"]) == ("succeeded", 12, 12)
        assert count(database, tenant, vectors) == (12, 12, 12)
        assert not (settings.uploads_path / coming).exists()

    def test_forgets_the_words_of_what_was_deleted(
        self, settings: Settings, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ingest.worker.CATCH_UP_S", 0.05)
        with Worker(settings, InMemoryVectorStore()) as worker:
            worker.wait(tenant.id, accept(settings, database, tenant, 3), PATIENCE_S)
            before = words(database, tenant)
            with database.read() as session:
                scope = TenantScope(session, tenant)
                ids = list(scope.execute(scope.select(DocumentRow.id)).scalars())
            worker.parts.store.delete(tenant, ids)
            give_up = time.monotonic() + PATIENCE_S
            while words(database, tenant) and time.monotonic() < give_up:
                time.sleep(0.02)
        assert "swimming" in before
        assert words(database, tenant) == set()

    def test_what_was_cancelled_before_it_began_never_runs(
        self, settings: Settings, database: Database, tenant: Tenant
    ) -> None:
        job_id = accept(settings, database, tenant, 7)
        JobQueue(settings).cancel(database, tenant, job_id)
        vectors = InMemoryVectorStore()
        with Worker(settings, vectors) as worker:
            assert worker.wait(tenant.id, accept(settings, database, tenant, 1), PATIENCE_S)["state"] == "succeeded"
        assert count(database, tenant, vectors) == (1, 1, 1)

    def test_a_job_stops_after_the_batch_in_which_it_is_cancelled(
        self, settings: Settings, database: Database, tenant: Tenant
    ) -> None:
        job_id = accept(settings, database, tenant, 50)

        class Cancelling(InMemoryVectorStore):
            def upsert(self, partition: Partition, points: Any) -> None:
                JobQueue(settings).cancel(database, tenant, job_id)
                super().upsert(partition, points)

        vectors = Cancelling()
        with Worker(settings, vectors) as worker:
            view = worker.wait(tenant.id, job_id, PATIENCE_S)
        assert (view["state"], view["done"]) == ("cancelled", 5)
        assert count(database, tenant, vectors) == (5, 5, 5)

    def test_a_job_that_cannot_go_on_says_why(self, settings: Settings, database: Database, tenant: Tenant) -> None:
        spec = {"source": "s", "items": [{"kind": "path", "path": str(settings.home / "nowhere")}]}
        job_id = JobQueue(settings).enqueue(database, tenant, "ingest", spec)
        with Worker(settings, InMemoryVectorStore()) as worker:
            view = worker.wait(tenant.id, job_id, PATIENCE_S)
        assert view["state"] == "failed"
        assert [error["name"] for error in view["errors"]] == ["no_such_path"]
        assert "nowhere" in view["errors"][0]["message"]

    def test_a_bug_ends_its_job_and_not_the_worker(
        self, settings: Settings, database: Database, tenant: Tenant
    ) -> None:
        class Broken(InMemoryVectorStore):
            def flush(self, partition: Partition) -> None:
                raise ZeroDivisionError

        job_id = accept(settings, database, tenant, 1)
        with Worker(settings, Broken()) as worker:
            view = worker.wait(tenant.id, job_id, PATIENCE_S)
            again = worker.wait(tenant.id, accept(settings, database, tenant, 1), PATIENCE_S)
        assert view["state"] == again["state"] == "failed"
        assert "ZeroDivisionError" in view["errors"][0]["message"]

    def test_a_vector_store_that_is_being_restarted_is_waited_for(
        self, settings: Settings, database: Database, tenant: Tenant
    ) -> None:
        class Restarting(InMemoryVectorStore):
            failures = 2

            def upsert(self, partition: Partition, points: Any) -> None:
                if self.failures:
                    self.failures -= 1
                    raise VectorStoreDown("The owner is being restarted.")
                super().upsert(partition, points)

        vectors = Restarting()
        job_id = accept(settings, database, tenant, 7)
        with Worker(settings, vectors) as worker:
            assert worker.wait(tenant.id, job_id, PATIENCE_S)["state"] == "succeeded"
        assert count(database, tenant, vectors) == (7, 7, 7)

    def test_a_job_is_carried_on_by_the_next_worker(
        self, settings: Settings, database: Database, tenant: Tenant
    ) -> None:
        vectors = InMemoryVectorStore()
        upserts: list[int] = []
        first = Worker(settings, vectors)

        class Stopping(InMemoryVectorStore):
            def upsert(self, partition: Partition, points: Any) -> None:
                upserts.append(len(points))
                if len(upserts) == 3:
                    first._stopping.set()
                vectors.upsert(partition, points)

            def count(self, partition: Partition) -> int:
                return vectors.count(partition)

        first._given_vectors = Stopping()
        job_id = accept(settings, database, tenant, 50)
        with first:
            view = first.wait(tenant.id, job_id, 5.0)
        assert (view["state"], view["done"]) == ("running", 15)
        with Worker(settings, vectors) as second:
            view = second.wait(tenant.id, job_id, PATIENCE_S)
        assert (view["state"], view["done"]) == ("succeeded", 50)
        assert count(database, tenant, vectors) == (50, 50, 50)

    def test_a_job_survives_the_loss_of_the_workflows_own_database(
        self, settings: Settings, database: Database, tenant: Tenant
    ) -> None:
        job_id = accept(settings, database, tenant, 3)
        with Worker(settings, InMemoryVectorStore()) as worker:
            worker.wait(tenant.id, job_id, PATIENCE_S)
        self.lose_workflows(settings)
        vectors = InMemoryVectorStore()
        with database.write() as session:
            scope = TenantScope(session, tenant)
            scope.execute(scope.update(JobRow).values(state="running", finished_at=None))
        lines = b"\n".join(orjson.dumps(record(number)) for number in range(3))
        (JobQueue(settings).upload_folder(job_id) / "records.ndjson").write_bytes(lines)
        with Worker(settings, vectors) as worker:
            assert worker.wait(tenant.id, job_id, PATIENCE_S)["state"] == "succeeded"

    def test_a_home_has_one_worker(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(numbers, "PATIENCE_S", 0.0)
        with Worker(settings, InMemoryVectorStore()), pytest.raises(Conflict, match="already runs"):
            Worker(settings, InMemoryVectorStore()).__enter__()
