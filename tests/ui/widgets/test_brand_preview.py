from __future__ import annotations

from ui.i18n import load
from ui.widgets.brand_preview import preview_html, scheme_css

STRINGS = load("en")


class TestSchemes:
    def test_are_the_pages_own_light_and_dark_whichever_the_screen_has(self) -> None:
        style = scheme_css()
        light, dark = style.index(".vn-as-light {"), style.index(".vn-as-dark {")
        assert "--vn-page: #ffffff" in style[light:dark]
        assert "--vn-page: #101715" in style[dark:]
        assert "prefers-color-scheme" not in style
        assert style.count("oklch(from var(--vn-tenant") >= 10


class TestPreview:
    def test_shows_what_visitors_see_with_nothing_of_it_as_markup(self) -> None:
        shown = preview_html(STRINGS, "<img src=x>", "<b>?", "#7a1fa2", "")
        assert "<img src=x>" not in shown
        assert "<b>?" not in shown
        assert shown.count('style="--vn-tenant: #7a1fa2"') == 2

    def test_takes_nothing_but_a_colour_for_one(self) -> None:
        assert "style=" not in preview_html(STRINGS, "Town", "", "red;background:url(//x)", "")
