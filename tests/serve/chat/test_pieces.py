from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from serve.chat.pieces import pieces


class TestPieces:
    @given(st.text())
    def test_join_to_the_text(self, text: str) -> None:
        assert "".join(pieces(text)) == text

    def test_are_words_with_the_space_after_them(self) -> None:
        assert list(pieces("It costs 450.\n\nPer month.")) == ["It ", "costs ", "450.\n\n", "Per ", "month."]

    def test_are_a_few_letters_where_there_are_no_spaces(self) -> None:
        assert [len(piece) for piece in pieces("私家车的住宅区泊车许可证每月收费为港币四百五十元")] == [12, 12]

    def test_never_cut_a_citations_marker(self) -> None:
        assert "[12]" in [piece.strip() for piece in pieces("每月收费为港币四百五十元整[12]。It is so.[12] Yes")]

    @pytest.mark.parametrize("text", ["👩‍👩‍👧‍👦" * 30, "नमस्ते" * 20, "e\u0301" * 40])
    def test_never_cut_a_grapheme(self, text: str) -> None:
        whole = regex.findall(r"\X", text)
        assert [grapheme for piece in pieces(text) for grapheme in regex.findall(r"\X", piece)] == whole
