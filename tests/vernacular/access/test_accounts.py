"""Accounts, groups, sign-ins and lockout, in the database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.vernacular.access import test_keys
from vernacular.access import groups, users
from vernacular.access.keys import KeyRing
from vernacular.access.lockout import SHARED, AddressThrottle, Lockout
from vernacular.access.principal import Role
from vernacular.access.sessions import Sessions
from vernacular.db import access as statements
from vernacular.db.models import GroupMemberRow, SessionRow, UserRow
from vernacular.db.session import Database
from vernacular.errors import BadRequest, Conflict, TooManyRequests, Unauthorized, UnknownGroup, UnknownUser
from vernacular.settings import AccessSettings
from vernacular.tenancy import Platform, Tenant, TenantScope

database, acme, ring = test_keys.database, test_keys.acme, test_keys.ring


class TestUsers:
    def test_are_found_by_id_and_by_name_in_any_case(self, database: Database, acme: Tenant) -> None:
        with database.write() as session:
            scope = TenantScope(session, acme)
            row = users.create(scope, username="Maria", groups=["staff"])
            assert users.find(scope, row.id) is users.find(scope, " MARIA") is row
            assert users.principal_of(scope, row).groups == ("staff",)
            with pytest.raises(UnknownUser):
                users.find(scope, "nobody")
            assert users.by_name(scope, "\n") is None

    def test_have_names_and_persons_of_their_own(self, database: Database, acme: Tenant) -> None:
        with database.write() as session:
            scope = TenantScope(session, acme)
            users.create(scope, username="maria", issuer="https://id.example", external_id="1")
            with pytest.raises(Conflict):
                users.create(scope, username="MARIA")
            with pytest.raises(Conflict):
                users.create(scope, username="omar", issuer="https://id.example", external_id="1")
            found = users.find_external(scope, "https://id.example", "1")
            assert found is not None and found.username == "maria"
            with pytest.raises(BadRequest):
                users.create(scope, username="eve", role="operator")

    def test_are_not_seen_from_another_tenant(self, database: Database, acme: Tenant) -> None:
        other = test_keys.make_tenant(database, "other")
        with database.write() as session:
            row = users.create(TenantScope(session, acme), username="maria", groups=["staff"])
            scope = TenantScope(session, other)
            for name in (row.id, "maria"):
                with pytest.raises(UnknownUser):
                    users.find(scope, name)
            with pytest.raises(UnknownGroup):
                groups.find(scope, "staff")
            assert users.count(scope) == 0
            users.create(scope, username="maria")

    def test_are_searched_in_pages(self, database: Database, acme: Tenant) -> None:
        with database.write() as session:
            scope = TenantScope(session, acme)
            for name in ("bea", "ana", "carla"):
                users.create(scope, username=name, display_name=name.title(), email=f"{name}@x_y.org")
            assert [row.username for row in users.page(scope, limit=2, offset=1)] == ["bea", "carla"]
            assert [row.username for row in users.page(scope, limit=9, search="ARL")] == ["carla"]
            assert users.count(scope, "x_y") == 3
            assert users.count(scope, "%") == users.count(scope, "xzy") == 0

    @pytest.mark.parametrize("ended", ["suspended", "expired"])
    def test_are_no_callers_once_they_are_suspended_or_expired(
        self, database: Database, acme: Tenant, ended: str
    ) -> None:
        with database.write() as session:
            scope = TenantScope(session, acme)
            row = users.create(scope, username="maria")
            if ended == "suspended":
                users.suspend(scope, row)
            else:
                row.expires_at = datetime.now(UTC)
            with pytest.raises(Unauthorized):
                users.principal_of(scope, row)
            users.resume(scope, row)
            row.expires_at = None
            assert users.principal_of(scope, row).role is Role.member

    def test_take_their_sign_ins_and_memberships_with_them(
        self, database: Database, acme: Tenant, ring: KeyRing
    ) -> None:
        with database.write() as session:
            scope = TenantScope(session, acme)
            row = users.create(scope, username="maria", groups=["staff"])
            Sessions(ring, 1.0).begin(scope, row)
            users.delete(scope, row)
            assert [scope.count(table) for table in (UserRow, SessionRow, GroupMemberRow)] == [0, 0, 0]


class TestGroups:
    def test_are_made_as_people_are_put_into_them(self, database: Database, acme: Tenant) -> None:
        with database.write() as session:
            scope = TenantScope(session, acme)
            row = users.create(scope, username="maria", groups=["staff", "staff", "press"])
            assert groups.names_of(scope, row.id) == ("press", "staff")
            groups.set_groups_of(scope, row.id, ["press"])
            assert groups.names_of(scope, row.id) == ("press",)
            assert [(group.name, members) for group, members in groups.every(scope)] == [("press", 1), ("staff", 0)]
            assert [user.username for user in groups.members(scope, groups.find(scope, "press"))] == ["maria"]

    def test_are_composed_the_same_way(self, database: Database, acme: Tenant) -> None:
        with database.write() as session:
            scope = TenantScope(session, acme)
            made = groups.create(scope, "Prensa e\u0301lite")
            assert groups.by_name(scope, "Prensa \u00e9lite") is made
            with pytest.raises(Conflict):
                groups.create(scope, " Prensa \u00e9lite ")
            groups.rename(scope, made, "Prensa élite")


class TestSessions:
    def test_hold_until_they_end(self, database: Database, acme: Tenant, ring: KeyRing) -> None:
        sessions = Sessions(ring, 1.0)
        with database.write() as session:
            scope = TenantScope(session, acme)
            row = users.create(scope, username="maria", role="editor")
            token, ends = sessions.begin(scope, row)
            other, _ = sessions.begin(scope, row)
        assert timedelta(minutes=59) < ends - datetime.now(UTC) <= timedelta(hours=1)
        with database.read() as session:
            principal = sessions.authenticate(Platform(session), token)
        assert (principal.kind, principal.role, principal.name) == ("user", Role.editor, "maria")
        with database.write() as session:
            sessions.end(TenantScope(session, acme), token)
        with database.read() as session:
            with pytest.raises(Unauthorized):
                sessions.authenticate(Platform(session), token)
            assert sessions.authenticate(Platform(session), other) == principal

    def test_expire(self, database: Database, acme: Tenant, ring: KeyRing) -> None:
        with database.write() as session:
            scope = TenantScope(session, acme)
            token, _ = Sessions(ring, 0.0).begin(scope, users.create(scope, username="maria"))
        with database.write() as session:
            with pytest.raises(Unauthorized):
                Sessions(ring, 0.0).authenticate(Platform(session), token)
            Platform(session).forget_old_sessions(datetime.now(UTC))
            assert TenantScope(session, acme).count(SessionRow) == 0

    def test_are_not_kept_as_they_are(self, database: Database, acme: Tenant, ring: KeyRing) -> None:
        with database.write() as session:
            scope = TenantScope(session, acme)
            token, _ = Sessions(ring, 1.0).begin(scope, users.create(scope, username="maria"))
            kept = scope.execute(scope.select(SessionRow.digest)).scalar_one()
        assert kept == ring.digest(token)
        assert token not in kept


class TestLockout:
    def test_lets_no_more_attempts_through_at_once_than_allowed(
        self, database: Database, acme: Tenant, ring: KeyRing
    ) -> None:
        lockout = Lockout(ring, AccessSettings(lock_after=5))

        def attempt(_number: int) -> bool:
            with database.write() as session:
                return lockout.begin(session, "acme", "maria")

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(attempt, range(24))) == 5
        with database.read() as session:
            assert lockout.locked_until(session, "acme", " MARIA") is not None
            assert lockout.locked_until(session, "acme", "omar") is None
            assert lockout.locked_until(session, "other", "maria") is None

    def test_is_forgiven(self, database: Database, acme: Tenant, ring: KeyRing) -> None:
        lockout = Lockout(ring, AccessSettings(lock_after=1))
        with database.write() as session:
            assert [lockout.begin(session, "acme", "maria") for _ in range(2)] == [True, False]
            lockout.forgive(session, "acme", "maria")
            assert lockout.begin(session, "acme", "maria")

    def test_keeps_no_name(self, database: Database, acme: Tenant, ring: KeyRing) -> None:
        lockout = Lockout(ring, AccessSettings())
        with database.write() as session:
            lockout.begin(session, "acme", "maria")
            row = statements.login_failure(session, ring.digest("login acme\0maria"))
            assert row is not None and row.failures == 1
            statements.forget_old_login_failures(session, datetime.now(UTC) + timedelta(seconds=1))
            assert statements.login_failure(session, ring.digest("login acme\0maria")) is None


class TestAddressThrottle:
    def test_makes_an_address_wait_and_no_other(self) -> None:
        throttle = AddressThrottle(2)
        for _ in range(2):
            throttle.check("192.0.2.1")
            throttle.count("192.0.2.1")
        with pytest.raises(TooManyRequests) as refused:
            throttle.check("192.0.2.1")
        assert 0 < refused.value.retry_after_s <= 600
        throttle.check("192.0.2.2")

    def test_takes_a_network_of_ipv6_as_one(self) -> None:
        throttle = AddressThrottle(1)
        throttle.count("2001:db8:1:2::1")
        with pytest.raises(TooManyRequests):
            throttle.check("2001:db8:1:2:ffff::7%eth0")
        throttle.check("2001:db8:1:3::1")
        throttle.count("::ffff:192.0.2.9")
        with pytest.raises(TooManyRequests):
            throttle.check("192.0.2.9")

    def test_lets_the_many_behind_this_machines_own_address_try_more_often(self) -> None:
        throttle = AddressThrottle(1)
        for address in ("127.0.0.1", "::1"):
            for _ in range(SHARED):
                throttle.check(address)
                throttle.count(address)
            with pytest.raises(TooManyRequests):
                throttle.check(address)
