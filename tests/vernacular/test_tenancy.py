from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from vernacular.db.migrate import migrate
from vernacular.db.models import ApiKeyRow, DocumentRow, JobRow, TenantRow
from vernacular.db.session import Database, UnscopedQuery, open_database, refuse_network_file_system
from vernacular.errors import Conflict, InvalidSetting, UnknownTenant
from vernacular.settings import Settings, SqlSettings
from vernacular.tenancy import ACTIVE, BUILDING, Platform, Tenant, TenantScope


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(Settings(home=tmp_path))
    migrate(opened)
    yield opened
    opened.close()


def make(database: Database, slug: str) -> Tenant:
    with database.write() as session:
        return Platform(session).create_tenant(TenantRow(slug=slug))


def document(source_id: str, groups: list[str] | None = None) -> DocumentRow:
    return DocumentRow(source="s", source_id=source_id, content_hash="h", groups=groups or [])


@pytest.fixture
def two(database: Database) -> tuple[Tenant, Tenant]:
    """Two tenants, each with a document of the same source id."""
    pair = make(database, "one"), make(database, "two")
    for tenant in pair:
        with database.write() as session:
            TenantScope(session, tenant).add(document("same"))
    return pair


class TestTenantScope:
    def test_select_gives_this_tenants_rows_only(self, database: Database, two: tuple[Tenant, Tenant]) -> None:
        with database.read() as session:
            rows = list(
                TenantScope(session, two[0]).execute(TenantScope(session, two[0]).select(DocumentRow)).scalars()
            )
        assert [row.tenant_id for row in rows] == [two[0].id]

    def test_get_of_a_foreign_row_finds_nothing(self, database: Database, two: tuple[Tenant, Tenant]) -> None:
        with database.read() as session:
            theirs = TenantScope(session, two[1])
            identifier = theirs.execute(theirs.select(DocumentRow.id)).scalar_one()
            assert theirs.get(DocumentRow, identifier) is not None
            assert TenantScope(session, two[0]).get(DocumentRow, identifier) is None

    def test_update_and_delete_reach_no_foreign_row(self, database: Database, two: tuple[Tenant, Tenant]) -> None:
        with database.write() as session:
            scope = TenantScope(session, two[0])
            scope.execute(scope.update(DocumentRow).values(title="mine"))
            scope.execute(scope.delete(DocumentRow).where(DocumentRow.title == "mine"))
        with database.read() as session:
            assert TenantScope(session, two[0]).count(DocumentRow) == 0
            assert TenantScope(session, two[1]).count(DocumentRow) == 1

    def test_add_and_insert_overrule_a_foreign_tenant_id(self, database: Database, two: tuple[Tenant, Tenant]) -> None:
        with database.write() as session:
            scope = TenantScope(session, two[0])
            row = document("smuggled")
            row.tenant_id = two[1].id
            scope.add(row)
            scope.insert(JobRow, [{"id": "j", "kind": "ingest", "tenant_id": two[1].id}])
        with database.read() as session:
            assert TenantScope(session, two[1]).count(DocumentRow) == 1
            assert TenantScope(session, two[1]).count(JobRow) == 0

    def test_rows_that_are_no_tenants_cannot_be_selected(self, database: Database, two: tuple[Tenant, Tenant]) -> None:
        with database.read() as session, pytest.raises(TypeError, match="not a tenant's"):
            TenantScope(session, two[0]).select(TenantRow)

    def test_an_unscoped_statement_is_refused_at_run_time(self, database: Database, two: tuple[Tenant, Tenant]) -> None:
        with database.read() as session, pytest.raises(UnscopedQuery):
            session.execute(select(DocumentRow))

    @pytest.mark.parametrize(
        ("mine", "theirs", "readable"),
        [
            (None, ["hr"], True),
            ((), [], True),
            ((), ["hr"], False),
            (("hr",), ["hr", "legal"], True),
            (("it",), ["hr"], False),
        ],
    )
    def test_groups_decide_who_may_read(
        self,
        database: Database,
        two: tuple[Tenant, Tenant],
        mine: tuple[str, ...] | None,
        theirs: list[str],
        readable: bool,
    ) -> None:
        with database.read() as session:
            assert TenantScope(session, two[0], groups=mine).may_read(document("d", theirs)) is readable


class TestGenerations:
    def test_writes_reach_all_generations_and_searches_the_active_one(
        self, database: Database, two: tuple[Tenant, Tenant]
    ) -> None:
        with database.write() as session:
            scope = TenantScope(session, two[0])
            scope.add_generation("1-2", BUILDING)
            scope.add_generation("1-1", ACTIVE)
            assert [partition.generation for partition in scope.partitions()] == ["1-1", "1-2"]
            assert scope.activate("1-2")[0].generation == "1-1"
        with database.read() as session:
            active = TenantScope(session, two[0]).active_partition()
            assert active is not None
            assert active.generation == "1-2"
            assert TenantScope(session, two[1]).partitions() == []


class TestPlatform:
    def test_a_name_is_taken_once(self, database: Database, two: tuple[Tenant, Tenant]) -> None:
        with pytest.raises(Conflict):
            make(database, "one")

    def test_an_unknown_name_is_told(self, database: Database) -> None:
        with database.read() as session, pytest.raises(UnknownTenant):
            Platform(session).tenant("nowhere")

    def test_a_key_that_is_revoked_expired_or_suspended_is_dead(
        self, database: Database, two: tuple[Tenant, Tenant]
    ) -> None:
        now = datetime.now(UTC)
        with database.write() as session:
            for digest, fields in {
                "live": {"expires_at": now + timedelta(days=1)},
                "expired": {"expires_at": now - timedelta(seconds=1)},
                "revoked": {"revoked_at": now},
            }.items():
                TenantScope(session, two[0]).add(ApiKeyRow(role="admin", prefix="p", digest=digest, **fields))
            TenantScope(session, two[1]).add(ApiKeyRow(role="admin", prefix="p", digest="suspended"))
            Platform(session).tenant_row("two").suspended_at = now
        with database.read() as session:
            found = {name: Platform(session).live_key(name) for name in ("live", "expired", "revoked", "suspended")}
        assert [name for name, key in found.items() if key] == ["live"]

    def test_deleting_a_tenant_takes_all_its_rows(self, database: Database, two: tuple[Tenant, Tenant]) -> None:
        with database.write() as session:
            Platform(session).delete_tenant(two[0])
        with database.read() as session:
            assert TenantScope(session, two[0]).count(DocumentRow) == 0
            assert TenantScope(session, two[1]).count(DocumentRow) == 1


class TestOpening:
    def test_sqlite_on_a_network_file_system_is_refused(self, tmp_path: Path) -> None:
        mounts = tmp_path / "mounts"
        mounts.write_text(f"disk / ext4 rw 0 0\nserver:/share {tmp_path} nfs4 rw 0 0\n", encoding="utf-8")
        with pytest.raises(InvalidSetting, match="network file system"):
            refuse_network_file_system(tmp_path / "home", mounts)

    def test_a_local_disk_is_taken(self, tmp_path: Path) -> None:
        mounts = tmp_path / "mounts"
        mounts.write_text("disk / ext4 rw 0 0\nserver:/share /elsewhere nfs4 rw 0 0\n", encoding="utf-8")
        refuse_network_file_system(tmp_path / "home", mounts)

    def test_a_url_that_is_none_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidSetting, match="not an address of a PostgreSQL database"):
            open_database(Settings(home=tmp_path, sql=SqlSettings(url="not a url")))
