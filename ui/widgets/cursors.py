"""A long list whose pages follow from one another: the gateway says where the next one begins."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ui.i18n import Strings
from ui.i18n.formats import Formats
from ui.widgets.pager import turn_page

Draw = Callable[[str], None]


def turn_cursor(strings: Strings, formats: Formats, key: str) -> tuple[str, Draw]:
    """Where the page begins that is to be shown, and what draws the buttons below it, which takes where the next one begins ("": nowhere)."""
    held, at = f"cursors:{key}", f"cursor-page:{key}"
    cursors: list[str] = st.session_state.setdefault(held, [""])
    page = min(int(st.session_state.get(at, 1)), len(cursors))

    def draw(following: str) -> None:
        del cursors[page:]
        if following:
            cursors.append(following)
        if page > 1 or following:
            turn_page(page, bool(following), strings, formats, key=at)

    return cursors[page - 1], draw


def to_first(key: str) -> None:
    """The list is another one now."""
    st.session_state[f"cursors:{key}"] = [""]
    st.session_state[f"cursor-page:{key}"] = 1
