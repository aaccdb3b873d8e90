from __future__ import annotations

import pytest

from vernacular.dialects.numerals import numerals


def terms(text: str, family: str = "es", tag: str | None = None) -> dict[str, tuple[str, ...]]:
    return {text[each.start : each.end]: each.terms for each in numerals(text, family, tag)}


@pytest.mark.parametrize(
    ("family", "said", "digits"),
    [
        ("es", "cuarenta y dos", "42"), ("es", "mil ochocientos", "1800"), ("es", "tres millones doscientos mil", "3200000"),
        ("es", "veintidós", "22"), ("es", "18 mil", "18000"), ("es", "25k", "25000"),
        ("en", "sixty-five", "65"), ("en", "twelve hundred", "1200"), ("en", "three hundred and ten", "310"),
        ("pt", "trinta e seis", "36"), ("pt", "duzentos e cinquenta", "250"),
        ("fr", "quatre-vingt-douze", "92"), ("fr", "soixante-dix", "70"), ("fr", "deux mille", "2000"), ("fr", "trente et un", "31"),
    ],
)  # fmt: skip
def test_reads_number_words(family: str, said: str, digits: str) -> None:
    assert digits in terms(f"({said})", family)[said]


class TestMoney:
    def test_knows_what_each_country_calls_it(self) -> None:
        assert terms("me cobraron veinte lucas", "es", "es-AR")["veinte lucas"][0] == "20000 pesos"
        assert "20 soles" in terms("me cobraron veinte lucas", "es", "es-x-andes")["veinte lucas"]
        assert terms("vale tres palos", "es", "es-AR")["tres palos"][:2] == ("3000000 pesos", "3 millones pesos")
        assert terms("debo 50 varos", "es", "es-MX")["50 varos"][0] == "50 pesos"
        assert terms("media luca", "es", "es-AR")["media luca"][0] == "500 pesos"

    def test_knows_no_slang_of_other_countries(self) -> None:
        assert "tres palos" not in terms("clavé tres palos", "es", "es-ES")
        assert "dos gambas" not in terms("me comí dos gambas", "es", "es-ES")


class TestTime:
    def test_reads_hours(self) -> None:
        assert terms("abren a las cinco y media de la tarde")["cinco y media"][0] == "17:30"
        assert terms("cierran a las ocho menos cuarto")["ocho menos cuarto"][0] == "7:45"
        assert terms("open at nine in the morning", "en")["nine"] == ("9:00", "9")

    def test_reads_durations(self) -> None:
        assert "18 meses" in terms("un contrato de año y medio")["año y medio"]
        assert "14 days" in terms("within a fortnight", "en")["a fortnight"]

    def test_takes_two_digits_for_a_year_only_after_words_that_years_follow(self) -> None:
        assert "1978" in terms("un coche del 78")["78"]
        assert "1978" not in terms("unas 78 personas").get("78", ())


def test_leaves_articles_alone() -> None:
    assert terms("una de las dos", "es").keys() <= {"dos"}
    assert terms("one of us", "en") == {}
    assert terms("un ami", "fr") == {}


def test_knows_no_numbers_of_a_language_it_does_not_know() -> None:
    assert numerals("zwanzig Euro", "de", None) == []


@pytest.mark.parametrize("text", ["9" * 400, "cien mil " * 400, "2" + " mil" * 400, "a las " + "9" * 5000])
def test_reads_no_number_that_is_larger_than_any_amount(text: str) -> None:
    assert all(len(each) < 40 for found in terms(text).values() for each in found)
