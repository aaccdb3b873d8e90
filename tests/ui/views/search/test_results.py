from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from ui.client import SourceQuote
from ui.gateway.search import Found, Hit
from ui.i18n import load
from ui.i18n.formats import Formats
from ui.views.search.preview import document_html
from ui.views.search.results import about_html, groups_of, marked_html, results_html, snippet_html

TEXT = "First sentence. The parking fee is 450. Another one. And the fee is due in May."
TODAY = date(2026, 3, 15)


def hit(text: str = TEXT, document_id: str = "d1", **more: Any) -> Hit:
    return Hit(document_id, "Fees", text, 0, **more)


def html(*hits: Hit) -> str:
    return results_html(Found(hits), load("en"), Formats("en"), TODAY)


class TestSnippet:
    def test_shows_the_best_sentences_with_the_words_marked(self) -> None:
        found = hit(highlights=((16, 39), (53, 79)), marks=((20, 31), (61, 64)))
        assert snippet_html(found) == (
            "… The <mark>parking fee</mark> is 450. … And the <mark>fee</mark> is due in May."
        )

    def test_without_any_begins_before_the_first_mark(self) -> None:
        text = "word " * 100 + "fee at the end"
        shown = snippet_html(hit(text, marks=((500, 503),)))
        assert "<mark>fee</mark> at the end" in shown
        assert len(shown) < 200

    def test_ends_where_there_is_no_more_room(self) -> None:
        assert snippet_html(hit("long " * 200, highlights=((0, 1000),))).endswith("…")

    def test_reads_without_the_signs_of_headings_and_tables(self) -> None:
        text = "# Fees\n\n| Card | 425 |\n|---|---|\n| Lost | 95 |"
        assert snippet_html(hit(text, highlights=((0, len(text)),))) == "Fees Card · 425 Lost · 95"

    def test_makes_no_markup_of_a_document(self) -> None:
        text = '<img src="http://evil.example/x"> fee'
        shown = snippet_html(hit(text, highlights=((0, len(text)),), marks=((1, 4), (34, 37))))
        assert "<img" not in shown
        assert "&lt;<mark>img</mark>" in shown


class TestMarks:
    def test_are_kept_within_the_stretch(self) -> None:
        assert marked_html("abcdef", ((0, 2), (3, 6)), 1, 4) == "a<mark>b</mark>c<mark>d</mark>".removeprefix("a")

    def test_that_overlap_are_marked_once(self) -> None:
        assert marked_html("abcd", ((0, 3), (1, 4)), 0, 4) == "<mark>abc</mark><mark>d</mark>"


class TestResults:
    def test_show_each_document_once_with_its_further_passages(self) -> None:
        hits = (hit(page=1), hit("Other.", "d2"), hit("More.", page=7))
        assert [[place for place, _ in group.hits] for group in groups_of(hits)] == [[0, 2], [1]]
        shown = html(*hits)
        assert shown.count("<li") == 2
        assert 'data-source="open-2" aria-label="page 7: Fees">page 7</a>' in shown

    def test_say_what_it_is_and_when_it_holds(self) -> None:
        found = hit(
            source="laws",
            media_type="application/pdf",
            language="es",
            page=3,
            updated_at=datetime(2026, 3, 1, tzinfo=UTC),
            valid_until="2026-03-01",
            metadata={"price": "12.50", "currency": "USD"},
        )
        shown = about_html(found, load("en"), Formats("en"), TODAY)
        for told in ("laws", "PDF", "page 3", "Spanish", 'datetime="2026-03-01"', "Mar 1, 2026", "$12.50"):
            assert told in shown
        assert 'vn-warn">no longer in force' in shown

    def test_carry_the_language_of_their_document(self) -> None:
        assert '<h3 dir="auto" lang="ar">' in html(hit(language="ar"))

    def test_make_no_markup_of_titles_and_sources(self) -> None:
        evil = '"><img src="http://evil.example/x">'
        shown = html(Hit("d", evil, "text", 0, source=evil, language=evil, media_type=evil))
        assert "<img" not in shown


class TestDocument:
    def test_shows_the_passage_in_place_and_the_words_marked(self) -> None:
        source = SourceQuote(0, "d1", "Fees", "The parking fee is 450.", 16, 39)
        shown = document_html(TEXT, source, [(20, 31), (61, 64)])
        assert (
            'First sentence. <mark class="vn-quote vn-anchor"></mark><span class="vn-passage-mark">The <mark>' in shown
        )
        assert "the <mark>fee</mark> is due in May.</div>" in shown

    def test_scrolls_only_if_it_is_to(self) -> None:
        source = SourceQuote(0, "d1", "Fees", "The parking fee is 450.", 16, 39)
        assert "vn-anchor" not in document_html(TEXT, source, [], scrolls=False)

    def test_shows_a_document_whose_passage_has_gone(self) -> None:
        shown = document_html("All new.", SourceQuote(0, "d1", "Fees", "Gone.", 5, 10), [])
        assert "All new." in shown
        assert "vn-passage-mark" not in shown

    def test_makes_no_markup_of_it(self) -> None:
        assert "<img" not in document_html('<img src="x">', SourceQuote(0, "d", "t", "", 0, 0), [(0, 4)])
