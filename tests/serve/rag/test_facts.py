from __future__ import annotations

import pytest

from serve.rag.facts import clauses, currencies_agree, facts, missing_figures, names


class TestFigures:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (("en", "It costs 1,200 dollars."), ("es", "Cuesta 1.200 dólares.")),
            (("en", "twenty-five days"), ("ar", "خمسة وعشرون يوما")),
            (("en", "three months"), ("zh-Hant", "三個月")),
            (("en", "450 dollars"), ("yue", "四百五十蚊")),
            (("en", "on 15 May 2026"), ("zh", "二〇二六年五月十五日")),
            (("en", "on May 15, 2026"), ("es", "el 15 de mayo de 2026")),
            (("en", "valid from 2026-05-15"), ("ar", "من ١٥ مايو ٢٠٢٦")),
            (("en", "on Monday"), ("zh", "星期一")),
            (("en", "at 5 pm"), ("es", "a las 17")),
            (("zh", "下午3點"), ("en", "at 15")),
            (("en", "twice a year"), ("es", "dos veces al año")),
        ],
    )
    def test_agree_between_languages(self, one: tuple[str, str], other: tuple[str, str]) -> None:
        first, second = facts(one[1], one[0]), facts(other[1], other[0])
        assert not missing_figures(first.figures, second.figures)
        assert not missing_figures(second.figures, first.figures)

    @pytest.mark.parametrize(
        ("language", "claim", "quote"),
        [
            ("en", "45 dollars", "450 dollars"),
            ("en", "on 15 June", "on 15 May"),
            ("en", "on Tuesday", "on Monday"),
            ("zh", "五百元", "四百元"),
            ("ar", "ثلاثين يوما", "عشرين يوما"),
        ],
    )
    def test_differ_where_they_do(self, language: str, claim: str, quote: str) -> None:
        assert missing_figures(facts(claim, language).figures, facts(quote, language).figures)

    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("en", "One may come."),
            ("zh", "十分重要，千万不要一起去。"),
            ("en", "You may register."),
            ("zh", "一般來說"),
        ],
    )
    def test_are_not_seen_in_words_that_only_look_like_them(self, language: str, text: str) -> None:
        assert facts(text, language).figures == ()

    @pytest.mark.parametrize(("language", "text"), [("zh", "一" * 6000 + "元"), ("en", f"at {'1' * 6000} pm")])
    def test_may_have_more_digits_than_python_makes_a_number_of(self, language: str, text: str) -> None:
        found = facts(text, language).figures
        assert not missing_figures(found, facts(text, language).figures)


class TestCurrencies:
    @pytest.mark.parametrize(
        ("claim", "quote", "agree"),
        [
            ("450 dollars", "HK$450", True),
            ("450 蚊", "450 元", True),
            ("450 euros", "450 crowns", False),
            ("US$450", "HK$450", False),
            ("450", "450 crowns", True),
            ("450 dollars", "450", False),
        ],
    )
    def test_agree_where_they_may_be_the_same(self, claim: str, quote: str, agree: bool) -> None:
        assert currencies_agree(facts(claim, "en"), [facts(quote, "en")]) is agree


class TestDenying:
    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("en", "You don't have to pay."),
            ("en", "It isn’t open."),
            ("es", "No se paga."),
            ("ar", "لا يجوز ذلك"),
            ("arz", "مش لازم تدفع"),
            ("zh-Hans", "不必付费"),
            ("yue", "唔使畀錢"),
            ("de", "Es kostet keine Gebühr."),
        ],
    )
    def test_is_seen(self, language: str, text: str) -> None:
        assert facts(text, language).denies

    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("en", "Not only adults pay, but no later than May."),
            ("zh", "不過未成年人亦要付費，不少於三日。"),
            ("yue", "唔該畀錢"),
            ("es", "No obstante, se paga."),
        ],
    )
    def test_is_not_seen_where_a_word_only_looks_like_it(self, language: str, text: str) -> None:
        assert not facts(text, language).denies


def test_names_are_capitalised_within_a_sentence_or_in_other_letters() -> None:
    assert names("The mayor is Karl Jensen of IBM.", "en") == ["Karl", "Jensen", "IBM"]
    assert names("請用 iPhone 登入 eHealth。", "zh-Hant") == ["iPhone", "eHealth"]
    assert names("Der Hund ist im Rathaus.", "de") == []


def test_clauses_are_parted_at_marks_and_conjunctions() -> None:
    assert clauses("Dogs may not enter, but cats may.", "en") == ["Dogs may not enter", " cats may."]
