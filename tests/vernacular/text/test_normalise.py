from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernacular.text.normalise import fold_traditional, normalise, normalise_with_offsets


class TestNormalise:
    @pytest.mark.parametrize(
        ("written", "folded"),
        [
            ("HELLO World", "hello world"),
            ("Straße", "strasse"),
            ("Ærø", "aerø"),
            ("ＡＢＣ１２３", "abc123"),
            ("臺灣的計程車", "台湾的计程车"),
            ("啓動衞星", "启动卫星"),
            ("أحمد إلى مدرسةٍ", "احمد الي مدرسه"),
            ("كتـــاب", "كتاب"),
            ("کتاب یک", "كتاب يك"),
            ("٣٫١٤ ۱۲ १२ ๑๒", "3.14 12 12 12"),
            ("İstanbul ILGAZ", "istanbul ilgaz"),
            ("ё Ё", "е е"),
            ("ラーメン ﾗｰﾒﾝ", "らーめん らーめん"),
            ("ｶﾞス", "がす"),
            ("e\u0301te\u0301", "été"),
            ("shalom שָׁלוֹם", "shalom שלום"),
        ],
    )
    def test_unifies_what_readers_take_to_be_the_same(self, written: str, folded: str) -> None:
        assert normalise(written) == folded

    @pytest.mark.parametrize(
        "hidden", ["\u200b", "\u200d", "\u202e", "\u2066", "\ufeff", "\u00ad", "\U000e0041", "\ufe0f"]
    )
    def test_drops_what_cannot_be_seen(self, hidden: str) -> None:
        assert normalise(f"pass{hidden}port") == "passport"

    def test_keeps_accents_and_marks_that_are_letters(self) -> None:
        assert normalise("Año") == "año"
        assert normalise("हिन्दी") == "हिन्दी"
        assert normalise("ที่นี่") == "ที่นี่"

    @given(st.text())
    def test_composed_and_decomposed_text_are_the_same(self, text: str) -> None:
        decomposed = unicodedata.normalize("NFD", text)
        composed = unicodedata.normalize("NFC", text)
        assert normalise(decomposed) == normalise(composed)


class TestNormaliseWithOffsets:
    @given(st.text())
    def test_agrees_with_normalise_wherever_letters_do_not_compose(self, text: str) -> None:
        composed = unicodedata.normalize("NFKC", text)
        assert normalise_with_offsets(composed)[0] == normalise(composed)

    @given(st.text())
    def test_offsets_ascend_within_the_text(self, text: str) -> None:
        folded, offsets = normalise_with_offsets(text)
        assert len(folded) == len(offsets)
        assert offsets == sorted(offsets)
        assert all(0 <= offset < len(text) for offset in offsets)

    def test_points_at_the_characters_that_each_letter_came_from(self) -> None:
        text = "x\u200bStraße e\u0301 ﬁ"
        folded, offsets = normalise_with_offsets(text)
        assert folded == "xstrasse é fi"
        assert "".join(text[offset] for offset in offsets) == "xStraßße e ﬁﬁ"


class TestFoldTraditional:
    def test_replaces_character_by_character(self) -> None:
        assert fold_traditional("Café 臺灣學習") == "Café 台湾学习"
