from __future__ import annotations

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vernacular.access.keys import KeyRing
from vernacular.access.principal import Principal, Role
from vernacular.db.migrate import migrate
from vernacular.db.models import ApiKeyRow, TenantRow
from vernacular.db.session import Database, open_database
from vernacular.errors import BadRequest, NotFound, Unauthorized
from vernacular.settings import Settings
from vernacular.tenancy import Platform, Tenant, TenantScope


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(Settings(home=tmp_path))
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def acme(database: Database) -> Tenant:
    return make_tenant(database, "acme")


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path)


def make_tenant(database: Database, slug: str) -> Tenant:
    with database.write() as session:
        return Platform(session).create_tenant(TenantRow(slug=slug))


def issue(database: Database, ring: KeyRing, tenant: Tenant, role: str = "member", **more: object) -> str:
    with database.write() as session:
        return ring.issue(TenantScope(session, tenant), role=role, **more)  # type: ignore[arg-type]


def authenticate(database: Database, ring: KeyRing, key: str) -> Principal:
    with database.read() as session:
        return ring.authenticate(Platform(session), key)


class TestIssue:
    def test_gives_a_key_that_names_its_tenant_and_holds_256_random_bits(
        self, database: Database, ring: KeyRing, acme: Tenant
    ) -> None:
        first, second = issue(database, ring, acme), issue(database, ring, acme)
        assert first.startswith("vk_acme_")
        assert len(first.removeprefix("vk_acme_")) == 43
        assert first != second

    def test_keeps_only_a_digest(self, database: Database, ring: KeyRing, acme: Tenant, tmp_path: Path) -> None:
        key = issue(database, ring, acme)
        with database.read() as session:
            scope = TenantScope(session, acme)
            row = scope.execute(scope.select(ApiKeyRow)).scalar_one()
        assert row.digest == ring.digest(key)
        assert key not in repr(vars(row))
        secret = key.removeprefix("vk_acme_").encode()
        assert all(secret not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())

    def test_refuses_a_role_there_is_not(self, database: Database, ring: KeyRing, acme: Tenant) -> None:
        with pytest.raises(BadRequest, match="no role 'root'"):
            issue(database, ring, acme, role="root")


class TestAuthenticate:
    def test_tells_who_is_calling(self, database: Database, ring: KeyRing, acme: Tenant) -> None:
        principal = authenticate(database, ring, issue(database, ring, acme, groups=("hr", "legal")))
        assert principal.tenant == acme
        assert principal.role is Role.member
        assert principal.groups == principal.sees_groups == ("hr", "legal")

    def test_lets_editors_and_admins_see_every_group(self, database: Database, ring: KeyRing, acme: Tenant) -> None:
        assert authenticate(database, ring, issue(database, ring, acme, role="editor")).sees_groups is None
        assert authenticate(database, ring, issue(database, ring, acme, role="admin")).sees_groups is None

    def test_tells_tenants_apart(self, database: Database, ring: KeyRing, acme: Tenant) -> None:
        other = make_tenant(database, "other")
        assert authenticate(database, ring, issue(database, ring, other)).tenant == other
        assert authenticate(database, ring, issue(database, ring, acme)).tenant == acme

    @pytest.mark.parametrize("wrong", ["", "vk_acme_", "vk_acme_" + "A" * 43, "x" * 100_000, "ключ", "\ud83d"])
    def test_refuses_a_wrong_key(self, database: Database, ring: KeyRing, acme: Tenant, wrong: str) -> None:
        issue(database, ring, acme)
        with pytest.raises(Unauthorized, match="not valid"):
            authenticate(database, ring, wrong)

    def test_refuses_a_key_changed_in_one_letter(self, database: Database, ring: KeyRing, acme: Tenant) -> None:
        key = issue(database, ring, acme)
        with pytest.raises(Unauthorized):
            authenticate(database, ring, key[:-1] + ("A" if key[-1] != "A" else "B"))

    def test_refuses_an_expired_key(self, database: Database, ring: KeyRing, acme: Tenant) -> None:
        key = issue(database, ring, acme, expires_at=datetime.now(UTC) - timedelta(seconds=1))
        with pytest.raises(Unauthorized):
            authenticate(database, ring, key)

    def test_refuses_keys_of_a_suspended_tenant(self, database: Database, ring: KeyRing, acme: Tenant) -> None:
        key = issue(database, ring, acme)
        with database.write() as session:
            Platform(session).tenant_row("acme").suspended_at = datetime.now(UTC)
        with pytest.raises(Unauthorized):
            authenticate(database, ring, key)

    def test_refuses_keys_made_with_another_pepper(
        self, database: Database, ring: KeyRing, acme: Tenant, tmp_path: Path
    ) -> None:
        key = issue(database, ring, acme)
        with pytest.raises(Unauthorized):
            authenticate(database, KeyRing(tmp_path / "elsewhere"), key)


class TestRevoke:
    @pytest.mark.parametrize("by", ["id", "key"])
    def test_refuses_the_key_from_then_on(self, database: Database, ring: KeyRing, acme: Tenant, by: str) -> None:
        key = issue(database, ring, acme)
        identifier = authenticate(database, ring, key).id
        with database.write() as session:
            revoked = ring.revoke(TenantScope(session, acme), identifier if by == "id" else key)
        assert revoked == identifier
        with pytest.raises(Unauthorized):
            authenticate(database, ring, key)

    def test_knows_nothing_of_another_tenants_key(self, database: Database, ring: KeyRing, acme: Tenant) -> None:
        key = issue(database, ring, make_tenant(database, "other"))
        with database.write() as session, pytest.raises(NotFound):
            ring.revoke(TenantScope(session, acme), key)
        assert authenticate(database, ring, key).tenant.slug == "other"


class TestPepper:
    def test_is_readable_by_its_owner_alone(self, tmp_path: Path) -> None:
        KeyRing(tmp_path).digest("x")
        pepper = tmp_path / "secrets" / "pepper"
        assert stat.S_IMODE(pepper.stat().st_mode) == 0o600
        assert stat.S_IMODE(pepper.parent.stat().st_mode) == 0o700
        assert len(pepper.read_bytes()) == 32

    def test_is_the_same_for_all_who_race_to_make_it(self, tmp_path: Path) -> None:
        with ThreadPoolExecutor(16) as pool:
            digests = set(pool.map(lambda _: KeyRing(tmp_path).digest("x"), range(64)))
        assert len(digests) == 1
        assert [file.name for file in (tmp_path / "secrets").iterdir()] == ["pepper"]

    def test_stays_the_same(self, tmp_path: Path) -> None:
        assert KeyRing(tmp_path).digest("x") == KeyRing(tmp_path).digest("x")
