from __future__ import annotations

from collections.abc import Callable

import pytest

from ui.widgets.escape import escape_html, escape_markdown, prose_html, web_link


class TestEscape:
    def test_html_loses_its_tags_and_attributes(self) -> None:
        assert escape_html("<img src='x' onerror=\"y\">&") == "&lt;img src=&#x27;x&#x27; onerror=&quot;y&quot;&gt;&amp;"

    @pytest.mark.parametrize("escape", [escape_html, prose_html, escape_markdown])
    def test_letters_keep_the_order_that_they_are_written_in(self, escape: Callable[[str], str]) -> None:
        assert escape("bill\u202efdp exe\u202d") == "billfdp exe"
        assert escape("\u2067שלום\u2069") == "\u2067שלום\u2069"

    def test_prose_keeps_a_date_in_its_order_and_escapes_the_rest(self) -> None:
        html = prose_html("<i>سارٍ منذ 2026-07-01")
        assert html == '&lt;i&gt;سارٍ منذ <bdi class="vn-figures" dir="ltr">2026-07-01</bdi>'
        assert '<bdi class="vn-figures" dir="ltr">555 0200</bdi>' in prose_html("مركز · 555 0200 · من 8 صباحًا")
        assert prose_html("12026-07-011") == "12026-07-011"

    def test_markdown_loses_images_links_and_addresses(self) -> None:
        escaped = escape_markdown("![a](http://evil.example)")
        assert escaped.replace("\u2060", "") == r"\!\[a\]\(http\:\/\/evil\.example\)"

    @pytest.mark.parametrize(
        "address", ["http://evil.example", "HTTPS://evil.example", "www.evil.example", "a@evil.example"]
    )
    def test_markdown_holds_no_address_that_becomes_a_link_by_itself(self, address: str) -> None:
        assert address not in escape_markdown(f"see {address}").replace("\\", "")
        assert escape_markdown(f"see {address}").replace("\\", "").replace("\u2060", "") == f"see {address}"

    def test_markdown_keeps_letters_and_becomes_one_line(self) -> None:
        assert escape_markdown("補領\n身份證 425 元") == "補領 身份證 425 元"


class TestWebLink:
    @pytest.mark.parametrize("uri", ["https://a.example/x?y=1", "http://a.example"])
    def test_a_web_address_may_be_opened(self, uri: str) -> None:
        assert web_link(uri) == uri

    @pytest.mark.parametrize(
        "uri",
        [
            None,
            "",
            "javascript:alert(1)",
            " javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "//a",
            "http://",
            "http://[",
        ],
    )
    def test_anything_else_may_not(self, uri: str | None) -> None:
        assert web_link(uri) is None
