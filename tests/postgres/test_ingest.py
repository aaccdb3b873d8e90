"""What holds for jobs on SQLite holds on PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from tests.ingest import test_pipeline, test_reindex, test_worker
from vernacular.settings import IngestSettings, Settings, VectorSettings

pytestmark = pytest.mark.postgres
tenant = test_worker.tenant


class TestRecords(test_pipeline.TestRecords): ...


class TestDeletionsFollowed(test_pipeline.TestDeletionsFollowed): ...


class TestPath(test_pipeline.TestPath): ...


class TestReindex(test_reindex.TestReindex): ...


class TestRepair(test_reindex.TestRepair): ...


class TestWorker(test_worker.TestWorker):
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"ingest": IngestSettings(batch_documents=5)})

    @pytest.fixture
    def embedded(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"vectors": VectorSettings(mode="edge")})

    def test_a_home_has_one_worker(self, embedded: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        super().test_a_home_has_one_worker(embedded, monkeypatch)

    def lose_workflows(self, settings: Settings) -> None:
        engine = create_engine(settings.jobs_url)
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA dbos CASCADE"))
        engine.dispose()
