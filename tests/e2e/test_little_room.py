"""Names, titles and tables where there is little room."""

from __future__ import annotations

import pytest

from tests.e2e import pages
from tests.e2e.conftest import Visit
from tests.e2e.demo import Demo

pytestmark = pytest.mark.e2e

_NARROW = {"viewport": {"width": 800, "height": 900}}
_PHONE = {"viewport": {"width": 320, "height": 640}}
_LONG = "Donaudampfschifffahrtsgesellschaftskapitaensmuetzenabzeichenverordnungsamtsleiterin"


class TestTables:
    @pytest.mark.parametrize("visit", [_NARROW], indirect=True)
    def test_the_details_of_an_entry_are_no_column_of_single_letters(self, demo: Demo, visit: Visit) -> None:
        demo.sign_in(visit.page.context, "harbour", "admin")
        pages.visit(visit.page, demo.url, "audit", tenant="harbour", lang="he")
        widths = visit.page.locator(".vn-pair").evaluate_all("all => all.map(each => each.clientWidth)")
        assert widths
        assert min(widths) >= 150

    @pytest.mark.parametrize("visit", [_NARROW], indirect=True)
    def test_a_name_of_one_long_word_pushes_no_column_out_of_sight(self, demo: Demo, visit: Visit) -> None:
        page = visit.page
        demo.sign_in(page.context, "harbour", "admin")
        pages.visit(page, demo.url, "overview", tenant="harbour", lang="en")
        name = page.locator(".vn-table tbody th").last
        name.evaluate("(cell, word) => { cell.textContent = word }", _LONG)
        assert page.locator(".vn-table").last.evaluate("table => table.scrollWidth <= table.clientWidth")


class TestDocuments:
    @pytest.mark.parametrize("visit", [_PHONE], indirect=True)
    def test_a_title_of_two_lines_begins_where_the_others_do(self, demo: Demo, visit: Visit) -> None:
        page = visit.page
        demo.sign_in(page.context, "harbour", "admin")
        pages.visit(page, demo.url, "documents", tenant="harbour", lang="en")
        titles = page.locator('[class*="st-key-document-"] button p')
        starts = titles.evaluate_all(
            """all => all.map(each => {
                const range = document.createRange();
                range.selectNodeContents(each);
                return Math.min(...[...range.getClientRects()].map(line => line.left));
            })"""
        )
        assert len(starts) > 5
        assert max(starts) - min(starts) <= 2
