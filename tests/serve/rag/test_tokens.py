from __future__ import annotations

import pytest
from langchain_core.messages import HumanMessage

from serve.rag.tokens import TokenScale, estimate, estimate_messages


class TestEstimate:
    @pytest.mark.parametrize(
        ("text", "least", "most"),
        [
            ("The quick brown fox jumps over the lazy dog.", 9, 20),
            ("住宅區泊車許可證每月收費為 450 元。", 14, 26),
            ("رسوم رخصة البناء 600 كرون لكل طابق", 10, 30),
            ("x" * 4000, 900, 1100),
            ("", 0, 1),
        ],
    )
    def test_is_near_what_common_tokenizers_give_and_not_below(self, text: str, least: int, most: int) -> None:
        assert least <= estimate(text) <= most

    def test_counts_images(self) -> None:
        plain = HumanMessage([{"type": "text", "text": "?"}])
        pictured = HumanMessage([{"type": "text", "text": "?"}, {"type": "image_url", "image_url": {"url": "data:"}}])
        assert estimate_messages([pictured]) > estimate_messages([plain]) + 1000


class TestTokenScale:
    def test_rises_at_once_and_falls_slowly(self) -> None:
        scale = TokenScale()
        scale.learn("m", 100, 200)
        assert scale.of("m") == 2
        scale.learn("m", 100, 100)
        assert 1.8 < scale.of("m") < 2
        scale.learn("m", 100, 300)
        assert scale.of("m") == 3

    def test_is_each_models_own_and_bounded(self) -> None:
        scale = TokenScale()
        scale.learn("m", 1, 1_000_000)
        assert scale.of("m") == 8
        assert scale.of("other") == 1
