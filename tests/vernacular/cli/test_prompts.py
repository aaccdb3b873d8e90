from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vernacular.cli.command import Result, vernacular

Run = Callable[..., Result]


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    found: Run = lambda *words: vernacular(capsys, monkeypatch, *words)  # noqa: E731
    found("tenant", "create", "townhall", "--no-chat-page")
    return found


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], str]:
    def written(text: str) -> str:
        (tmp_path / "text.txt").write_text(text, encoding="utf-8")
        return str(tmp_path / "text.txt")

    return written


class TestPrompt:
    def test_gets_versions_and_goes_back(self, run: Run, write: Callable[[str], str]) -> None:
        assert run("prompt", "set", "persona", write("You are Rita."), "-t", "townhall", "--note", "first").code == 0
        run("prompt", "set", "persona", write("You are Otto.\n"), "-t", "townhall")
        shown = run("prompt", "show", "persona", "-t", "townhall", "--json").json
        assert [(each["version"], each["in_force"], each["text"]) for each in shown] == [
            (2, True, "You are Otto."),
            (1, False, "You are Rita."),
        ]
        assert run("prompt", "rollback", "persona", "-t", "townhall", "--json").json["in_force"] == 1
        assert run("tenant", "show", "townhall", "--json").json["persona"] == "You are Rita."
        assert run("prompt", "rollback", "persona", "-t", "townhall", "--version", "0").code == 0
        assert run("tenant", "show", "townhall", "--json").json["persona"] == ""

    def test_can_be_a_draft(self, run: Run, write: Callable[[str], str]) -> None:
        run("prompt", "set", "instructions", write("Be brief."), "-t", "townhall", "--draft")
        [_, instructions] = run("prompt", "list", "-t", "townhall", "--json").json
        assert (instructions["in_force"], instructions["versions"]) == (None, 1)

    def test_can_be_piped_in_and_printed(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO("You are Rita.\x1b[2J"))
        run("prompt", "set", "persona", "-", "-t", "townhall")
        assert run("prompt", "show", "persona", "-t", "townhall", "--version", "1").out == "You are Rita.[2J\n"

    def test_that_a_tenant_was_given_by_its_setting_is_a_version(self, run: Run) -> None:
        run("tenant", "set", "townhall", "--persona", "You are Rita.")
        run("tenant", "set", "townhall", "--persona", "You are Otto.")
        shown = run("prompt", "show", "persona", "-t", "townhall", "--json").json
        assert [each["text"] for each in shown] == ["You are Otto.", "You are Rita."]

    def test_says_what_is_wrong(self, run: Run, write: Callable[[str], str]) -> None:
        for words in (
            ("show", "system"),
            ("show", "persona", "--version", "4"),
            ("set", "persona", write(" ")),
            ("set", "persona", write("x" * 2001)),
            ("set", "persona", "nowhere.txt"),
            ("rollback", "persona"),
        ):
            failed = run("prompt", *words, "-t", "townhall")
            assert failed.code == 1, words
            assert failed.err

    def test_is_logged(self, run: Run, write: Callable[[str], str]) -> None:
        run("prompt", "set", "persona", write("You are Rita."), "-t", "townhall")
        assert run("audit", "verify", "-t", "townhall").code == 0
