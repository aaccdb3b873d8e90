from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from vernacular import prompt_versions as prompts
from vernacular.db.migrate import migrate
from vernacular.db.models import TenantRow
from vernacular.db.session import open_database
from vernacular.errors import NotFound, TooLong
from vernacular.settings import Settings
from vernacular.tenancy import Platform, TenantScope


@pytest.fixture
def scope(tmp_path: Path) -> Iterator[TenantScope]:
    database = open_database(Settings(home=tmp_path))
    migrate(database)
    with database.write() as session:
        tenant = Platform(session).create_tenant(TenantRow(slug="acme", profile={"persona": "You are Rita."}))
        yield TenantScope(session, tenant)
    database.close()


@pytest.fixture
def row(scope: TenantScope) -> TenantRow:
    return Platform(scope.session).tenant_row("acme")


def texts(scope: TenantScope) -> list[tuple[int, str, bool, str]]:
    return [(each.version, each.text, each.active, each.created_by) for each in prompts.versions(scope, "persona")]


class TestTakingIn:
    def test_makes_version_1_of_what_was_there_before_there_were_versions(
        self, scope: TenantScope, row: TenantRow
    ) -> None:
        assert not prompts.is_taken_in(scope, row, "persona")
        prompts.take_in(scope, row, "persona")
        prompts.take_in(scope, row, "persona")
        assert texts(scope) == [(1, "You are Rita.", True, "")]

    def test_makes_none_of_nothing(self, scope: TenantScope, row: TenantRow) -> None:
        prompts.take_in(scope, row, "instructions")
        assert prompts.versions(scope, "instructions") == []

    def test_follows_a_text_that_was_set_another_way(self, scope: TenantScope, row: TenantRow) -> None:
        prompts.take_in(scope, row, "persona")
        row.profile = {"persona": "You are Otto."}
        prompts.take_in(scope, row, "persona", "command line")
        assert texts(scope) == [(2, "You are Otto.", True, "command line"), (1, "You are Rita.", False, "")]

    def test_finds_a_text_again_that_it_knows(self, scope: TenantScope, row: TenantRow) -> None:
        prompts.take_in(scope, row, "persona")
        row.profile = {}
        prompts.take_in(scope, row, "persona")
        assert prompts.active(scope, "persona") is None
        row.profile = {"persona": "You are Rita."}
        prompts.take_in(scope, row, "persona")
        assert texts(scope) == [(1, "You are Rita.", True, "")]


class TestVersions:
    def test_follow_one_another_and_change_what_is_in_force_only_when_activated(
        self, scope: TenantScope, row: TenantRow
    ) -> None:
        saved = prompts.save(scope, row, "persona", "You are Otto.", note="a new name", by="u1")
        assert (saved.version, prompts.in_force(row, "persona")) == (2, "You are Rita.")
        prompts.activate(scope, row, "persona", 2)
        assert (row.profile, texts(scope)[0]) == ({"persona": "You are Otto."}, (2, "You are Otto.", True, "u1"))
        prompts.activate(scope, row, "persona", 1)
        assert (row.profile, [each[2] for each in texts(scope)]) == ({"persona": "You are Rita."}, [False, True])

    def test_can_all_be_out_of_force(self, scope: TenantScope, row: TenantRow) -> None:
        prompts.activate(scope, row, "persona", None)
        assert (row.profile, [each[2] for each in texts(scope)]) == ({}, [False])

    def test_are_paged_from_the_newest(
        self, scope: TenantScope, row: TenantRow, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(prompts, "PAGE", 2)
        for number in range(4):
            prompts.save(scope, row, "instructions", f"Rule {number}.", note="", by="")
        assert [each.version for each in prompts.versions(scope, "instructions")] == [4, 3]
        assert [each.version for each in prompts.versions(scope, "instructions", before=3)] == [2, 1]

    def test_have_an_end(self, scope: TenantScope, row: TenantRow) -> None:
        with pytest.raises(TooLong):
            prompts.save(scope, row, "persona", "x" * 2001, note="", by="")

    def test_that_are_not_there_cannot_be_put_in_force(self, scope: TenantScope, row: TenantRow) -> None:
        with pytest.raises(NotFound):
            prompts.activate(scope, row, "persona", 9)
        with pytest.raises(NotFound):
            prompts.check_name("system")
