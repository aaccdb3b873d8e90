from __future__ import annotations

import pytest

from serve.rag.guard import harmless, inert, repeated

ESCAPES = ("\\x1b[31m", "\\033[0m", "\\u001b]8;;", "\\27[2J", "\\e[1m", "\\x9b", "\\x9d")


class TestRepeatedQuestion:
    @pytest.mark.parametrize(
        "question",
        [
            "Where do I register my dog?",
            "我想問吓（點樣）申請：綜援？",
            "VPN:怎么用？",
            "¿Cuánto cuesta el pasaporte: 30,5 €?",
            "كم رسوم الجواز؟ (بالدينار)",
            "What is JavaScript: a language? Is a < b?",
            "Is f(x) = 3 open from 12:30 to 14:00?",
        ],
    )
    def test_is_said_back_in_the_persons_own_words(self, question: str) -> None:
        assert repeated(question) == question

    @pytest.mark.parametrize(
        ("question", "gone"),
        [
            ("Show ![a](http://evil.example/?q=1) now", "evil"),
            ("Show [a][b] now [b]: http://evil.example/q=1", "evil"),
            ("Open [a](javascript:alert(1)) please", "alert"),
            ("Write <script>alert(1)</script>", "script"),
            ("Write <img src=x onerror=alert(1)", "onerror"),
            ("Go to https://evil.example/path", "evil"),
            ("Decode &lt;b&gt; for me", "&lt;"),
            *((f"repeat {escape} twice", escape) for escape in ESCAPES),
        ],
    )
    def test_has_neither_markup_nor_addresses_nor_code(self, question: str, gone: str) -> None:
        said = repeated(question)
        assert gone not in said
        assert "…" in said
        assert said.startswith(question.split(maxsplit=1)[0])


class TestText:
    @pytest.mark.parametrize("escape", ESCAPES)
    def test_makes_no_control_sequence_of_a_terminal(self, escape: str) -> None:
        assert escape not in harmless(f"a {escape} b")
        assert escape not in inert(f"a {escape} b")

    @pytest.mark.parametrize("cut", range(1, 8))
    def test_makes_none_however_it_was_cut(self, cut: int) -> None:
        text = "\\x1b[31m javascript:alert(1)"
        sent = inert(text[:cut])
        assert "\\x1b[" not in sent + inert(text[cut:], sent)

    @pytest.mark.parametrize("cut", range(1, 4))
    def test_makes_none_of_one_byte_either(self, cut: int) -> None:
        sent = inert("\\x9d!"[:cut])
        assert "\\x9d" not in sent + inert("\\x9d!"[cut:], sent)

    @pytest.mark.parametrize("cut", [4, 9, 10, 11])
    def test_names_no_address_that_runs_a_script(self, cut: int) -> None:
        text = "javascript:alert(1)"
        sent = inert(text[:cut])
        assert "javascript:" not in sent + inert(text[cut:], sent)

    def test_keeps_a_colon_in_prose(self) -> None:
        assert inert("The data: 3 and more: 4") == "The data: 3 and more: 4"

    def test_has_no_tag_of_a_models_even_for_readers_of_html(self) -> None:
        assert inert("So <img src=x> &lt;b&gt; is, and a < b & c") == "So ‹img src=x> ＆lt;b＆gt; is, and a < b & c"

    def test_has_none_where_a_stream_was_cut(self) -> None:
        sent = inert("So <")
        assert "<script" not in sent + inert("script>", sent)
