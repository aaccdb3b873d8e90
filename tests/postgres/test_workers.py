"""Several worker processes, each with a home of its own, on one PostgreSQL."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from ingest import numbers
from ingest.numbers import taken_number
from ingest.worker import run_worker
from tests.ingest.test_worker import accept
from tests.postgres.shared_vectors import Record, connect
from vernacular.db.models import DocumentRow, TenantRow
from vernacular.db.session import Database
from vernacular.errors import Conflict
from vernacular.jobs import FINISHED, JobQueue, worker_runs
from vernacular.settings import Settings, VectorSettings
from vernacular.tenancy import Platform, Tenant, TenantScope

pytestmark = pytest.mark.postgres
PATIENCE_S = 90.0


def work(settings: Settings, address: Path, name: str) -> None:
    run_worker(settings, connect(address, name))


@pytest.fixture
def address(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short path: a socket's has little room."""
    return tmp_path_factory.mktemp("v") / "s"


@pytest.fixture
def tenants(database: Database) -> list[Tenant]:
    with database.write() as session:
        return [Platform(session).create_tenant(TenantRow(slug=slug)) for slug in ("harbour", "clinic")]


@contextmanager
def workers(settings: Settings, address: Path, *names: str) -> Iterator[dict[str, BaseProcess]]:
    """Worker processes that share the uploads of `settings.home`, and nothing else of it."""
    context = multiprocessing.get_context("spawn")
    processes: dict[str, BaseProcess] = {}
    settings.uploads_path.mkdir(parents=True, exist_ok=True)
    for name in names:
        home = settings.home.with_name(name)
        home.mkdir()
        (home / "uploads").symlink_to(settings.uploads_path)
        own = settings.model_copy(update={"home": home})
        processes[name] = context.Process(target=work, args=(own, address, name))
        processes[name].start()
    yield processes
    for process in processes.values():
        process.terminate()
        process.join(PATIENCE_S)


def ended(settings: Settings, database: Database, jobs: list[tuple[Tenant, str]]) -> list[tuple[str, int]]:
    """State and `done` of the jobs, once all have ended."""
    give_up = time.monotonic() + PATIENCE_S
    while True:
        views = [JobQueue(settings).show(database, tenant, job_id) for tenant, job_id in jobs]
        if all(view["state"] in FINISHED for view in views) or time.monotonic() > give_up:
            return [(view["state"], view["done"]) for view in views]
        time.sleep(0.05)


class TestWorkers:
    def test_share_the_jobs_and_run_none_twice(
        self, settings: Settings, database: Database, tenants: list[Tenant], address: Path
    ) -> None:
        jobs = [
            (tenant, accept(settings, database, tenant, 15, first)) for tenant in tenants for first in (0, 100, 200)
        ]
        record = Record(together=2)
        record.listen(address)
        with workers(settings, address, "one", "two") as processes:
            assert ended(settings, database, jobs) == [("succeeded", 15)] * 6
            assert worker_runs(settings.home.with_name("one"))
        assert [process.exitcode for process in processes.values()] == [0, 0]
        assert set(record.workers) == {"one", "two"}
        assert record.met == []
        assert set(record.chunks.values()) == {1}
        with database.read() as session:
            assert [TenantScope(session, tenant).count(DocumentRow) for tenant in tenants] == [45, 45]
        assert len(record.chunks) == 90

    def test_carry_on_the_job_of_one_that_was_killed(
        self, settings: Settings, database: Database, tenants: list[Tenant], address: Path
    ) -> None:
        jobs = [(tenants[0], accept(settings, database, tenants[0], 30))]
        record = Record(held_write=4)
        record.listen(address)
        with workers(settings, address, "one", "two") as processes:
            assert record.holding.wait(PATIENCE_S)
            [begun] = record.workers
            pid = processes[begun].pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            record.release.set()
            assert ended(settings, database, jobs) == [("succeeded", 30)]
        assert set(record.workers) == {"one", "two"}
        assert sum(times - 1 for times in record.chunks.values()) <= 3  # the batch that was under way, and no other
        with database.read() as session:
            partition = TenantScope(session, tenants[0]).active_partition()
        assert partition is not None
        assert record.store.count(partition) == 30


class TestNumbers:
    def test_the_lowest_free_one_is_taken(self, settings: Settings) -> None:
        with taken_number(settings) as first, taken_number(settings) as second:
            assert (first.name, second.name) == ("worker-0", "worker-1")
            assert first.held()
            with second.abandoned("worker-0") as gone, second.abandoned("worker-1") as own:
                assert (gone, own) == (False, False)
        with taken_number(settings) as third:
            assert third.name == "worker-0"
            with third.abandoned("worker-1") as gone:
                assert gone

    def test_one_whose_session_was_cut_off_takes_its_number_again(self, settings: Settings, database: Database) -> None:
        with taken_number(settings) as number:
            cut_off(database)
            assert number.held()

    def test_one_whose_number_is_taken_meanwhile_knows(self, settings: Settings, database: Database) -> None:
        with taken_number(settings) as first:
            cut_off(database)
            with taken_number(settings.model_copy(update={"home": settings.home / "other"})) as second:
                assert second.name == first.name
                assert not first.held()

    def test_the_embedded_index_allows_for_one_worker(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(numbers, "PATIENCE_S", 0.0)
        settings.vectors = VectorSettings(mode="edge")
        with taken_number(settings), pytest.raises(Conflict, match="already runs"), taken_number(settings):
            pass


def cut_off(database: Database) -> None:
    """End all other sessions of the database, as a restart of the server would."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
