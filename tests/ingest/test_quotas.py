"""What has no room stays out of a job, and the job says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.ingest.conftest import Home, record
from vernacular.quotas.holdings import Holdings, holdings
from vernacular.tenancy import Platform, TenantScope


def limit(home: Home, **limits: int) -> None:
    with home.parts.database.write() as session:
        Platform(session).tenant_row("harbour").profile = {"quotas": {"tenant": limits}}


def held(home: Home) -> Holdings:
    with home.parts.database.read() as session:
        return holdings(TenantScope(session, home.tenant))


def errors(view: dict[str, Any]) -> dict[str, str]:
    return {error["source_id"]: error["name"] for error in view["errors"]}


class TestDocuments:
    def test_past_the_limit_are_listed_and_the_rest_is_in(self, home: Home) -> None:
        limit(home, documents=4)
        view = home.ingest([record(number) for number in range(6)])
        assert (view["state"], view["done"], view["failed"]) == ("partial", 6, 2)
        assert errors(view) == {"r4": "quota_exceeded", "r5": "quota_exceeded"}
        assert "may hold 4 documents" in view["errors"][0]["message"]
        assert set(home.documents()) == {"r0", "r1", "r2", "r3"}
        assert held(home).documents == 4

    def test_that_are_there_are_replaced_however_full_it_is(self, home: Home) -> None:
        home.ingest([record(number) for number in range(3)])
        limit(home, documents=1)
        view = home.ingest([record(1, "The pool is closed."), record(2), record(9)])
        assert errors(view) == {"r9": "quota_exceeded"}
        assert home.found("closed") == ["r1"]

    def test_go_in_once_others_are_deleted(self, home: Home) -> None:
        limit(home, documents=2)
        home.ingest([record(1), record(2)])
        view = home.ingest([{"id": "r1", "deleted": True}])
        view = home.ingest([record(3)])
        assert view["state"] == "succeeded"
        assert set(home.documents()) == {"r2", "r3"}

    def test_that_are_refused_do_not_keep_a_source_from_being_followed(self, home: Home) -> None:
        limit(home, documents=2)
        home.ingest([record(1), record(2)], sync=True)
        view = home.ingest([record(2), record(3)], sync=True)
        assert errors(view) == {"r3": "quota_exceeded"}
        assert set(home.documents()) == {"r2"}
        assert home.ingest([record(2), record(3)], sync=True)["state"] == "succeeded"

    def test_are_not_deleted_for_a_change_that_has_no_room(self, home: Home) -> None:
        limit(home, megabytes=1)
        home.ingest([record(1, "Short."), record(2, "x " * 450_000)], sync=True)
        view = home.ingest([record(1, "y " * 450_000), record(2, "x " * 450_000)], sync=True)
        assert errors(view) == {"r1": "quota_exceeded"}
        assert set(home.documents()) == {"r1", "r2"}


class TestBytes:
    def test_are_those_of_texts_and_files(self, home: Home, tmp_path: Path) -> None:
        home.ingest([record(1, "Grüße")])
        assert held(home) == Holdings(1, 7)
        folder = tmp_path / "folder"
        folder.mkdir()
        (folder / "a.txt").write_text("The ferry leaves at noon.")
        home.run(home.enqueue({"source": "f", "items": [{"kind": "path", "path": str(folder)}]}))
        assert held(home) == Holdings(2, 7 + 2 * 25)

    def test_past_the_limit_leave_no_file_behind(self, home: Home, tmp_path: Path) -> None:
        limit(home, megabytes=1)
        folder = tmp_path / "folder"
        folder.mkdir()
        (folder / "a.txt").write_text("noon " * 100_000)
        (folder / "b.txt").write_text("dusk " * 110_000)
        view = home.run(home.enqueue({"source": "f", "items": [{"kind": "path", "path": str(folder)}]}))
        assert errors(view) == {"b.txt": "quota_exceeded"}
        blobs = [path for path in home.parts.settings.blobs_path.rglob("*") if path.is_file()]
        assert len(blobs) == 1
