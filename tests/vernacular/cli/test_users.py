"""`vernacular user`, `vernacular operator`, and what `key` and `tenant` do about who gets in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests.vernacular.cli.command import Result, vernacular
from vernacular.access import passwords
from vernacular.access.keys import KeyRing
from vernacular.access.lockout import Lockout
from vernacular.access.operators import OperatorKeys
from vernacular.db.session import open_database
from vernacular.errors import Unauthorized
from vernacular.settings import Settings
from vernacular.tenancy import Platform

Run = Callable[..., Result]


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

    def command(*words: str) -> Result:
        return vernacular(capsys, monkeypatch, *words)

    assert command("tenant", "create", "townhall", "--no-chat-page").code == 0
    return command


def logged(run: Run, home: Path) -> str:
    run("audit", "export", "--tenant", "townhall", "--to", str(home.parent / "log"))
    return "".join(
        path.read_text(encoding="utf-8") for path in (home.parent / "log").rglob("*") if path.suffix != ".py"
    )


class TestUser:
    def test_create_prints_a_first_password_once(self, run: Run) -> None:
        made = run(
            "user", "create", "Maria", "-t", "townhall", "--role", "editor", "--groups", "staff, press", "--json"
        )
        assert made.code == 0
        assert (made.json["username"], made.json["role"]) == ("maria", "editor")
        assert made.json["groups"] == ["press", "staff"]
        assert made.json["must_change"] is True
        assert made.json["password"] not in run("user", "show", "maria", "-t", "townhall").out
        told = run("user", "create", "omar", "-t", "townhall").out
        assert "shown only now" in told

    def test_create_makes_none_where_an_identity_provider_signs_in(self, run: Run) -> None:
        made = run("user", "create", "maria", "-t", "townhall", "--no-local", "--json").json
        assert (made["password"], made["signs_in_by"]) == (None, "identity provider")

    def test_list_shows_who_gets_in(self, run: Run) -> None:
        assert "vernacular user create" in run("user", "list", "-t", "townhall").out
        for name in ("maria", "omar"):
            run("user", "create", name, "-t", "townhall")
        run("user", "suspend", "omar", "-t", "townhall")
        listed = run("user", "list", "-t", "townhall", "--json").json
        assert [(user["username"], user["state"]) for user in listed] == [("maria", "active"), ("omar", "suspended")]
        run("user", "resume", "omar", "-t", "townhall")
        assert run("user", "show", "omar", "-t", "townhall", "--json").json["state"] == "active"

    def test_list_shows_who_is_locked_until_a_new_password(self, run: Run, home: Path) -> None:
        made = run("user", "create", "maria", "-t", "townhall", "--json").json
        settings = Settings(home=home)
        lockout = Lockout(KeyRing(home), settings.access)
        database = open_database(settings)
        with database.write() as session:
            for _ in range(settings.access.lock_after):
                lockout.begin(session, "townhall", "maria")
        database.close()
        assert run("user", "show", "maria", "-t", "townhall", "--json").json["state"] == "locked"
        shown = run("user", "list", "-t", "townhall").out
        assert made["id"] in shown
        assert "locked" in shown
        run("user", "password", "maria", "-t", "townhall")
        assert run("user", "show", "maria", "-t", "townhall", "--json").json["state"] == "active"

    def test_set_changes_what_is_given(self, run: Run) -> None:
        run("user", "create", "maria", "-t", "townhall", "--groups", "staff")
        changed = run(
            "user", "set", "maria", "-t", "townhall", "--role", "admin", "--groups", "", "--days", "3", "--json"
        ).json
        assert (changed["role"], changed["groups"]) == ("admin", [])
        assert changed["expires_at"] is not None
        assert run("user", "set", "maria", "-t", "townhall", "--days", "0", "--json").json["expires_at"] is None
        refused = run("user", "set", "maria", "-t", "townhall")
        assert (refused.code, "nothing to change" in refused.err) == (1, True)

    def test_password_gives_another_one(self, run: Run) -> None:
        first = run("user", "create", "maria", "-t", "townhall", "--json").json["password"]
        second = run("user", "password", "maria", "-t", "townhall", "--json").json["password"]
        assert first != second

    def test_delete_removes_it(self, run: Run) -> None:
        run("user", "create", "maria", "-t", "townhall")
        assert run("user", "delete", "maria", "-t", "townhall", "--yes").code == 0
        gone = run("user", "show", "maria", "-t", "townhall")
        assert (gone.code, "no such account" in gone.err) == (1, True)

    def test_is_told_in_the_audit_log_without_the_password(self, run: Run, home: Path) -> None:
        password = run("user", "create", "maria", "-t", "townhall", "--json").json["password"]
        run("user", "suspend", "maria", "-t", "townhall")
        log = logged(run, home)
        assert "user.created" in log
        assert "user.suspended" in log
        assert password not in log


class TestOperator:
    def test_keys_are_made_listed_and_revoked(self, run: Run, home: Path) -> None:
        made = run("operator", "create", "--name", "ops", "--json").json
        assert made["key"].startswith("vo_")
        assert [row["id"] for row in run("operator", "list", "--json").json] == [made["id"]]
        database = open_database(Settings(home=home))
        keys = OperatorKeys(KeyRing(home))
        with database.read() as session:
            assert keys.authenticate(session, made["key"]).name == "ops"
        assert run("operator", "revoke", made["id"]).code == 0
        with database.read() as session, pytest.raises(Unauthorized):
            keys.authenticate(session, made["key"])
        database.close()
        assert run("operator", "revoke", "nothing").code == 1
        assert run("audit", "verify", "--operator").code == 0


class TestKey:
    def test_create_limits_it_to_scopes(self, run: Run) -> None:
        made = run("key", "create", "-t", "townhall", "--scopes", "search,chat", "--json").json
        assert made["scopes"] == ["chat", "search"]
        assert run("key", "create", "-t", "townhall", "--scopes", "everything").code == 1
        listed = run("key", "list", "-t", "townhall", "--json").json
        assert made["key"] not in str(listed)
        assert listed[0]["id"] == made["id"]

    def test_rotate_makes_one_in_its_place(self, run: Run) -> None:
        old = run("key", "create", "-t", "townhall", "--scopes", "search", "--json").json
        new = run("key", "rotate", old["id"], "-t", "townhall", "--overlap-hours", "0", "--json").json
        assert new["replaces"] == old["id"]
        states = {row["id"]: row["state"] for row in run("key", "list", "-t", "townhall", "--json").json}
        assert (states[old["id"]], states[new["id"]]) == ("expired", "active")
        assert run("key", "rotate", old["id"], "-t", "townhall").code == 1

    def test_widget_makes_a_token_for_pages(self, run: Run) -> None:
        made = run("key", "widget", "-t", "townhall", "--origins", "https://Town.example/", "--json").json
        assert made["token"].startswith("wt_townhall_")
        assert (
            made["tag"] == f'<script src="http://127.0.0.1:8080/widget.js" data-widget="{made["id"]}" async></script>'
        )
        assert made["origins"] == ["https://town.example"]
        assert run("key", "widget", "-t", "townhall", "--origins", "*").code == 1
        assert run("key", "widget", "-t", "townhall", "--origins", "https://a.b", "--assistant", "no").code == 1
        assert run("key", "revoke", made["token"], "-t", "townhall").code == 0


class TestTenant:
    def test_suspend_refuses_its_keys_until_it_is_resumed(self, run: Run, home: Path) -> None:
        key = run("key", "create", "-t", "townhall", "--json").json["key"]
        ring, database = KeyRing(home), open_database(Settings(home=home))
        assert run("tenant", "suspend", "townhall").code == 0
        assert run("tenant", "list", "--json").json[0]["suspended"] is True
        with database.read() as session, pytest.raises(Unauthorized):
            ring.authenticate(Platform(session), key)
        asked = run("ask", "hello", "-t", "townhall")
        assert (asked.code, "townhall is suspended" in asked.err) == (1, True)
        assert run("tenant", "resume", "townhall").code == 0
        with database.read() as session:
            assert ring.authenticate(Platform(session), key).tenant.slug == "townhall"
        database.close()
        assert run("tenant", "suspend", "nowhere").code == 1
        assert "tenant.suspended" in logged(run, home)
