from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

import vernacular.db.models  # noqa: F401  (the tables register themselves)
from vernacular.db.base import Base
from vernacular.db.migrate import migrate
from vernacular.db.session import open_database
from vernacular.errors import MigrationFailed, StoreBusy
from vernacular.settings import Settings, SqlSettings


def _migrate(home: Path) -> None:
    database = open_database(Settings(home=home))
    migrate(database)
    database.close()


class TestMigrate:
    def test_brings_an_empty_database_to_exactly_the_models(self, tmp_path: Path) -> None:
        database = open_database(Settings(home=tmp_path))
        migrate(database)
        with database.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []
        database.close()

    def test_changes_nothing_the_second_time(self, tmp_path: Path) -> None:
        _migrate(tmp_path)
        database = open_database(Settings(home=tmp_path))
        with database.engine.begin() as connection:
            connection.execute(text("INSERT INTO tenants VALUES ('t', 's', '', '[]', '[]', '{}', '2026-01-01', NULL)"))
        migrate(database)
        with database.engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM tenants")).scalar_one() == 1
        database.close()

    def test_lets_processes_that_start_together_take_turns(self, tmp_path: Path) -> None:
        context = multiprocessing.get_context("spawn")
        processes = [context.Process(target=_migrate, args=(tmp_path,)) for _ in range(3)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0, 0, 0]

    def test_refuses_a_database_written_by_a_newer_version(self, tmp_path: Path) -> None:
        _migrate(tmp_path)
        database = open_database(Settings(home=tmp_path))
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(MigrationFailed, match="newer version"):
            migrate(database)
        database.close()

    def test_leaves_nothing_behind_when_it_fails(self, tmp_path: Path) -> None:
        database = open_database(Settings(home=tmp_path))
        with database.engine.begin() as connection:
            connection.execute(text("CREATE TABLE jobs (something TEXT)"))
        with pytest.raises(MigrationFailed):
            migrate(database)
        assert inspect(database.engine).get_table_names() == ["jobs"]
        database.close()

    @pytest.mark.parametrize(
        ("index", "statement"),
        [
            ("ix_jobs_listing", "SELECT * FROM jobs WHERE tenant_id = 't' ORDER BY created_at DESC, id DESC LIMIT 51"),
            (
                "ix_job_errors_listing",
                "SELECT * FROM job_errors WHERE tenant_id = 't' ORDER BY created_at DESC, id DESC LIMIT 51",
            ),
            (
                "ix_documents_updated",
                "SELECT title FROM documents WHERE tenant_id = 't' AND indexed AND updated_at >= '2026-01-02' "
                "AND updated_at > created_at AND created_at < '2026-01-02' ORDER BY updated_at DESC LIMIT 200",
            ),
            (
                "ix_documents_begins",
                "SELECT valid_from FROM documents WHERE tenant_id = 't' AND valid_from <= '2026-01-02' "
                "ORDER BY valid_from DESC LIMIT 1",
            ),
            (
                "ix_documents_ends",
                "SELECT title FROM documents WHERE tenant_id = 't' AND valid_until >= '2026-01-02' "
                "AND valid_until <= '2026-02-02' ORDER BY valid_until DESC LIMIT 200",
            ),
        ],
    )
    def test_lets_the_latest_be_read_first_rather_than_all_be_sorted(
        self, tmp_path: Path, index: str, statement: str
    ) -> None:
        database = open_database(Settings(home=tmp_path))
        migrate(database)
        database.engine.dispose()
        with database.engine.connect() as connection:
            plan = [str(step) for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]
        assert any(index in step for step in plan)
        assert not any("TEMP B-TREE FOR ORDER BY" in step for step in plan)
        database.close()

    def test_lets_questions_be_found_by_their_conversations(self, tmp_path: Path) -> None:
        database = open_database(Settings(home=tmp_path))
        migrate(database)
        database.engine.dispose()
        conversations = ", ".join(f"'{number}'" for number in range(500))
        with database.engine.connect() as connection:
            statement = "SELECT content FROM messages WHERE tenant_id = 't' AND role = 'user' AND conversation_id IN"
            plan = [
                str(step) for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement} ({conversations})")
            ]
        assert any("ix_messages_conversation" in step for step in plan)
        database.close()

    @pytest.mark.parametrize(
        "statement",
        [
            "SELECT title FROM documents WHERE tenant_id = ? AND id IN ({})",
            "UPDATE documents SET indexed = 1 WHERE tenant_id = ? AND id IN ({})",
            "DELETE FROM documents WHERE tenant_id = ? AND id IN ({})",
            "SELECT text FROM chunks WHERE tenant_id = ? AND id IN ({})",
            "SELECT c.text, d.title FROM chunks c JOIN documents d ON d.id = c.document_id "
            "WHERE c.tenant_id = ? AND d.tenant_id = 't' AND c.id IN ({})",
            "SELECT c.text, d.title FROM chunks c, documents d WHERE d.id = c.document_id "
            "AND c.tenant_id = ? AND d.tenant_id = 't' AND d.id IN ({})",
        ],
    )
    def test_lets_rows_be_found_by_id_rather_than_by_reading_all_of_the_tenants(
        self, tmp_path: Path, statement: str
    ) -> None:
        database = open_database(Settings(home=tmp_path))
        migrate(database)
        database.engine.dispose()
        ids = ["x"] * 200
        with database.engine.connect() as connection:
            explained = "EXPLAIN QUERY PLAN " + statement.format(", ".join("?" * len(ids)))
            plan = connection.exec_driver_sql(explained, ("t", *ids)).all()
        assert plan
        assert not [step for step in plan if "tenant_id=?" in str(step) and "source" not in str(step)]
        database.close()


def test_a_server_that_does_not_answer_is_told_apart_from_a_failed_migration(tmp_path: Path) -> None:
    url = "postgresql+psycopg://someone:f3b0c9d81e6a@127.0.0.1:1/vernacular"
    unreachable = open_database(Settings(home=tmp_path, sql=SqlSettings(url=url)))
    with pytest.raises(StoreBusy, match="does not answer"):
        migrate(unreachable)
