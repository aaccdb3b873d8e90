"""Token counts for `usage`. No model's tokenizer is at work here: a word is one token, a letter of unspaced scripts too."""

from __future__ import annotations

import re

# Kana, Han, Hangul, Thai, Lao, Burmese, Khmer, and the Han of the supplementary plane.
_UNSPACED = "぀-ヿ㐀-鿿가-힯豈-﫿฀-໿က-႟ក-៿\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|[^\w\s]")


def count_tokens(text: str) -> int:
    return sum(1 for _ in _TOKEN.finditer(text))
