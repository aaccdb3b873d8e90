from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.rag.matching import pad, terms

TEXTS = st.text(alphabet="abcde fgh_.的费用申請ก็ข العربية 한국어 서울 123😀", max_size=60)


def searched(patterns: tuple[str, ...], texts: list[str]) -> list[list[bool]]:
    return [[pattern in text for pattern in patterns] for text in texts]


class TestMatches:
    @given(TEXTS, st.lists(TEXTS, max_size=6))
    def test_finds_what_a_plain_search_finds(self, question: str, texts: list[str]) -> None:
        asked = terms(pad([question])[0])
        padded = pad(texts)

        assert asked.matches(padded).tolist() == searched(asked.patterns, padded)

    @pytest.mark.parametrize(
        ("question", "text"),
        [
            (
                "How much is a parking permit for residents?",
                "Residents pay 120 for the parking permits. A permit is due.",
            ),
            ("申請公屋要幾多錢", "申請公共房屋的費用是一百元,公屋申請表免費。"),
            ("ค่าธรรมเนียมใบอนุญาตเท่าไร", "ค่าธรรมเนียมใบอนุญาต 500 บาท"),
            ("서울 도서관 카드 발급 비용은?", "도서관 카드를 발급받는 비용은 없습니다. 서울"),
            ("ما هي رسوم رخصة القيادة", "رسوم رخصة القيادة ١٢٠ جنيها"),
        ],
    )
    def test_finds_the_same_in_every_script(self, question: str, text: str) -> None:
        asked = terms(pad([question])[0])
        padded = pad([text, "", question, text + text])
        found = asked.matches(padded)

        assert found.tolist() == searched(asked.patterns, padded)
        assert found[0].any()
        assert found[2].all()
        assert not found[1].any()

    def test_takes_neither_texts_nor_patterns(self) -> None:
        assert terms(pad(["permit"])[0]).matches([]).shape[0] == 0
        assert terms("").matches(pad(["permit"])).shape == (1, 0)

    def test_finds_nothing_across_two_texts(self) -> None:
        asked = terms(pad(["permit"])[0])
        found = asked.matches(["_per", "mit_"])

        assert found.dtype == np.bool_
        assert found.tolist() == searched(asked.patterns, ["_per", "mit_"])


class TestAlternatives:
    def test_a_text_that_holds_one_holds_the_part_of_the_question(self) -> None:
        asked = terms(pad(["我老細好惡"])[0], [(pad(["老細"])[0], pad(["雇主", "負責人"]))])
        boss = [asked.patterns.index(pattern) for pattern in ("老细", "老", "细")]
        found = asked.matches(pad(["雇主不得解雇", "負責人", "主要雇用"]))
        assert found[:, boss].all(axis=1).tolist() == [True, True, False]

    def test_of_several_words_must_be_there_for_the_most_part(self) -> None:
        asked = terms(pad(["mi carnet"])[0], [(pad(["carnet"])[0], pad(["documento nacional de identidad"]))])
        carnet = asked.patterns.index("_carnet_")
        found = asked.matches(pad(["el documento nacional de identidad", "un documento"]))
        assert found[:, carnet].tolist() == [True, False]

    def test_leave_the_rest_of_the_question_as_it_is(self) -> None:
        question = pad(["carnet perdido"])[0]
        plain, other = terms(question), terms(question, [(pad(["carnet"])[0], pad(["documento"]))])
        texts = pad(["perdido", "nada"])
        assert other.patterns == plain.patterns
        assert other.matches(texts).tolist() == plain.matches(texts).tolist()
