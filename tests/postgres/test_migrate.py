from __future__ import annotations

import multiprocessing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

import vernacular.db.models  # noqa: F401  (the tables register themselves)
from tests.postgres.server import Server
from vernacular.db.base import Base
from vernacular.db.migrate import migrate
from vernacular.db.models import DocumentRow, TenantRow
from vernacular.db.session import Database, open_database
from vernacular.errors import InvalidSetting, MigrationFailed
from vernacular.settings import Settings
from vernacular.tenancy import Platform, TenantScope

pytestmark = pytest.mark.postgres


def _migrate(settings: Settings) -> None:
    database = open_database(settings)
    migrate(database)
    database.close()


class TestMigrate:
    def test_brings_an_empty_database_to_exactly_the_models(self, database: Database) -> None:
        with database.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            [(kind, constraint)] = compare_metadata(context, Base.metadata)
        assert (kind, constraint.name) == ("add_constraint", "uq_documents_source")  # the model has it for SQLite alone

    def test_changes_nothing_the_second_time(self, database: Database) -> None:
        with database.write() as session:
            Platform(session).create_tenant(TenantRow(slug="harbour"))
        migrate(database)
        with database.read() as session:
            assert [tenant.slug for tenant in Platform(session).tenants()] == ["harbour"]

    def test_lets_processes_that_start_together_take_turns(self, settings: Settings) -> None:
        context = multiprocessing.get_context("spawn")
        processes = [context.Process(target=_migrate, args=(settings,)) for _ in range(3)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0, 0, 0]

    def test_refuses_a_database_written_by_a_newer_version(self, database: Database) -> None:
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(MigrationFailed, match="newer version"):
            migrate(database)

    def test_leaves_nothing_behind_when_it_fails(self, settings: Settings) -> None:
        database = open_database(settings)
        with database.engine.begin() as connection:
            connection.execute(text("CREATE TABLE jobs (something TEXT)"))
        with pytest.raises(MigrationFailed):
            migrate(database)
        assert inspect(database.engine).get_table_names() == ["jobs"]
        database.close()

    def test_refuses_a_database_that_counts_bytes_where_offsets_count_characters(
        self, server: Server, settings: Settings
    ) -> None:
        settings.sql.url = server.new_database("ENCODING 'SQL_ASCII' TEMPLATE template0")
        database = open_database(settings)
        with pytest.raises(InvalidSetting, match="SQL_ASCII"):
            migrate(database)
        database.close()


class TestOpening:
    def test_takes_the_short_form_of_the_address(self, settings: Settings) -> None:
        settings.sql.url = settings.sql.url.replace("postgresql+psycopg://", "postgresql://")
        _migrate(settings)

    def test_keeps_a_text_with_nul_which_postgresql_has_no_place_for(self, database: Database) -> None:
        with database.write() as session:
            tenant = Platform(session).create_tenant(TenantRow(slug="harbour"))
            row = DocumentRow(source="s", source_id="a\0b", content_hash="h", attributes={"a": "\0"}, groups=["\0"])
            TenantScope(session, tenant).add(row)
        with database.read() as session:
            scope = TenantScope(session, tenant)
            assert scope.get(DocumentRow, "\0") is None
            kept = scope.execute(scope.select(DocumentRow)).scalar_one()
        assert (kept.source_id, kept.attributes, kept.groups) == ("a\ufffdb", {"a": "\0"}, ["\0"])
