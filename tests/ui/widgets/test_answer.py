from __future__ import annotations

from datetime import date
from typing import Any

from ui.client import SourceQuote, Verdict
from ui.i18n import load
from ui.widgets.answer import answer_html, question_html, source_label
from ui.widgets.copying import plain_answer

_ENGLISH = load("en")
_DAY = date(2026, 11, 22)


def _source(**fields: object) -> SourceQuote:
    known = {"index": 1, "document_id": "d", "title": "Fees", "quote": "q", "start": 0, "end": 1}
    return SourceQuote(**{**known, **fields})  # type: ignore[arg-type]


def _verdict(**fields: Any) -> Verdict:
    return Verdict(**{"answered": True, "reason": "answered", "language": "en", "sources": (), **fields})


class TestAnswerHtml:
    def test_a_quoted_row_has_no_bars_and_its_copy_has(self) -> None:
        text = "“| Lost card | 425 |” [1]"
        assert "“Lost card · 425”" in answer_html(text, _ENGLISH, 0, [_source()], "en")
        assert "| Lost card | 425 |" in plain_answer(text, _verdict(), "Harbour", _ENGLISH, _DAY)

    def test_a_marker_links_to_its_source(self) -> None:
        html = answer_html("It costs 5. [1]", _ENGLISH, 3, [_source()], "en")
        assert (
            'It costs 5.<sup><a class="vn-marker" href="#" role="button" data-source="source-3-1" title="Source 1: Fees" '
            'aria-label="Source 1: Fees">1</a>' in html
        )

    def test_a_marker_without_a_source_is_no_link(self) -> None:
        html = answer_html("It costs 5. [2]", _ENGLISH, 0, [_source()], "en")
        assert "<a" not in html
        assert "[2]" not in html

    def test_nothing_else_in_an_answer_is_markup(self) -> None:
        html = answer_html('<img src="x"> [a](http://b) [1]', _ENGLISH, 0, [_source(title='"><script>')], '"x')
        assert "<img" not in html
        assert "<script" not in html
        assert "&lt;img src=&quot;x&quot;&gt; [a](http://b)" in html
        assert 'lang="&quot;x"' in html

    def test_nothing_in_a_question_is_markup(self) -> None:
        assert "<b>" not in question_html("<b>hello</b>", _ENGLISH)

    def test_a_question_shows_its_images_and_names_those_that_cannot_be_shown(self) -> None:
        html = question_html("", _ENGLISH, ["data:image/png;base64,AA==", ""])
        assert '<img src="data:image/png;base64,AA==" alt="Image that was sent">' in html
        assert "<span>Image that was sent</span>" in html
        assert "vn-bubble" not in html


class TestAnswerOfAModel:
    def test_shows_code_as_it_is_and_says_if_no_document_has_it(self) -> None:
        text = "Run:\n\n```bash\necho '<b>' [1]\n```"
        html = answer_html(text, _ENGLISH, 0, [_source()], "en", verdict=_verdict(unverified_code=(0,)))
        assert '<span class="vn-code-name">bash</span><pre><code>echo &#x27;&lt;b&gt;&#x27; [1]</code></pre>' in html
        assert "does not stand in the documents" in html
        assert "does not stand" not in answer_html(text, _ENGLISH, 0, [_source()], "en", verdict=_verdict())

    def test_marks_what_no_document_bears_out(self) -> None:
        html = answer_html("It costs 5. It is red.", _ENGLISH, 0, [], "en", verdict=_verdict(unsupported=((12, 22),)))
        assert '<mark class="vn-unsupported" title="No document bears this out">It is red.</mark>' in html
        assert 'role="note"' in html

    def test_says_why_there_are_quotes_or_only_a_part(self) -> None:
        assert "could not answer" in answer_html(
            "Text.", _ENGLISH, 0, [], "en", verdict=_verdict(fallback="model_busy")
        )
        assert "cut off" in answer_html("Text.", _ENGLISH, 0, [], "en", verdict=_verdict(reason="interrupted"))

    def test_shows_bold_and_inline_code_and_no_other_markup(self) -> None:
        html = answer_html("**Fee** `a<b` \\<img src=x> [a]\\(http://b)", _ENGLISH, 0, [], "en")
        assert "<b>Fee</b>" in html
        assert '<code dir="ltr">a&lt;b</code>' in html
        assert "&lt;img src=x&gt; [a](http://b)" in html


class TestQuestionHtml:
    def test_what_is_long_scrolls_and_is_reached_by_the_keyboard(self) -> None:
        assert 'class="vn-bubble vn-long" role="group" aria-label="You" tabindex="0"' in question_html(
            "a" * 2000, _ENGLISH
        )
        assert "tabindex" not in question_html("Where is my card?", _ENGLISH)


class TestSourceLabel:
    def test_says_when_the_words_are_a_models_description_of_an_image(self) -> None:
        assert "Description of an image, by a model" in source_label(_source(described=True), _ENGLISH, _DAY).replace(
            "\\", ""
        )
        assert "model" not in source_label(_source(), _ENGLISH, _DAY)

    def test_gives_title_page_and_dates_as_plain_text(self) -> None:
        label = source_label(_source(title="![a](b)", page=4, valid_from="2026-01-01"), _ENGLISH, _DAY)
        assert label.startswith("**1**")
        assert r"\!\[a\]\(b\) · page 4 · in force from" in label
        assert "2026" in label

    def test_a_source_without_a_title_still_has_a_label(self) -> None:
        assert "Source 1" in source_label(_source(title=""), _ENGLISH, _DAY)
