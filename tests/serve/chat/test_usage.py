from __future__ import annotations

import pytest

from serve.chat.usage import count_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("two words", 2), ("泊车费", 3), ("fee: 450元", 4), ("الرسوم كم", 2), ("ราคา", 4), ("😀", 1)],
)
def test_words_and_letters_of_unspaced_scripts_count(text: str, tokens: int) -> None:
    assert count_tokens(text) == tokens
