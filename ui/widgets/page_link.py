"""Links from one page of the front end to another, which keep the visit and what the address says of it."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from ui.navigation import VIEWS, kept_in_address, pages
from ui.widgets.escape import escape_markdown


def show_page_link(path: str, label: str) -> None:
    """`path`: of a view of `ui.navigation`. Nothing, where this installation has no such page."""
    known = pages()
    if path not in known:
        return
    icon = next(view.icon for view in VIEWS if view.path == path)
    st.page_link(known[path], label=escape_markdown(label), icon=icon, query_params=kept_in_address())


def go_to_page(path: str) -> NoReturn:
    st.switch_page(pages()[path], query_params=kept_in_address())
