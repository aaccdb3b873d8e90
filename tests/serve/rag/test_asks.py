from __future__ import annotations

import pytest

from serve.rag.asks import agree, asked
from serve.rag.matching import pad


def kinds(text: str, language: str) -> set[str]:
    return set(asked(pad([text])[0], language).kinds)


class TestAsked:
    @pytest.mark.parametrize(
        ("text", "language", "kind"),
        [
            ("How much is a ticket?", "en", "price"),
            ("Can you tell me where the pool is?", "en", "where"),
            ("What is a parking permit?", "en", "define"),
            ("補領身份證要幾錢呀？", "yue-Hant", "price"),
            ("點申請泊車證", "yue-Hant", "how"),
            ("图书馆几点开门", "zh", "when"),
            ("بكام التذكرة؟", "ar", "price"),
            ("ezzay agadded el beta2a", "ar", "how"),
            ("¿A cómo está la entrada?", "es", "price"),
            ("Wo ist das Bad?", "de", "where"),
        ],
    )
    def test_tells_what_kind_of_thing_is_wanted(self, text: str, language: str, kind: str) -> None:
        assert kinds(text, language) == {kind}

    def test_takes_a_place_called_so_for_no_question(self) -> None:
        assert kinds("景点门票", "zh") == set()

    def test_leaves_the_words_that_say_what_it_is_about(self) -> None:
        assert asked(pad(["How much is a ticket?"])[0], "en").rest == "_is_a_ticket_"


class TestAgree:
    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("How much is it?", "What is the fee?", True),
            ("How do I renew it?", "renewing it", True),
            ("Where do I renew it?", "How do I renew it?", False),
            ("Where do I renew it?", "renewing it", False),
            ("May I enter before noon?", "May I enter after noon?", False),
        ],
    )
    def test_is_of_questions_for_the_same_kind_of_thing(self, one: str, other: str, same: bool) -> None:
        first, second = (asked(pad([each])[0], "en") for each in (one, other))
        assert agree(first, second) is same
