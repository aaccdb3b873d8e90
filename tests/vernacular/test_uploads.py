from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests import databases
from vernacular import uploads
from vernacular.db.models import JobRow
from vernacular.db.session import Database
from vernacular.jobs import JobQueue, new_job_id
from vernacular.settings import Settings
from vernacular.tenancy import Tenant, TenantScope

database, tenant = databases.database, databases.tenant


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def ended(settings: Settings, database: Database, tenant: Tenant, state: str, size: int = 5) -> Path:
    """What is left in the folder of a job that ended so."""
    queue, job_id = JobQueue(settings), new_job_id()
    folder = queue.upload_folder(job_id)
    (folder / "0001").write_bytes(b"x" * size)
    (folder / "archive-0001").mkdir()
    (folder / "archive-0001" / "00001").write_bytes(b"unpacked")
    queue.enqueue(database, tenant, "ingest", {"source": "s", "items": [{"kind": "file", "file": "0001"}]}, job_id)
    with database.write() as session:
        row = TenantScope(session, tenant).get(JobRow, job_id)
        assert row is not None
        row.state, row.finished_at = state, row.created_at
    uploads.end_upload(settings, database, tenant.id, job_id)
    return folder


class TestEndUpload:
    @pytest.mark.parametrize("state", ["failed", "partial", "cancelled"])
    def test_keeps_what_was_sent_and_nothing_made_of_it(
        self, settings: Settings, database: Database, tenant: Tenant, state: str
    ) -> None:
        folder = ended(settings, database, tenant, state)
        assert [path.name for path in folder.iterdir()] == ["0001"]

    def test_keeps_nothing_of_what_ended_well(self, settings: Settings, database: Database, tenant: Tenant) -> None:
        assert not ended(settings, database, tenant, "succeeded").exists()

    def test_keeps_nothing_where_the_settings_say_so(
        self, settings: Settings, database: Database, tenant: Tenant
    ) -> None:
        settings.ingest.uploads_kept_days = 0
        assert not ended(settings, database, tenant, "failed").exists()

    def test_keeps_nothing_of_a_tenant_that_is_gone(
        self, settings: Settings, database: Database, tenant: Tenant
    ) -> None:
        folder = JobQueue(settings).upload_folder(new_job_id())
        uploads.end_upload(settings, database, "gone", folder.name)
        assert not folder.exists()

    def test_keeps_the_last_jobs_of_a_tenant_alone(
        self, settings: Settings, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(uploads, "MOST_JOBS", 2)
        folders = [ended(settings, database, tenant, "failed") for _ in range(4)]
        assert [folder.exists() for folder in folders] == [False, False, True, True]

    def test_keeps_no_more_than_so_many_bytes(
        self, settings: Settings, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(uploads, "MOST_BYTES", 12)
        folders = [ended(settings, database, tenant, "failed", 8) for _ in range(2)]
        assert [folder.exists() for folder in folders] == [False, True]


class TestDropOldUploads:
    def test_leaves_what_is_young_or_waited_for(self, settings: Settings, database: Database, tenant: Tenant) -> None:
        old, young = (ended(settings, database, tenant, "failed") for _ in range(2))
        waiting = JobQueue(settings).upload_folder(new_job_id())
        JobQueue(settings).enqueue(database, tenant, "ingest", {"items": []}, waiting.name)
        for folder in (old, waiting):
            os.utime(folder, (time.time() - 8 * 86_400,) * 2)
        assert uploads.drop_old_uploads(settings, database) == 1
        assert [folder.exists() for folder in (old, young, waiting)] == [False, True, True]
