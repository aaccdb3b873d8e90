from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vernacular.safety.folding import fold, fold_term


def seen(text: str) -> str:
    return " | ".join(view.text for view in fold(text).views)


class TestFold:
    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("ＢＯＭＢ", "bomb"),
            ("b\u200bo\u2060mb", "bomb"),
            ("𝕓𝕠𝕞𝕓", "bomb"),
            ("🅱🅾🅼🅱", "bomb"),
            ("bоmb in Latin", "bomb"),  # a Cyrillic letter
            ("b0mb", "bomb"),
            ("b.o.m.b", "bomb"),
            ("b o m b", "bomb"),
            ("bo-mb", "bomb"),
            ("bómb", "bomb"),
            ("炸*彈", "炸弹"),
            ("炸 弹", "炸弹"),
            ("قنـــبلة", "قنبله"),
            ("قُنْبُلَة", "قنبله"),
        ],
    )
    def test_undoes_disguises(self, written: str, read: str) -> None:
        assert read in seen(written)

    def test_keeps_sentences_apart(self) -> None:
        assert "bomb" not in seen("a bo. Mb is short").replace("\n", "·")

    def test_folds_terms_as_it_folds_text(self) -> None:
        assert fold_term("Dónde, «Straße»") == "donde strasse"

    @given(st.text(max_size=200))
    def test_leads_back_to_the_original(self, text: str) -> None:
        folded = fold(text)
        for view in folded.views:
            assert len(view.text) == len(view.origins)
            assert all(0 <= origin < len(text) for origin in view.origins)
            assert list(view.origins) == sorted(view.origins)
