from __future__ import annotations

import json
from typing import Any

import pytest

from vernacular.errors import UnreadableFile
from vernacular.evaluation.questions import Question, digest_of, read_questions


def lines(*rows: dict[str, Any]) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


ROW: dict[str, Any] = {"qid": "1", "lang": "es-MX", "question": " ¿Cuánto? ", "cid": "fees", "answers": ["12"]}


class TestReadQuestions:
    def test_takes_both_forms_of_the_evaluation_sets(self) -> None:
        other: dict[str, Any] = {
            "set": "shop",
            "qid": "2",
            "cid": None,
            "lang": "es",
            "question": "¿Hay?",
            "answers": [],
        }
        assert read_questions(lines(ROW, other)) == [
            Question("1", "es-MX", "¿Cuánto?", "fees", ("12",)),
            Question("2", "es", "¿Hay?", None, (), "shop"),
        ]

    def test_believes_that_none_answers_where_it_is_said(self) -> None:
        [found] = read_questions(lines({**ROW, "answerable": False}))
        assert found.gold is None

    def test_takes_only_the_sets_that_are_asked_for(self) -> None:
        data = lines({**ROW, "set": "a"}, {**ROW, "set": "b", "qid": "2"})
        assert [question.qid for question in read_questions(data, ["b"])] == ["2"]
        with pytest.raises(UnreadableFile) as told:
            read_questions(data, ["c"])
        assert "a, b" in told.value.hint

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"{", "Line 1 of the questions is not JSON"),
            (b'{"question": "a\\ud800", "cid": "fees"}', "Line 1 of the questions is not JSON"),
            (lines(ROW, {"cid": "fees"}), "Line 2 of the questions has no `question`"),
            (lines({"question": "What?"}), "Line 1 of the questions has no `cid`"),
            (lines({"question": "x" * 5000, "cid": "a"}), "Line 1 has 5,000"),
            (b"\xff", "not UTF-8"),
            (b"\n", "0 questions"),
        ],
    )
    def test_names_the_line_that_is_wrong(self, data: bytes, message: str) -> None:
        with pytest.raises(UnreadableFile) as told:
            read_questions(data)
        assert message.replace("Line 1 has", "line 1 has") in told.value.message


class TestDigest:
    def test_changes_with_what_figures_depend_on_and_with_nothing_else(self) -> None:
        same = read_questions(lines({**ROW, "remark": "x"}))
        assert digest_of(same) == digest_of(read_questions(lines(ROW)))
        for change in ({"question": "¿Qué?"}, {"cid": "other"}, {"answers": ["13"]}, {"lang": "es-AR"}):
            assert digest_of(read_questions(lines({**ROW, **change}))) != digest_of(same)
