from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from vernacular.db.base import now
from vernacular.db.migrate import migrate
from vernacular.db.models import JobRow, TenantRow
from vernacular.db.session import Database, open_database
from vernacular.errors import UnknownJob
from vernacular.jobs import JobQueue, eta_seconds
from vernacular.settings import Settings
from vernacular.tenancy import Platform, Tenant, TenantScope


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(Settings(home=tmp_path))
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def queue(tmp_path: Path) -> JobQueue:
    return JobQueue(Settings(home=tmp_path))


def tenant(database: Database, slug: str) -> Tenant:
    with database.write() as session:
        return Platform(session).create_tenant(TenantRow(slug=slug))


def set_state(database: Database, owner: Tenant, job_id: str, state: str) -> None:
    with database.write() as session:
        scope = TenantScope(session, owner)
        scope.execute(scope.update(JobRow).where(JobRow.id == job_id).values(state=state))


class TestEnqueue:
    def test_a_job_waits_until_a_worker_takes_it(self, database: Database, queue: JobQueue) -> None:
        owner = tenant(database, "one")
        job_id = queue.enqueue(database, owner, "reindex", {})
        view = queue.show(database, owner, job_id)
        assert (view["job_id"], view["state"], view["stage"], view["errors"]) == (job_id, "queued", "queued", [])
        with database.read() as session:
            assert Platform(session).queued_jobs() == [(job_id, owner.id)]

    def test_the_same_id_twice_is_one_job(self, database: Database, queue: JobQueue) -> None:
        owner = tenant(database, "one")
        first = queue.enqueue(database, owner, "reindex", {})
        assert queue.enqueue(database, owner, "reindex", {}, first) == first
        with database.read() as session:
            assert len(Platform(session).queued_jobs()) == 1

    def test_uploads_have_a_folder_of_their_own_that_nobody_else_reads(self, queue: JobQueue) -> None:
        folder = queue.upload_folder("a-job")
        assert folder.is_dir()
        assert folder.stat().st_mode & 0o077 == 0


class TestCancel:
    def test_a_waiting_job_is_cancelled_at_once(self, database: Database, queue: JobQueue) -> None:
        owner = tenant(database, "one")
        view = queue.cancel(database, owner, queue.enqueue(database, owner, "reindex", {}))
        assert view["state"] == "cancelled"
        assert view["finished_at"] is not None

    def test_a_running_one_is_asked_to_stop(self, database: Database, queue: JobQueue) -> None:
        owner = tenant(database, "one")
        job_id = queue.enqueue(database, owner, "reindex", {})
        set_state(database, owner, job_id, "running")
        view = queue.cancel(database, owner, job_id)
        assert (view["state"], view["cancel_requested"]) == ("running", True)

    def test_one_that_has_ended_stays_as_it_is(self, database: Database, queue: JobQueue) -> None:
        owner = tenant(database, "one")
        job_id = queue.enqueue(database, owner, "reindex", {})
        set_state(database, owner, job_id, "succeeded")
        assert queue.cancel(database, owner, job_id)["state"] == "succeeded"

    def test_jobs_of_others_are_as_if_they_were_not_there(self, database: Database, queue: JobQueue) -> None:
        job_id = queue.enqueue(database, tenant(database, "one"), "reindex", {})
        other = tenant(database, "two")
        with pytest.raises(UnknownJob):
            queue.cancel(database, other, job_id)
        with pytest.raises(UnknownJob):
            queue.show(database, other, job_id)


class TestEta:
    def test_the_rest_takes_as_long_as_what_is_done(self) -> None:
        begin = now()
        row = JobRow(state="running", done=25, total=100, started_at=begin, updated_at=begin + timedelta(seconds=10))
        assert eta_seconds(row) == 30.0

    def test_nothing_is_said_before_the_first_batch_or_after_the_end(self) -> None:
        begin = now()
        assert eta_seconds(JobRow(state="running", done=0, total=9, started_at=begin, updated_at=begin)) is None
        assert eta_seconds(JobRow(state="succeeded", done=9, total=9, started_at=begin, updated_at=begin)) is None
