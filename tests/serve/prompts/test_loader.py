from __future__ import annotations

import pytest

from serve.prompts.loader import BadPrompt, parse, prompt


class TestPrompt:
    @pytest.mark.parametrize("name", ["answer.v1", "answer.v2", "answer.v3", "answer.v4", "rewrite.v1"])
    def test_loads_those_of_the_package(self, name: str) -> None:
        assert prompt(name).name == name

    def test_refuses_a_name_that_there_is_not(self) -> None:
        with pytest.raises(BadPrompt, match=r"answer\.v0"):
            prompt("answer.v0")

    @pytest.mark.parametrize(
        "name",
        ["../../SECURITY", "../prompts/answer.v1", "/etc/passwd", "answer.v1/../answer.v1", "..\\answer.v1", "answer.v1\0",
         "answer", "", ".", "answer.v1\n", "ANSWER.v1"],
    )  # fmt: skip
    def test_reads_no_file_but_its_own(self, name: str) -> None:
        with pytest.raises(BadPrompt, match="no prompt"):
            prompt(name)

    def test_takes_templates_for_text_and_runs_nothing_in_them(self) -> None:
        hostile = "{persona.__class__} {{7*7}} {0.__init__.__globals__} %s ${x} {% for x in y %}"
        system = prompt("answer.v2").fill_system(persona=hostile, register="", variety="", glossary="")
        assert system.startswith(hostile)

    def test_leaves_the_line_of_an_empty_value_out(self) -> None:
        system = prompt("answer.v2").fill_system(persona="I am Rita.", register="", variety="", glossary="")
        assert system.startswith("I am Rita.")
        assert system == system.strip()
        assert "\n\n\n" not in system

    def test_puts_values_in_as_they_are(self) -> None:
        values = {"passages": "{question}", "today": "t", "question": "{x} {{y}}", "images": "", "language": "l"}
        user = prompt("answer.v1").fill_user(**values)
        assert user.startswith("{question}")
        assert "{x} {{y}}" in user


class TestParse:
    @pytest.mark.parametrize(
        "text",
        [
            "no sections",
            "[system]\n{persona}{register}{glossary}\n",
            "[system]\n{persona}{register}\n[user]\n{passages}{today}{question}{images}{language}",
            "[system]\n{persona}{register}{glossary}{more}\n[user]\n{passages}{today}{question}{images}{language}",
            "[system]\n{persona}{register}{glossary}\n[user]\n{passages}{today}{question}{images}{language}\n[user]\n",
        ],
    )
    def test_refuses_what_this_version_does_not_fill(self, text: str) -> None:
        with pytest.raises(BadPrompt):
            parse("answer.v9", text)
