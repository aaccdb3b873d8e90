from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from serve.rag.understand import understand
from serve.rag.varieties import Varieties
from vernacular.settings import DialectSettings


def asked(*questions: str) -> list[BaseMessage]:
    return [HumanMessage(question) for question in questions]


class TestFollowUp:
    @pytest.mark.parametrize(
        ("before", "question", "carried"),
        [
            ("Where do I register my dog?", "and how much does it cost?", "dog"),
            ("¿Dónde se pide la licencia de obras?", "¿y cuánto cuesta?", "licencia"),
            ("فين اطلع رخصة البناء؟", "وبكام؟", "رخصه"),
            ("Wo beantrage ich einen Reisepass?", "und wie lange dauert das?", "reisepass"),
            ("Где зарегистрировать собаку?", "а сколько это стоит?", "собаку"),
        ],
    )
    def test_takes_its_subject_from_the_question_before(self, before: str, question: str, carried: str) -> None:
        found = understand(question, asked(before))
        assert carried in found.carried
        assert found.query.startswith(question)

    def test_in_chinese_without_spaces(self) -> None:
        found = understand("那多少錢？", asked("泊車許可證在哪裡申請？"))
        assert any("泊车许可证" in term for term in found.carried)

    def test_looks_past_a_follow_up_to_the_question_that_had_a_subject(self) -> None:
        found = understand("and when?", asked("Where do I register my dog?", "and how much?"))
        assert "dog" in found.carried

    def test_takes_words_from_the_title_that_the_last_answer_cited(self) -> None:
        answer = AIMessage("…", additional_kwargs={"annotations": [{"title": "Outdoor swimming pool"}]})
        found = understand("how much is it?", [*asked("Where can we swim?"), answer])
        assert "pool" in found.carried


class TestStandingAlone:
    @pytest.mark.parametrize(
        "question",
        [
            "What are the opening hours of the municipal library?",
            "¿Cuáles son los horarios de la biblioteca municipal?",
            "市立圖書館的開放時間是幾點？",
            "Who was Kafka?",
        ],
    )
    def test_carries_nothing(self, question: str) -> None:
        assert understand(question, asked("Where do I register my dog?")).carried == ()

    def test_carries_nothing_when_there_was_nothing_before(self) -> None:
        assert understand("and how much does it cost?").carried == ()


class TestLanguage:
    @pytest.mark.parametrize(
        ("question", "language", "dialect"),
        [
            ("Where do I register my dog?", "en", "en"),
            ("邊度可以攞到張申請表㗎？", "yue-Hant", "yue-Hant-HK"),
            ("คุณต้องจ่ายค่าธรรมเนียมเท่าไร", "th", None),
        ],
    )
    def test_is_that_of_the_question(self, question: str, language: str, dialect: str | None) -> None:
        found = understand(question, varieties=Varieties(DialectSettings()))
        assert (found.language, found.detection and found.detection.tag) == (language, dialect)

    def test_the_callers_dialect_wins(self) -> None:
        assert understand("Where do I register my dog?", dialect="en-GB").dialect == "en-GB"

    def test_without_letters_it_is_the_tenants(self) -> None:
        assert understand("🙂", served=("tr",)).language == "tr"

    def test_takes_a_word_or_two_to_be_in_a_language_of_the_tenant(self) -> None:
        assert understand("hola", served=("zh-Hant", "es")).language == "es"

    def test_takes_a_sentence_to_be_in_its_own_language(self) -> None:
        assert understand("Where do I register my dog?", served=("es",)).language == "en"
