from __future__ import annotations

import pytest

from ui.i18n import load
from ui.widgets.links import new_tab_html

STRINGS = load("en")


class TestLinks:
    def test_stand_under_their_label_and_say_that_a_tab_opens(self) -> None:
        shown = new_tab_html("https://harbour.example/fees", STRINGS, "Fees <2026>")
        assert 'class="vn-link" href="https://harbour.example/fees" target="_blank" rel="noopener noreferrer"' in shown
        assert "Fees &lt;2026&gt;" in shown
        assert "(opens in a new tab)" in shown

    def test_without_a_label_stand_under_their_address_and_say_it_too(self) -> None:
        shown = new_tab_html("https://harbour.example/a?b=1&c=2", STRINGS)
        assert "<bdi>https://harbour.example/a?b=1&amp;c=2</bdi>" in shown
        assert "(opens in a new tab)" in shown

    @pytest.mark.parametrize("uri", ["javascript:alert(1)", "file:///etc/passwd", "/v1/tenant", "", None])
    def test_lead_to_web_pages_alone(self, uri: str | None) -> None:
        assert new_tab_html(uri, STRINGS, "Fees") == ""
