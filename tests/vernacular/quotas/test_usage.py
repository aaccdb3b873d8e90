from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from vernacular.db.migrate import migrate
from vernacular.db.models import TenantRow
from vernacular.db.session import Database, open_database
from vernacular.quotas.usage import Used, add_usage, forget_usage, usage
from vernacular.settings import Settings
from vernacular.tenancy import Platform, Tenant, TenantScope

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(Settings(home=tmp_path))
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return made(database, "harbour")


def made(database: Database, slug: str) -> Tenant:
    with database.write() as session:
        return Platform(session).create_tenant(TenantRow(slug=slug))


def add(database: Database, tenant: Tenant, *used: Used) -> None:
    with database.write() as session:
        add_usage(TenantScope(session, tenant), used)


class TestUsage:
    def test_adds_to_the_row_of_the_day(self, database: Database, tenant: Tenant) -> None:
        add(database, tenant, Used(MONDAY, "k1", "key", requests=2, prompt_tokens=5))
        add(database, tenant, Used(MONDAY, "k1", "key", requests=1, refused=4, completion_tokens=6))
        add(database, tenant, Used(TUESDAY, "k1", "key", requests=9))
        with database.read() as session:
            found = usage(TenantScope(session, tenant), MONDAY, MONDAY)
        assert found == [Used(MONDAY, "k1", "key", 3, 4, 5, 6)]
        assert found[0].tokens == 11

    def test_is_found_by_days_principal_and_kind(self, database: Database, tenant: Tenant) -> None:
        key, user = Used(MONDAY, "k1", "key", requests=1), Used(TUESDAY, "u1", "user", requests=2)
        add(database, tenant, key, user)
        with database.read() as session:
            scope = TenantScope(session, tenant)
            assert usage(scope, MONDAY, TUESDAY) == [user, key]
            assert usage(scope, MONDAY, TUESDAY, principal="u1") == [user]
            assert usage(scope, MONDAY, TUESDAY, kind="key") == [key]
            assert usage(scope, TUESDAY, TUESDAY, kind="key") == []

    def test_of_others_is_not_seen(self, database: Database, tenant: Tenant) -> None:
        add(database, made(database, "other"), Used(MONDAY, "k1", "key", requests=1))
        with database.read() as session:
            assert usage(TenantScope(session, tenant), MONDAY, MONDAY) == []

    def test_is_summed_by_tenant_for_the_operator(self, database: Database, tenant: Tenant) -> None:
        add(database, tenant, Used(MONDAY, "k1", "key", 1, 2, 3, 4), Used(TUESDAY, "k2", "key", 10, 20, 30, 40))
        add(database, made(database, "abbey"), Used(MONDAY, "k1", "key", requests=7))
        with database.read() as session:
            assert Platform(session).usage(MONDAY, TUESDAY) == [
                {"tenant": "abbey", "requests": 7, "refused": 0, "prompt_tokens": 0, "completion_tokens": 0},
                {"tenant": "harbour", "requests": 11, "refused": 22, "prompt_tokens": 33, "completion_tokens": 44},
            ]


class TestForget:
    def test_removes_all_of_one_and_nothing_of_others(self, database: Database, tenant: Tenant) -> None:
        kept = Used(MONDAY, "u2", "user", requests=1)
        add(database, tenant, Used(MONDAY, "u1", "user", 1), Used(TUESDAY, "u1", "user", 1), kept)
        with database.write() as session:
            assert forget_usage(TenantScope(session, tenant), "u1") == 2
        with database.read() as session:
            assert usage(TenantScope(session, tenant), MONDAY, TUESDAY) == [kept]
