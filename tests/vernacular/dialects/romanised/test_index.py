from __future__ import annotations

import pytest

from vernacular.dialects.romanised import RomanIndex
from vernacular.dialects.romanised.index import typed_stems
from vernacular.text.normalise import normalise

TEXT = (
    "زار الوزير مدينة طنجة ثم مراكش وتحدث عن الضرائب والصيدلية والمستشفى في فرنسا وألمانيا والجزائر قرب المسجد "
    "وعن شركة مايكروسوفت وبرشلونة والزلزال والأكسجين والمقدس وجاكسونفيل والقانون والعقد سيارة حمراء"
)
INDEX = RomanIndex({normalise(word): 1 for word in TEXT.split()})


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("tanja", "طنجة"),
        ("merrakech", "مراكش"),
        ("marrakesh", "مراكش"),
        ("saydaliya", "والصيدلية"),
        ("sbitar", None),
        ("fransa", "فرنسا"),
        ("almanya", "وألمانيا"),
        ("ljaza2ir", "والجزائر"),
        ("dzayer", None),
        ("lmasjid", "المسجد"),
        ("microsoft", "مايكروسوفت"),
        ("barcelona", "وبرشلونة"),
        ("barshalona", "وبرشلونة"),
        ("zelzal", "والزلزال"),
        ("oxygene", "والأكسجين"),
        ("lmo9addas", "والمقدس"),
        ("jacksonville", "وجاكسونفيل"),
        ("el3a9d", "والعقد"),
        ("sayyara", "سيارة"),
    ],
)
def test_finds_the_word_that_sounds_as_it_was_typed(typed: str, written: str | None) -> None:
    found = INDEX.alike(typed)
    assert (normalise(written) in found[0].words) if written else not found


def test_ranks_the_right_vowels_before_others() -> None:
    index = RomanIndex({"كتاب": 1, "كتب": 9, "كاتب": 1})
    assert next(match.stem for match in index.alike("kitab")) == "كتاب"
    assert next(match.stem for match in index.alike("katib")) == "كاتب"


def test_gathers_the_forms_of_a_stem_most_frequent_first() -> None:
    index = RomanIndex({"والمدرسه": 1, "المدرسه": 7, "مدرسه": 3})
    assert index.alike("lmadrasa")[0].words == ("المدرسه", "مدرسه", "والمدرسه")


def test_forgives_a_consonant_that_is_silent_or_missing() -> None:
    index = RomanIndex({"نيوكاسل": 1, "ميتسوبيشي": 1})
    assert index.alike("newcastle")
    assert index.alike("misubishi")


def test_takes_articles_and_clitics_off() -> None:
    assert "maghrib" in [stem for stem, _ in typed_stems("lmaghrib")]
    assert "maghrib" in [stem for stem, _ in typed_stems("flmaghrib")]
    assert "shshams" in [stem for stem, _ in typed_stems("eshshams")]
    assert RomanIndex({"الشمس": 1}).alike("eshshams")


def test_leaves_words_of_other_scripts_out() -> None:
    assert not RomanIndex({"house": 3, "房子": 2})
