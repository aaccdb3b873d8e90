from __future__ import annotations

from ui.client import DocumentText, SourceQuote
from ui.i18n import load
from ui.widgets.document import excerpt, excerpt_html

_LINES = [f"Line {number} says what it says." for number in range(400)]
_TEXT = "\n".join(_LINES)


def _source(quote: str, start: int) -> SourceQuote:
    return SourceQuote(1, "d", "Title", quote, start, start + len(quote))


class TestExcerpt:
    def test_stands_around_the_quote_in_whole_lines(self) -> None:
        quote = _LINES[200]
        part = excerpt(DocumentText("d", "", _TEXT), _source(quote, _TEXT.index(quote)))
        assert part.quote == quote
        assert part.cut
        assert part.before + part.quote + part.after in _TEXT
        assert set((part.before + part.quote + part.after).splitlines()) <= set(_LINES)

    def test_takes_the_whole_document_when_asked(self) -> None:
        quote = _LINES[200]
        part = excerpt(DocumentText("d", "", _TEXT), _source(quote, _TEXT.index(quote)), whole=True)
        assert part.before + part.quote + part.after == _TEXT
        assert not part.cut

    def test_offsets_tell_which_of_two_equal_passages_was_quoted(self) -> None:
        text = "same. other. same."
        part = excerpt(DocumentText("d", "", text), _source("same.", 13))
        assert (part.before, part.quote, part.after) == ("same. other. ", "same.", "")

    def test_offsets_count_code_points(self) -> None:
        text = "😀😀 quoted"
        assert excerpt(DocumentText("d", "", text), _source("quoted", 3)).before == "😀😀 "

    def test_a_quote_that_moved_is_found_again(self) -> None:
        part = excerpt(DocumentText("d", "", "new words. the quote."), _source("the quote.", 0))
        assert part.found
        assert part.before == "new words. "

    def test_a_quote_that_is_gone_is_not_marked(self) -> None:
        part = excerpt(DocumentText("d", "", "other words"), _source("the quote.", 0))
        assert not part.found
        assert "<mark" not in excerpt_html(part, load("en"))


class TestExcerptHtml:
    def test_marks_the_quote_and_escapes_all_of_it(self) -> None:
        part = excerpt(DocumentText("d", "", "<b>a</b> <img src=x> <i>z</i>"), _source("<img src=x>", 9))
        html = excerpt_html(part, load("en"))
        assert '&lt;b&gt;a&lt;/b&gt; <mark class="vn-quote">&lt;img src=x&gt;</mark> &lt;i&gt;z&lt;/i&gt;' in html
