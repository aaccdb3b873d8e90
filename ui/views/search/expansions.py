"""What was looked for beside the words of the query, each to be undone and put back."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Final

import streamlit as st

from ui.desk import Desk
from ui.gateway.search import Found
from ui.views.search.state import go_to
from ui.views.search.wish import Wish
from ui.widgets.escape import escape_html, escape_markdown

SHOWN: Final = 6
"""Terms beside the query; the others are a click away."""


def show_expansions(desk: Desk, wish: Wish, found: Found) -> None:
    strings = desk.strings
    terms = {term: each.text for each in found.understood for term in each.terms}
    if wish.expand and not terms and not wish.without:
        return
    with st.container(key="search-also", horizontal=True, gap="small", vertical_alignment="center"):
        if not wish.expand:
            st.html(
                f'<p class="vn-small">{escape_html(strings.text("Only your own words were searched for."))}</p>',
                width="content",
            )
            wider = strings.text("Search for related words, too")
            st.button(wider, key="search-wider", type="tertiary", on_click=go_to, args=(replace(wish, expand=True),))
            return
        if terms:
            st.html(f'<p class="vn-small">{escape_html(strings.text("Searched also for"))}</p>', width="content")
        listed = list(terms.items())
        for term, text in listed[:SHOWN]:
            _show_term(desk, wish, term, text)
        if len(listed) > SHOWN:
            rest = listed[SHOWN:]
            with st.popover(strings.plural("{n} more", "{n} more", len(rest)), key="search-also-rest"):
                for term, text in rest:
                    _show_term(desk, wish, term, text)
        for term in wish.without:
            _show_refused(desk, wish, term)
        own = strings.text("Only my words")
        st.button(own, key="search-own", type="tertiary", on_click=go_to, args=(replace(wish, expand=False),))


def _show_term(desk: Desk, wish: Wish, term: str, text: str) -> None:
    told = desk.strings.text("Do not search for this")
    if text:
        told = desk.strings.text("Because of “{text}”. Do not search for it", text=text)
    st.button(
        escape_markdown(term),
        key=f"also-{zlib.crc32(term.encode())}",
        icon=":material/close:",
        icon_position="right",
        help=escape_markdown(told),
        on_click=go_to,
        args=(wish.refusing(term),),
    )


def _show_refused(desk: Desk, wish: Wish, term: str) -> None:
    st.button(
        f"~~{escape_markdown(term)}~~",
        key=f"refused-{zlib.crc32(term.encode())}",
        icon=":material/undo:",
        icon_position="right",
        help=desk.strings.text("Search for it again"),
        on_click=go_to,
        args=(wish.allowing(term),),
    )
