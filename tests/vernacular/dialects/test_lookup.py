from __future__ import annotations

import pytest

from vernacular.dialects.fold import fold
from vernacular.dialects.lookup import LONGEST, Lookup


def found(lookup: Lookup[str], text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(text[match.start : match.end], match.values) for match in lookup.scan(text)]


class TestFold:
    def test_leads_back_to_what_was_written(self) -> None:
        text = "Ｃａｆé 許可證"
        folded = fold(text)
        start = folded.text.index("许可")
        assert folded.text == "cafe 许可证"
        assert text[slice(*folded.span(start, start + 2))] == "許可"

    def test_of_nothing_is_nothing(self) -> None:
        assert fold("").text == ""


class TestScan:
    def test_takes_the_longest_form_at_each_place(self) -> None:
        lookup = Lookup([("電", "electricity"), ("電話", "telephone"), ("話費", "charge")])
        assert found(lookup, "交電話費") == [("電話", ("telephone",))]

    def test_matches_whole_words_in_scripts_with_spaces(self) -> None:
        lookup = Lookup([("plata", "dinero")])
        assert found(lookup, "la plata, sin plataforma") == [("plata", ("dinero",))]

    def test_matches_across_case_accents_and_punctuation(self) -> None:
        lookup = Lookup([("qué onda", "qué pasa")])
        assert found(lookup, "¡QUE… ONDA!") == [("QUE… ONDA", ("qué pasa",))]

    def test_takes_a_plural_for_its_word(self) -> None:
        assert found(Lookup([("boleta", "multa")]), "dos boletas") == [("boleta", ("multa",))]

    @pytest.mark.parametrize("text", ["والموتر", "بالموتر", "موتري", "موترهم"])
    def test_sees_an_arabic_word_between_its_clitics(self, text: str) -> None:
        assert [text for text, _ in found(Lookup([("موتر", "سيارة")]), text)] == ["موتر"]

    def test_does_not_take_a_feminine_ending_for_a_pronoun(self) -> None:
        assert found(Lookup([("كلم", "اتصل")]), "كلمة") == []

    def test_tells_whether_the_form_stood_alone(self) -> None:
        lookup = Lookup([("موتر", "سيارة")])
        assert [match.bare for match in lookup.scan("موتر والموتر")] == [True, False]

    def test_leaves_short_words_whole(self) -> None:
        assert found(Lookup([("يا", "o")]), "ياه وهيا") == []

    def test_goes_on_to_shorter_forms_where_the_longer_is_not_wanted(self) -> None:
        lookup = Lookup([("老細", "boss"), ("老", "old")])
        kept = [match.values for match in lookup.scan("老細", lambda value: value != "boss")]
        assert kept == [("old",)]

    def test_gives_every_meaning_of_a_form(self) -> None:
        assert found(Lookup([("手", "hand"), ("手", "second-hand")]), "手") == [("手", ("hand", "second-hand"))]

    def test_leaves_out_forms_that_are_no_words(self) -> None:
        assert len(Lookup([("x" * (LONGEST + 1), "long"), ("…", "dots"), ("", "none")])) == 0

    def test_mixed_scripts_are_parted_where_they_meet(self) -> None:
        lookup = Lookup([("app", "application"), ("點用", "how to use")])
        assert found(lookup, "個app點用") == [("app", ("application",)), ("點用", ("how to use",))]
