from __future__ import annotations

import pytest

from serve.rag.matching import pad
from serve.rag.words import lexicon


def content(language: str, text: str) -> tuple[str, ...]:
    return lexicon(language).content(pad([text])[0])


class TestContent:
    @pytest.mark.parametrize(
        ("language", "question", "expected"),
        [
            ("es", "Oiga, ¿y me podría decir a cómo está el boleto ahorita?", ("boleto",)),
            ("es-MX", "¿Cada cuándo pasa el camión, oye?", ("pasa", "camion")),
            ("ar", "لو سمحت عايز أعرف التذكرة بكام دلوقتي؟", ("اعرف", "التذكره")),
            ("ar", "شو اللي بدي أعمله مشان الهوية؟", ("اعمله", "الهويه")),
            ("ar", "شحال ديال التسجيل دابا؟", ("التسجيل",)),
            ("zh-Hans", "这个火车票好多钱哦？", ("火车票",)),
            ("zh-Hans", "驾照咋个换嘛？", ("驾照", "换")),
            ("yue-Hant", "巴士月票喺邊度買㗎？", ("巴士月票", "买")),
            ("nan-Hant", "火車票偌濟錢？", ("火车票",)),
        ],
    )
    def test_little_words_of_varieties_say_nothing(
        self, language: str, question: str, expected: tuple[str, ...]
    ) -> None:
        assert content(language, question) == expected

    def test_a_variety_knows_the_little_words_of_its_standard_language(self) -> None:
        assert content("yue-Hant", "什麼時候開門") == content("zh-Hant", "什麼時候開門")

    def test_a_particle_is_cut_out_but_not_from_within_a_longer_word(self) -> None:
        assert content("zh-Hans", "协会的目的") == ("协会", "目的")

    def test_arabic_particles_are_known_with_those_written_together_with_them(self) -> None:
        assert content("ar", "وبكام فالتذكرة") == ("فالتذكره",)


class TestQuantities:
    @pytest.mark.parametrize(
        ("language", "question"),
        [
            ("zh-Hans", "泡菜好多钱一斤？"),
            ("zh-Hans", "修好要好久？"),
            ("yue-Hant", "月票幾錢？"),
            ("yue-Hant", "要等幾耐？"),
            ("nan-Hant", "愛偌濟錢？"),
            ("ar", "التذكرة بكام؟"),
            ("ar", "قديش سعرها؟"),
            ("ar", "شحال كيدوم؟"),
            ("es", "¿A cómo está el kilo?"),
            ("es", "¿Cada cuánto pasa?"),
        ],
    )
    def test_asking_for_a_number_or_a_price_is_recognised(self, language: str, question: str) -> None:
        assert lexicon(language).asks_quantity(pad([question])[0])

    def test_a_question_for_a_person_is_not_one(self) -> None:
        assert not lexicon("es").asks_quantity(pad(["¿A quién le aviso?"])[0])

    def test_a_weekday_tells_when(self) -> None:
        assert lexicon("es").tells_quantity("_se_pagan_los_viernes_", "_cuando_pagan_")
        assert not lexicon("es").tells_quantity("_se_pagan_los_viernes_", "_pagan_los_viernes_")
        assert not lexicon("es").tells_quantity("_se_pagan_pronto_", "_cuando_pagan_")
