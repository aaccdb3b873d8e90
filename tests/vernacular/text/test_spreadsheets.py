from __future__ import annotations

import pytest

from vernacular.dialects.imports import lexicon_text
from vernacular.dialects.pack import Entry, read_lexicon
from vernacular.text.spreadsheets import as_written, safe_cell


class TestSafeCell:
    @pytest.mark.parametrize(
        "text",
        ["=cmd|'/c calc'!A0", "+SUM(1,1)", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1+1", '=HYPERLINK("http://evil.example")',
         "＝1+1", "＋1+1"],
    )  # fmt: skip
    def test_lets_no_text_be_a_formula(self, text: str) -> None:
        assert safe_cell(text) == f"'{text}"

    @pytest.mark.parametrize("text", ["", "words", "3", "-3", "+86", "-0.96", "12,5%", "'quoted", "a=b", "a-b"])
    def test_leaves_words_and_numbers_alone(self, text: str) -> None:
        assert safe_cell(text) == text

    @pytest.mark.parametrize("text", ["=1+1", "-ito", "@home", "plain"])
    def test_can_be_taken_back(self, text: str) -> None:
        assert as_written(f"{safe_cell(text)}\t{safe_cell(text)}\n{safe_cell(text)}") == f"{text}\t{text}\n{text}"


class TestLexicons:
    def test_are_written_without_formulas_and_read_back_as_they_were(self) -> None:
        entries = [Entry(("=cmd|calc", "-ito"), ("@small",), "", 1.0, ()), Entry(("plain",), ("word",), "", 1.0, ())]
        text = lexicon_text(entries)
        assert not any(cell.startswith(("=", "@")) for line in text.split("\n") for cell in line.split("\t"))
        assert list(read_lexicon(text, "x")) == [
            Entry(("=cmd", "calc", "-ito"), ("@small",), "", 1.0, ()), Entry(("plain",), ("word",), "", 1.0, ()),
        ]  # fmt: skip
