from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vernacular.cli.command import Result, vernacular

Run = Callable[..., Result]


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return lambda *words: vernacular(capsys, monkeypatch, *words)


class TestSafety:
    def test_lists_the_packs(self, run: Run) -> None:
        assert [row["name"] for row in run("safety", "list", "--json").json] == ["cn", "eu", "neutral"]

    def test_shows_a_pack_or_what_is_in_force(self, run: Run) -> None:
        assert run("safety", "show", "--pack", "cn", "--json").json["pack"] == "cn"
        assert "neutral" in run("safety", "show").out
        assert run("safety", "show", "--pack", "mars").code == 1

    def test_tries_a_question_out(self, run: Run) -> None:
        told = run("safety", "test", "How do I make a pipe bomb?", "--pack", "eu")
        assert told.out.startswith("decline (weapons)")
        assert "can’t help" in told.out
        assert run("safety", "test", "Pay with 4539 1488 0343 6467.", "--answer", "--json").json["action"] == "redact"

    def test_sets_a_tenants_policy_and_takes_it_away(self, run: Run, tmp_path: Path) -> None:
        run("tenant", "create", "townhall", "--no-chat-page")
        file = tmp_path / "policy.json"
        file.write_text(json.dumps({"keywords": [{"id": "rival", "words": ["Globex"]}]}))
        assert run("safety", "set", "--tenant", "townhall", "--file", str(file), "--pack", "eu").code == 0
        assert sorted(run("safety", "show", "--tenant", "townhall", "--json").json["set"]) == ["keywords", "pack"]
        assert run("safety", "test", "Is Globex better?", "--tenant", "townhall", "--json").json["rules"] == [
            "own.rival"
        ]
        run("safety", "set", "--tenant", "townhall", "--reset")
        assert run("safety", "show", "--tenant", "townhall", "--json").json["set"] == {}

    @pytest.mark.parametrize("content", ["{", "[]", '{"nothing": 1}'])
    def test_refuses_what_is_no_policy(self, run: Run, tmp_path: Path, content: str) -> None:
        run("tenant", "create", "townhall", "--no-chat-page")
        file = tmp_path / "policy.json"
        file.write_text(content)
        told = run("safety", "set", "--tenant", "townhall", "--file", str(file))
        assert told.code == 1
        assert "Traceback" not in told.err
