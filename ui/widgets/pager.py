"""A long list, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st

from ui.i18n import Strings
from ui.i18n.formats import Formats
from ui.widgets.escape import escape_html

Item = TypeVar("Item")


def pick_page(items: Sequence[Item], size: int, strings: Strings, formats: Formats, key: str) -> Sequence[Item]:
    """The part of `items` that is shown, below buttons to the other parts where there are some."""
    pages = max(1, -(-len(items) // size))
    held = f"page:{key}"
    page = min(int(st.session_state.get(held, 1)), pages)
    if pages > 1:
        page = turn_page(page, page < pages, strings, formats, key=held, of=pages)
    return items[(page - 1) * size : page * size]


def turn_page(page: int, more: bool, strings: Strings, formats: Formats, *, key: str, of: int | None = None) -> int:
    """Buttons to the page before and after, and which one this is, kept in the visit under `key`. `more`: there is one after it."""

    def go(to: int) -> None:
        st.session_state[key] = to

    with st.container(horizontal=True, vertical_alignment="center", key=f"pager-{key.replace(':', '-')}"):
        st.button(
            strings.text("Previous page"),
            key=f"{key}:back",
            disabled=page <= 1,
            on_click=go,
            args=(page - 1,),
            icon=":material/chevron_left:",
        )
        number = formats.number(page)
        said = (
            strings.text("Page {page}", page=number)
            if of is None
            else strings.text("Page {page} of {pages}", page=number, pages=formats.number(of))
        )
        st.html(f'<span role="status">{escape_html(said)}</span>', width="content")
        st.button(
            strings.text("Next page"),
            key=f"{key}:on",
            disabled=not more,
            on_click=go,
            args=(page + 1,),
            icon=":material/chevron_right:",
        )
    return page
