"""Links to pages elsewhere, which documents, tenants and editors name: they open in a new tab, and say so to those who hear the page."""

from __future__ import annotations

from ui.i18n import Strings
from ui.widgets.escape import escape_html, web_link


def new_tab_html(uri: str | None, strings: Strings, label: str = "") -> str:
    """A link under `label`, or under its own address where there is none. Empty where `uri` is no address of a web page."""
    link = web_link(uri)
    if link is None:
        return ""
    style, shown = (' class="vn-link"', escape_html(label)) if label else ("", f"<bdi>{escape_html(link)}</bdi>")
    return (
        f'<a{style} href="{escape_html(link)}" target="_blank" rel="noopener noreferrer">{shown}'
        f'<span class="vn-hidden"> ({escape_html(strings.text("opens in a new tab"))})</span></a>'
    )
