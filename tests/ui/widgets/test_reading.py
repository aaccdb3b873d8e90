from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.client import DocumentText, SourceQuote
from ui.i18n import load
from ui.widgets.document import excerpt, excerpt_html
from ui.widgets.reading import one_line, reading_html, rows_as_read

TABLE = "# Fees\n\n| What | Fee |\n|---|---:|\n| Lost <card> | 425 |\n\nPay at once.\n"


def shown(text: str) -> str:
    return reading_html(text, 0, len(text), lambda start, end: html.escape(text[start:end]))


class TestReading:
    def test_headings_and_tables_lose_their_signs(self) -> None:
        found = shown(TABLE)
        assert '<strong class="vn-document-heading">Fees</strong>' in found
        assert '<tr><th scope="col">What</th><th scope="col">Fee</th></tr>' in found
        assert "<tr><td>Lost &lt;card&gt;</td><td>425</td></tr></table>" in found
        assert "#" not in found
        assert "---" not in found
        assert found.endswith("Pay at once.")

    def test_what_only_looks_like_them_stays(self) -> None:
        text = "#hashtag\na | b\n## \n|---|"
        assert html.unescape(re.sub("<[^>]+>", "", shown(text))).startswith("#hashtag\na | b\n## ")

    def test_a_cell_may_hold_a_bar(self) -> None:
        assert r"<td>a\|b</td><td>c</td>" in shown("| a\\|b | c |")

    @given(st.text(alphabet="#| \n-a<&字", max_size=60))
    def test_every_other_character_is_there_once(self, text: str) -> None:
        plain = html.unescape(re.sub("<[^>]+>", "", shown(text)))
        for sign in "a<&字":
            assert plain.count(sign) == text.count(sign)


class TestQuote:
    def test_is_marked_through_cells_and_lines(self) -> None:
        quote = "| Lost <card> | 425 |\n\nPay"
        start = TABLE.index(quote)
        source = SourceQuote(1, "d", "Fees", quote, start, start + len(quote))
        found = excerpt_html(excerpt(DocumentText("d", "", TABLE), source), load("en"))
        marked = re.findall(r"<mark class=\"(vn-quote(?:-more)?)\">(.*?)</mark>", found)
        assert [kind for kind, _ in marked] == ["vn-quote", "vn-quote-more", "vn-quote-more"]
        assert [text for _, text in marked] == ["Lost &lt;card&gt;", "425", "Pay"]


class TestOneLine:
    def test_has_no_signs_of_headings_and_tables(self) -> None:
        assert one_line(TABLE) == "Fees What · Fee Lost <card> · 425 Pay at once."

    def test_keeps_marks_and_what_only_looks_like_a_sign(self) -> None:
        assert one_line("# Fees for <mark>cards</mark>") == "Fees for <mark>cards</mark>"
        assert one_line("<mark># Fees</mark>\n| <mark>Lost</mark> |  |\nNo. #1 | a") == (
            "<mark>Fees</mark> <mark>Lost</mark> No. #1 | a"
        )


class TestRowsAsRead:
    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("| Lost card | 425 | [1]", "Lost card · 425 [1]"),
            ("費用 — 項目 | 收費: 「| 補領 | 425 |」 [2]", "費用 — 項目 · 收費: 「補領 · 425」 [2]"),
            ("« | Carte | 425 | » [1]", "« Carte · 425 » [1]"),
            ("“| What | Fee |\n|---|---:|\n| Lost \\| stolen |  | 425 |” [1]", "“What · Fee\nLost | stolen · 425” [1]"),
            ("\ue0f0| Lost | 425 |\ue0f1", "\ue0f0Lost · 425\ue0f1"),
        ],
    )
    def test_have_dots_between_their_cells(self, written: str, read: str) -> None:
        assert rows_as_read(written) == read

    @pytest.mark.parametrize("text", ["Choose a | b.", "No table [1]", "a || b", "It is so:\n\nyes"])
    def test_other_text_stays_as_it_is(self, text: str) -> None:
        assert rows_as_read(text) == text
