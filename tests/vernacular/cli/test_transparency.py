from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vernacular.cli.command import Result, vernacular

Run = Callable[..., Result]


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def run(*words: str) -> Result:
        return vernacular(capsys, monkeypatch, *words)

    assert run("tenant", "create", "desk", "--languages", "es").code == 0
    return run


class TestCard:
    def test_is_printed_or_written_as_markdown(self, run: Run, tmp_path: Path) -> None:
        assert run("card", "--tenant", "desk").out.startswith("# System card: desk")
        file = tmp_path / "card.md"
        assert run("card", "--tenant", "desk", "--to", str(file)).code == 0
        assert "## Known limits" in file.read_text(encoding="utf-8")

    def test_is_json_for_programs(self, run: Run) -> None:
        assert run("card", "--tenant", "desk", "--json").json["answers"] == "extractive"

    def test_of_an_unknown_tenant_is_told(self, run: Run) -> None:
        result = run("card", "--tenant", "nobody")
        assert result.code == 1
        assert "no tenant" in result.err


class TestDatasheet:
    def test_counts_what_is_indexed(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "doc.txt").write_text("El muelle abre a las nueve.", encoding="utf-8")
        assert run("ingest", str(tmp_path / "doc.txt"), "--tenant", "desk").code == 0
        assert run("datasheet", "--tenant", "desk", "--json").json["documents"] == 1
        assert "1 documents" in run("datasheet", "--tenant", "desk").out
