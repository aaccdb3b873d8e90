from __future__ import annotations

import pytest

from vernacular.dialects.numerals import numerals
from vernacular.dialects.numerals.arabic import in_words


def terms(text: str, tag: str | None = None) -> dict[str, tuple[str, ...]]:
    return {text[each.start : each.end]: each.terms for each in numerals(text, "ar", tag)}


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("حداشر", "11"), ("إطنعش", "12"), ("تلطاش", "13"), ("خمسطعش", "15"), ("تمنتاشر", "18"), ("ميتين", "200"),
        ("تلتمية وخمسين", "350"), ("ألفين", "2000"), ("تلات تلاف وميتين", "3200"), ("خمسة و عشرين الف", "25000"),
        ("مليون ونص", "1500000"), ("ألف ونص", "1500"), ("ستمية وتلاتة وتلاتين", "633"), ("7 تلاف", "7000"),
    ],
)  # fmt: skip
def test_reads_numbers_of_every_variety(said: str, digits: str) -> None:
    assert digits in terms(f"دفعت {said} امبارح")[said]


def test_writes_digits_in_words() -> None:
    assert terms("مدة 45 يوما")["45"] == ("خمسة وأربعين",)
    assert in_words(12) == ["اثني عشر"]
    assert in_words(3500) == ["ثلاثة آلاف وخمسمئة"]


def test_reads_parts_of_units() -> None:
    assert "90 دقيقة" in terms("بعد ساعة ونص")["ساعة ونص"]
    assert "15 دقيقة" in terms("كل ربع ساعة")["ربع ساعة"]
    assert "18 شهر" in terms("سنة ونص تجنيد")["سنة ونص"]


def test_reads_hours() -> None:
    assert {"4:30", "16:30"} <= set(terms("الساعة اربعة ونص")["اربعة ونص"])


def test_names_weekdays() -> None:
    assert terms("فاتحين يوم التنين؟")["التنين"] == ("الاثنين",)
    assert terms("نهار الحد")["الحد"] == ("الأحد",)
    assert terms("التنين حيوان خرافي") == {}
    assert terms("الحد الأقصى للأجور") == {}


def test_names_months_in_every_region() -> None:
    assert {"يوليو", "تموز"} & set(terms("في شهر سبعة")["سبعة"])
    assert "أغسطس" in terms("نهار 3 غشت")["غشت"]


def test_writes_articles_of_law_both_ways() -> None:
    assert "الخامسة عشرة" in terms("المادة 15 من القانون")["15"]
    assert "7" in terms("الفصل السابع")["السابع"]


def test_counts_riyals_of_morocco_as_twentieths() -> None:
    assert terms("ميتين ريال", "ary-Arab-MA")["ميتين"][0] == "10 درهم"
    assert terms("ميتين ريال", "afb-Arab")["ميتين"][0] == "200"


def test_leaves_one_alone() -> None:
    assert terms("واحد من الناس") == {}


def test_reads_no_number_that_is_larger_than_any_amount() -> None:
    assert terms("9" * 400) == {}
