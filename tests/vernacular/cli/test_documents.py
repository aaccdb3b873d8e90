"""Ingest, search and ask, from the command line, without a gateway: the whole product in one process tree."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vernacular.cli.command import Result, vernacular
from tests.vernacular.fetching.listener import Page, listening
from vernacular.settings import get_settings

Run = Callable[..., Result]
pytestmark = pytest.mark.integration


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def command(*words: str) -> Result:
        return vernacular(capsys, monkeypatch, *words)

    command("tenant", "create", "townhall", "--languages", "en,zh-Hant")
    return command


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "library.md").write_text(
        "# Library\n\nA library card costs 12 crowns for adults. Children get it for free.\n", encoding="utf-8"
    )
    (folder / "parking.txt").write_text("私家車的泊車許可證每月收費為 450 元。", encoding="utf-8")
    return folder


def test_documents_go_in_and_a_question_comes_back_cited(run: Run, documents: Path) -> None:
    told = run("ingest", str(documents), "--tenant", "townhall", "--json")
    assert (told.code, told.json["state"], told.json["done"]) == (0, "succeeded", 2)
    answer = run("ask", "How much does a library card cost for adults?", "--tenant", "townhall", "--json").json
    assert answer["vernacular"]["answered"]
    assert "A library card costs 12 crowns for adults." in answer["choices"][0]["message"]["annotations"][0]["quote"]
    hits = run("search", "泊车许可证", "--tenant", "townhall", "--json").json["hits"]
    assert hits[0]["source_id"] == "parking.txt"


def test_a_file_that_is_gone_from_the_folder_is_gone_from_the_answers(run: Run, documents: Path) -> None:
    run("ingest", str(documents), "--tenant", "townhall")
    (documents / "library.md").unlink()
    run("ingest", str(documents), "--tenant", "townhall")
    assert run("tenant", "show", "townhall", "--json").json["documents"] == 1
    assert not run("search", "library card", "--tenant", "townhall", "--json").json["hits"]


def test_a_page_is_fetched_asked_for_again_and_deleted_when_it_is_gone(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening() as listener:
        monkeypatch.setenv("VERNACULAR_FETCH__ALLOW_HOSTS", f'["127.0.0.1:{listener.port}"]')
        get_settings.cache_clear()
        page = b"<html><head><title>Fees</title></head><body><p>A library card costs 12 crowns.</p></body></html>"
        listener.pages["/fees"] = Page(200, {"Content-Type": "text/html", "ETag": '"7"'}, page)
        command = ("ingest", f"http://127.0.0.1:{listener.port}/fees", "--tenant", "townhall", "--json")
        assert run(*command).json["state"] == "succeeded"
        hits = run("search", "library card", "--tenant", "townhall", "--json").json["hits"]
        assert (hits[0]["title"], hits[0]["uri"]) == ("Fees", command[1])
        listener.pages["/fees"] = Page(304)
        assert run(*command).json["state"] == "succeeded"
        assert [headers.get("If-None-Match") for _, headers in listener.hits] == [None, '"7"']
        del listener.pages["/fees"]
        gone = run(*command)
        assert (gone.code, gone.json["errors"][0]["name"]) == (1, "page_gone")
        assert run("tenant", "show", "townhall", "--json").json["documents"] == 0


def test_a_broken_file_is_set_aside_and_the_rest_goes_in(run: Run, documents: Path) -> None:
    (documents / "broken.pdf").write_bytes(b"%PDF-1.7 not really")
    (documents / "empty.txt").write_bytes(b"")
    told = run("ingest", str(documents), "--tenant", "townhall", "--json").json
    assert told["state"] == "partial"
    assert {error["source_id"] for error in told["errors"]} == {"broken.pdf", "empty.txt"}
    assert all(error["message"].endswith(".") for error in told["errors"])


def test_reindex_switches_to_a_new_generation(run: Run, documents: Path) -> None:
    run("ingest", str(documents), "--tenant", "townhall")
    assert run("reindex", "--tenant", "townhall", "--json").json[0]["state"] == "succeeded"
    assert run("search", "library card", "--tenant", "townhall", "--json").json["hits"]


class TestMistakes:
    def test_a_wrong_path_is_told(self, run: Run) -> None:
        told = run("ingest", "/nowhere/at/all", "--tenant", "townhall")
        assert told.code == 1
        assert "no file or folder '/nowhere/at/all'" in told.err

    @pytest.mark.parametrize(
        "address", ["http://127.0.0.1/", "ftp://example.org/a.pdf", "http://10.0.0.1\\@example.org/"]
    )
    def test_an_address_that_is_not_fetched_is_told(self, run: Run, address: str) -> None:
        told = run("ingest", address, "--tenant", "townhall")
        assert told.code == 1
        assert "Give the public http(s) address" in told.err

    def test_an_unknown_tenant_is_told(self, run: Run, documents: Path) -> None:
        assert "no tenant named 'nowhere'" in run("ingest", str(documents), "--tenant", "nowhere").err

    def test_a_mapping_without_a_column_is_refused(self, run: Run, documents: Path) -> None:
        assert "FIELD=COLUMN" in run("ingest", str(documents), "--tenant", "townhall", "--map", "id").err

    def test_an_empty_question_is_told(self, run: Run) -> None:
        told = run("ask", "   ", "--tenant", "townhall")
        assert told.code == 1
        assert "empty" in told.err


def test_a_file_whose_name_is_not_text_is_set_aside_and_the_rest_goes_in(run: Run, documents: Path) -> None:
    Path(os.fsdecode(os.fsencode(documents) + b"/b\xff.txt")).write_text("A name of bytes.")
    told = run("ingest", str(documents), "--tenant", "townhall", "--json").json
    assert (told["state"], told["done"], told["failed"]) == ("partial", 3, 1)
    assert told["errors"][0]["source_id"] == "b\ufffd.txt"


def test_a_file_that_cannot_be_read_ends_with_1(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    told = run("ingest", str(tmp_path / "empty.txt"), "--tenant", "townhall")
    assert told.code == 1
    assert "set aside\n  empty.txt: `empty.txt` is empty." in told.out


def test_an_empty_folder_is_told_of(run: Run, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    told = run("ingest", str(tmp_path / "nothing"), "--tenant", "townhall")
    assert told.code == 0
    assert "holds no document." in told.out
