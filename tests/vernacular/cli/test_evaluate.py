from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.vernacular.cli.command import Result, vernacular

Run = Callable[..., Result]
TEXTS = {
    "cards": "Un carné de la biblioteca cuesta 12 euros al año.",
    "dogs": "La licencia de un perro vale tres años y se renueva en la oficina.",
    "waste": "Los residuos se recogen los lunes por la mañana.",
}
QUESTIONS: list[dict[str, Any]] = [
    {
        "qid": "1",
        "lang": "es",
        "question": "¿Cuánto cuesta el carné de la biblioteca?",
        "cid": "cards",
        "answers": ["12"],
    },
    {
        "qid": "1",
        "lang": "es-MX",
        "question": "¿Cuánto cuesta el carné de la biblioteca, güey?",
        "cid": "cards",
        "answers": ["12"],
    },
    {"qid": "2", "lang": "es", "question": "¿Cuántos años vale la licencia de un perro?", "cid": "dogs", "answers": []},
    {"qid": "2", "lang": "es-MX", "question": "¿Qué onda con el lomito?", "cid": "dogs", "answers": []},
    {"qid": "3", "lang": "es-MX", "question": "¿Quién ganó el mundial de fútbol de 1986?", "cid": None, "answers": []},
]


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return lambda *words: vernacular(capsys, monkeypatch, *words)


@pytest.fixture
def desk(run: Run, tmp_path: Path) -> str:
    """A tenant with a few documents."""
    documents = tmp_path / "documents.ndjson"
    lines = [json.dumps({"id": name, "text": text}, ensure_ascii=False) for name, text in TEXTS.items()]
    documents.write_text("\n".join(lines), encoding="utf-8")
    run("tenant", "create", "desk", "--languages", "es")
    assert run("ingest", str(documents), "--tenant", "desk").code == 0
    return "desk"


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return write(tmp_path / "questions.jsonl", QUESTIONS)


def write(file: Path, rows: list[dict[str, Any]]) -> Path:
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return file


class TestEval:
    def test_tells_figures_by_variety_and_the_gap_to_standard_wording(
        self, run: Run, desk: str, questions: Path
    ) -> None:
        told = run("eval", str(questions), "--tenant", desk, "--json").json
        assert (told["name"], told["questions"], told["before"]) == ("questions", 5, None)
        figures = told["figures"]
        assert figures["varieties"]["es"]["recall@1"] == 1.0
        assert figures["varieties"]["es-MX"]["answerable"] == 2
        gap = figures["gaps"]["es-MX"]
        assert (gap["standard"], gap["questions"]) == ("es", 2)
        assert gap["recall@1"] == 1.0 - figures["varieties"]["es-MX"]["recall@1"]

    def test_measures_answers_when_asked_to(self, run: Run, desk: str, questions: Path) -> None:
        figures = run("eval", str(questions), "--tenant", desk, "--answers", "--json").json["figures"]
        assert figures["varieties"]["es"]["answered"] == figures["varieties"]["es"]["right"] == 1.0
        assert figures["varieties"]["es-MX"]["false_answers"] == 0.0

    def test_holds_a_run_against_the_one_before_of_the_same_questions(
        self, run: Run, desk: str, questions: Path, tmp_path: Path
    ) -> None:
        first = run("eval", str(questions), "--tenant", desk, "--json").json["id"]
        other = write(tmp_path / "other.jsonl", QUESTIONS[:1])
        run("eval", str(other), "--tenant", desk, "--name", "questions")
        (tmp_path / "dogs.ndjson").write_text('{"id": "dogs", "text": "El lomito: ¿qué onda?"}', encoding="utf-8")
        run("ingest", str(tmp_path / "dogs.ndjson"), "--tenant", desk)
        told = run("eval", str(questions), "--tenant", desk, "--json").json
        assert told["before"]["id"] == first
        shown = run("eval", "--tenant", desk, "--compare", first)
        assert f"since run {first[:8]}" in shown.out

    def test_lists_the_runs(self, run: Run, desk: str, questions: Path) -> None:
        assert "No run yet" in run("eval", "--tenant", desk, "--list").out
        made = run("eval", str(questions), "--tenant", desk, "--name", "desk one", "--json").json
        [listed] = run("eval", "--tenant", desk, "--list", "--json").json
        assert (listed["id"], listed["name"]) == (made["id"], "desk one")
        assert made["id"][:8] in run("eval", "--tenant", desk, "--list").out

    def test_prints_tables_for_people(self, run: Run, desk: str, questions: Path) -> None:
        shown = run("eval", str(questions), "--tenant", desk).out
        assert "gap to standard wording" in shown
        assert "es-MX" in shown
        assert "first run" in shown

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ((), "There are no questions."),
            (("--compare", "nothing"), "There is no run 'nothing'"),
        ],
    )
    def test_says_what_it_needs(self, run: Run, desk: str, options: tuple[str, ...], message: str) -> None:
        refused = run("eval", "--tenant", desk, *options)
        assert refused.code == 1
        assert message in refused.err

    def test_refuses_a_standard_wording_that_no_question_is_in(self, run: Run, desk: str, questions: Path) -> None:
        refused = run("eval", str(questions), "--tenant", desk, "--standard", "fr")
        assert refused.code == 1
        assert "There are es, es-MX." in refused.err
