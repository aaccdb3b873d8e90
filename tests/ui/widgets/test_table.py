from __future__ import annotations

from ui.widgets.table import Card, badge_html, cards_html, empty_html, facts_html, table_html, tag_html

EVIL = '"><script>alert(1)</script>'


class TestTable:
    def test_names_its_rows_and_columns(self) -> None:
        html = table_html("Runs", ["Run", "Found"], [["<b>1</b>", "50%"]])
        assert '<th scope="col">Run</th><th scope="col">Found</th>' in html
        assert '<th scope="row"><b>1</b></th><td>50%</td>' in html
        assert 'aria-label="Runs"' in html

    def test_can_be_scrolled_with_the_keyboard(self) -> None:
        assert 'role="region" tabindex="0"' in table_html("Runs", ["Run"], [])

    def test_shows_its_caption_where_it_says_more_than_the_heading(self) -> None:
        assert '<caption class="vn-hidden">Runs' in table_html("Runs", ["Run"], [])
        assert "<caption>Runs" in table_html("Runs", ["Run"], [], shown=True)


class TestText:
    def test_is_never_markup(self) -> None:
        whole = [
            table_html(EVIL, [EVIL], []),
            cards_html([Card(EVIL, EVIL, EVIL)]),
            badge_html(EVIL),
            facts_html([(EVIL, "")]),
            empty_html(EVIL, EVIL, EVIL),
            tag_html(EVIL),
        ]
        assert "<script" not in "".join(whole)


class TestTag:
    def test_is_told_by_its_name_in_itself_and_as_it_is(self) -> None:
        html = tag_html("arz-Arab-EG")
        assert 'dir="rtl"' in html
        assert "المصرية" in html
        assert "arz-Arab-EG</small>" in html
        assert "small" not in tag_html("qaa")
