"""What every page has: its look, its language and direction, its header."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Final, Literal

import streamlit as st

from ui.i18n import Strings
from ui.widgets.escape import escape_html
from ui.widgets.text_size import apply_size

_SHEETS: Final = {
    "chat": ("colours.css", "page.css", "conversation.css"),
    "desk": ("colours.css", "page.css", "conversation.css", "desk.css"),
}
"""By face, in the order in which they count. Pages add sheets of their own."""


def page_script() -> str:
    """The page's script, whose hash the Content-Security-Policy allows."""
    return _asset("page.js")


@functools.cache
def style_html(face: str) -> str:
    """The look of the pages with that face, in one element."""
    return f"<style>{''.join(map(_asset, _SHEETS[face]))}</style>"


def _asset(name: str) -> str:
    return resources.files("ui").joinpath("assets", name).read_text(encoding="utf-8")


def begin(title: str, strings: Strings, face: str = "chat") -> None:
    """Set up the browser's page. To be called first. `face`: `chat`, or `desk` for pages with a sidebar."""
    layout: Literal["centered", "wide"] = "wide" if face == "desk" else "centered"
    # Without an icon: `ui.icon` serves it, while Streamlit would load NumPy and Pillow, 25 MB, to read the file.
    st.set_page_config(page_title=title, layout=layout)
    st.html(style_html(face))
    skip = escape_html(strings.text("Skip to main content"))
    st.html(
        f'<div id="vn-page" data-lang="{strings.tag}" data-dir="{strings.direction}" data-face="{face}" data-skip="{skip}"></div>'
        f"<script>{page_script()}</script>",
        unsafe_allow_javascript=True,
    )
    apply_size()


def header_html(title: str, subtitle: str, language: str = "") -> str:
    lang = f' lang="{escape_html(language)}"' if language else ""
    return (
        f'<div class="vn-header"><span class="vn-monogram" aria-hidden="true"{lang}>{escape_html(title[:1])}</span>'
        f'<div><h1 dir="auto"{lang}>{escape_html(title)}</h1><p>{escape_html(subtitle)}</p></div></div>'
    )


def title_html(title: str, intro: str = "") -> str:
    """The heading of a page with a sidebar."""
    below = f"<p>{escape_html(intro)}</p>" if intro else ""
    return f'<div class="vn-title"><h1>{escape_html(title)}</h1>{below}</div>'


def name_html(tenant: str, person: str) -> str:
    """Whose pages these are, and who is signed in: the head of the sidebar."""
    return (
        f'<div class="vn-name"><span class="vn-monogram" aria-hidden="true">{escape_html(tenant[:1])}</span>'
        f'<div><b dir="auto">{escape_html(tenant)}</b><span dir="auto">{escape_html(person)}</span></div></div>'
    )
