from __future__ import annotations

from typing import Any

import pytest

from serve.rag.voice import Voice, answer_dialect, glossary_instruction, model_for, own_instructions, voice_of
from vernacular.tenancy import Tenant
from vernacular.types import Understanding


def tenant(dialects: tuple[str, ...] = (), **profile: Any) -> Tenant:
    return Tenant("t", "town", "Town Hall", (), dialects, profile)


class TestVoiceOf:
    def test_is_what_the_profile_says(self) -> None:
        voice = voice_of(tenant(persona="You are Rita.", register="formal", glossary={"DOG": "dog licence"}), "en")
        assert voice == Voice("en", "Town Hall", "You are Rita.", "formal", (("DOG", "dog licence"),))
        assert voice_of(tenant(instructions="Be brief."), "en").instructions == "Be brief."

    @pytest.mark.parametrize("profile", [{"persona": 3, "instructions": [], "register": "loud", "glossary": "x"}, {}])
    def test_takes_anything_else_as_absent(self, profile: dict[str, Any]) -> None:
        assert voice_of(tenant(**profile), "en") == Voice("en", "Town Hall")


class TestModelFor:
    @pytest.mark.parametrize(
        ("models", "dialect", "expected"),
        [
            ({"yue": "a", "default": "b"}, "yue-Hant-HK", "a"),
            ({"yue": "a", "yue-Hant": "c"}, "yue-Hant-HK", "c"),
            ({"yue": "a", "default": "b"}, "en", "b"),
            ({"yue": "a"}, "en", None),
            ("one", "en", "one"),
            (None, "en", None),
        ],
    )
    def test_is_that_of_the_longest_tag(self, models: Any, dialect: str, expected: str | None) -> None:
        assert model_for(tenant(models=models), dialect) == expected


class TestAnswerDialect:
    @pytest.mark.parametrize(
        ("language", "dialect", "own", "expected"),
        [
            ("en", None, (), "en"),
            ("es", None, ("es-MX",), "es-MX"),
            ("es", "es-AR", ("es-MX",), "es-AR"),
            ("zh-Hans", None, ("zh-Hant-HK",), "zh-Hans"),
            ("zh-Hant", None, ("yue-Hant-HK", "zh-Hant-TW"), "zh-Hant-TW"),
        ],
    )
    def test_is_what_was_asked_for_else_the_tenants_own(
        self, language: str, dialect: str | None, own: tuple[str, ...], expected: str
    ) -> None:
        asked = Understanding("q", "q", language, "Latn", dialect)
        assert answer_dialect(tenant(own), asked) == expected


class TestGlossary:
    def test_of_many_terms_gives_those_that_are_spoken_of(self) -> None:
        voice = Voice("en", glossary=tuple((f"term{number}", "meaning") for number in range(100)))
        told = glossary_instruction(voice, "What is TERM77?")
        assert "term77: meaning" in told
        assert "term3:" not in told


class TestOwnInstructions:
    def test_are_lines_below_a_word_on_which_rules_hold(self) -> None:
        first, *lines = own_instructions("Say you.\n\n  Be brief.").splitlines()
        assert "rules below" in first
        assert lines == ["  Say you.", "  Be brief."]

    def test_of_nothing_are_nothing(self) -> None:
        assert own_instructions(" \n") == ""

    def test_keep_to_the_room_there_is(self) -> None:
        text = "\n".join(f"Rule number {number} of the house." for number in range(100))
        assert 1 < len(own_instructions(text, 200).splitlines()) < 40
        assert own_instructions(text, 3) == ""
