from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vernacular.access import passwords, users
from vernacular.cli.context import opened_database
from vernacular.cli.demo_tenants import PERSON, Example, ensure_people, ensure_tenant, read_examples
from vernacular.errors import NoSuchPath
from vernacular.settings import Settings
from vernacular.tenancy import Platform, TenantScope


def example(**changes: Any) -> Example:
    profile = {
        "name": "pier",
        "display_name": "Pier",
        "languages": ["en"],
        "dialects": [],
        "greeting": "Hello.",
        "contact": {"phone": "555 0100"},
    }
    return Example({**profile, **changes}, Path("documents"))


class TestTenants:
    def test_follow_their_example(self, tmp_path: Path) -> None:
        with opened_database(Settings(home=tmp_path)) as database:
            ensure_tenant(database, example())
            again = ensure_tenant(database, example(greeting="Good day.", languages=["en", "ar"]))
        assert again.profile["greeting"] == "Good day."
        assert again.languages == ("en", "ar")

    def test_keep_what_somebody_changed_since(self, tmp_path: Path) -> None:
        with opened_database(Settings(home=tmp_path)) as database:
            ensure_tenant(database, example())
            with database.write() as session:
                row = Platform(session).tenant_row("pier")
                row.display_name, row.profile = "The Pier", {**row.profile, "greeting": "Ahoy."}
            again = ensure_tenant(database, example(greeting="Good day.", contact={"phone": "555 0199"}))
        assert again.display_name == "The Pier"
        assert again.profile["greeting"] == "Ahoy."
        assert again.profile["contact"] == {"phone": "555 0199"}

    def test_a_folder_without_any_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(NoSuchPath, match="no example tenant"):
            read_examples(tmp_path)


class TestPeople:
    def test_have_the_same_password_the_next_time(self, tmp_path: Path) -> None:
        settings = Settings(home=tmp_path)
        with opened_database(settings) as database:
            tenant = ensure_tenant(database, example())
            told = ensure_people(settings, database, [tenant])
            assert ensure_people(settings, database, [tenant]) == told
            with database.write() as session:
                scope = TenantScope(session, tenant)
                row = users.find(scope, PERSON)
                assert row.role == "admin"
                assert passwords.verify(row.password_hash, told.removeprefix("password "))
                users.set_password(scope, row, passwords.hash_password("a lamp beside rivers"), must_change=False)
            assert ensure_people(settings, database, [tenant]) == f"{told} (or the one that you chose)"
