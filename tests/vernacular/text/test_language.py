from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernacular.text.language import LANGUAGES, Language, identify


class TestIdentify:
    @pytest.mark.parametrize(
        ("text", "code", "script"),
        [
            ("How much does a passport cost?", "en", "Latn"),
            ("¿Cuánto cuesta renovar el pasaporte?", "es", "Latn"),
            ("Wie viel kostet ein Reisepass?", "de", "Latn"),
            ("Pasaport yenileme ücreti ne kadar?", "tr", "Latn"),
            ("Phí gia hạn hộ chiếu là bao nhiêu?", "vi", "Latn"),
            ("Сколько стоит загранпаспорт?", "ru", "Cyrl"),
            ("Скільки коштує закордонний паспорт?", "uk", "Cyrl"),
            ("Πόσο κοστίζει το διαβατήριο;", "el", "Grek"),
            ("كم رسوم تجديد جواز السفر؟", "ar", "Arab"),
            ("هزینه تمدید گذرنامه چقدر است؟", "fa", "Arab"),
            ("पासपोर्ट का शुल्क कितना है?", "hi", "Deva"),
            ("ค่าธรรมเนียมหนังสือเดินทางเท่าไร", "th", "Thai"),
            ("パスポートの手数料はいくらですか", "ja", "Jpan"),
            ("여권 수수료는 얼마인가요?", "ko", "Kore"),
            ("护照费用是多少？", "zh-Hans", "Hans"),
            ("護照費用是多少？", "zh-Hant", "Hant"),
            ("換護照要幾多錢㗎？", "yue-Hant", "Hant"),
            ("我哋想问下边度可以换护照", "yue-Hans", "Hans"),
            ("護照欲按怎申請？", "nan-Hant", "Hant"),
        ],
    )
    def test_knows_languages_varieties_and_scripts(self, text: str, code: str, script: str) -> None:
        found = identify(text)
        assert (found.code, found.script) == (code, script)
        assert 0 < found.confidence <= 1

    @pytest.mark.parametrize("text", ["", " ", "😀🎉", "12345", "?!…"])
    def test_text_without_letters_is_undetermined(self, text: str) -> None:
        assert identify(text) == Language("und", "Zyyy", 0.0)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("opening hours today", "en"),
            ("horario de atención", "es"),
            ("पासपोर्ट कब मिलेगा", "hi"),
            ("часы работы офиса", "ru"),
        ],
    )
    def test_three_words_are_enough(self, text: str, code: str) -> None:
        assert identify(text).code == code

    def test_a_product_name_does_not_hide_the_language_around_it(self) -> None:
        assert identify("iPhone 15 Pro Max 多少錢").code == "zh-Hant"

    def test_formal_traditional_text_that_shares_characters_with_cantonese_is_mandarin(self) -> None:
        assert identify("本條例所稱主管機關，係指內政部。").code == "zh-Hant"
        assert identify("毋須繳費，會使用攏絡手段").code == "zh-Hant"

    def test_arabic_varieties_are_arabic(self) -> None:
        assert identify("عايز أجدد الباسبور بتاعي ازاي؟").code == "ar"

    @given(st.text())
    def test_answers_with_a_known_code_for_any_text(self, text: str) -> None:
        assert identify(text).code in LANGUAGES

    def test_threads_share_one_model(self) -> None:
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(identify, ["opening hours today"] * 8)) == {identify("opening hours today")}


def test_at_least_45_languages_are_told_apart() -> None:
    assert len(LANGUAGES) >= 45
