from __future__ import annotations

import pytest

from vernacular.dialects.numerals import numerals
from vernacular.dialects.numerals.han import numeral, parse


def terms(text: str, tag: str | None = None) -> dict[str, tuple[str, ...]]:
    return {text[each.start : each.end]: each.terms for each in numerals(text, "zh", tag)}


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("廿六", 26), ("卅", 30), ("三百二", 320), ("一萬二", 12_000), ("兩千五", 2500), ("百八", 180), ("千六", 1600),
        ("一百零七", 107), ("三千零六十", 3060), ("二〇二四", 2024), ("一億兩千萬", 120_000_000), ("十七", 17), ("貳佰", 200),
    ],
)  # fmt: skip
def test_reads_numerals(said: str, number: int) -> None:
    assert parse(said) == number


def test_reads_what_it_writes() -> None:
    for number in (*range(1, 2000), 10_010, 20_300, 105_000, 98_765_432, 300_000_001):
        assert parse(numeral(number)) == number


def test_reads_no_words_as_numerals() -> None:
    for said in ("零", "一心", "五六百七八", ""):
        assert parse(said) is None or said == "五六百七八"


class TestMoney:
    def test_names_the_standard_currency(self) -> None:
        assert terms("改張飛要收卅五蚊", "yue-Hant-HK")["卅五蚊"] == ("35元", "三十五元")
        assert terms("工錢一日千八箍", "nan-Hant-TW")["千八箍"][0] == "1800元"
        assert terms("一斤三块半", "zh-Hans-CN")["三块半"][0] == "3.5元"

    def test_knows_slang_in_its_own_variety_alone(self) -> None:
        assert terms("罰咗我五嚿水", "yue-Hant-HK")["五嚿水"][0] == "500元"
        assert "五嚿水" not in terms("罰咗我五嚿水", "cmn-Hans-x-sichuan")

    def test_reads_digits_with_units(self) -> None:
        assert terms("月租2萬5")["2萬5"][:2] == ("25000", "二萬五千")
        assert terms("最多40萬元")["40萬元"][:2] == ("400000元", "四十萬元")


class TestTime:
    def test_reads_durations(self) -> None:
        assert "90分鐘" in terms("排咗個半鐘", "yue-Hant-HK")["個半鐘"]
        assert "6個月" in terms("半年內要報到")["半年"]
        assert terms("歇三工", "nan-Hant-TW")["三工"][0] == "3天"

    def test_reads_the_clock(self) -> None:
        assert "16:30" in terms("下晝四點半收工", "yue-Hant-HK")["下晝四點半"]
        assert "8:10" in terms("八點兩個字開門", "yue-Hant-HK")["八點兩個字"]
        assert "9:20" in terms("九點四", "yue-Hant-HK")["九點四"]
        assert "九點四" not in terms("九點四", "zh-Hans-CN")

    def test_names_weekdays_in_every_way(self) -> None:
        assert {"星期五", "週五"} <= set(terms("禮拜五開到幾點")["禮拜五"])
        assert {"星期二", "週二"} <= set(terms("拜二敢有開", "nan-Hant-TW")["拜二"])
        assert "周三" not in terms("每周三次")

    def test_counts_years_from_the_republic_and_back(self) -> None:
        assert terms("民國一百年出世")["民國一百年"][0] == "2011年"
        assert "民國109年" in terms("2020年的稅", "zh-Hant-TW")["2020年"]
        assert "民國109年" not in terms("2020年的税", "zh-Hans-CN")["2020年"]


class TestNumbers:
    def test_writes_articles_of_law_both_ways(self) -> None:
        assert terms("第八十四條之一")["第八十四條"] == ("第84條",)
        assert terms("第38條")["第38條"] == ("第三十八條",)

    def test_reads_shares(self) -> None:
        assert "35%" in terms("打三成五折扣")["三成五"]
        assert terms("百分之六")["百分之六"] == ("6%",)
        assert terms("四分之三")["四分之三"] == ("3/4",)

    def test_reads_numbers_that_are_about_right(self) -> None:
        assert "二十多歲" in terms("廿幾歲可以考未", "yue-Hant-HK")["廿幾歲"]
        assert "十多歲" in terms("十外歲的囡仔", "nan-Hant-TW")["十外歲"]

    def test_leaves_words_alone_that_only_look_like_numbers(self) -> None:
        for text in ("統一發票", "萬一遲到", "十分重要", "千萬唔好", "一般人", "一個人去", "三明治", "九龍", "四川"):
            assert terms(text, "yue-Hant-HK") == {}, text


@pytest.mark.parametrize(
    "text", ["9" * 5000 + "元", "九" * 5000 + "元", "第" + "九" * 5000 + "條", "百分之" + "九" * 5000]
)
def test_reads_no_number_that_is_larger_than_any_amount(text: str) -> None:
    assert all(len(each) < 40 for found in terms(text).values() for each in found)
