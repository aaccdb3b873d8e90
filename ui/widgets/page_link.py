"""Links from one page of the front end to another, which keep the visit and what the address says of it."""

from __future__ import annotations

import streamlit as st

from ui.navigation import VIEWS, pages
from ui.widgets.escape import escape_markdown

_KEPT = ("tenant", "lang", "size")


def show_page_link(path: str, label: str) -> None:
    """`path`: of a view of `ui.navigation`. Nothing, where this installation has no such page."""
    known = pages()
    if path not in known:
        return
    icon = next(view.icon for view in VIEWS if view.path == path)
    kept = {name: value for name in _KEPT if (value := st.query_params.get(name))}
    st.page_link(known[path], label=escape_markdown(label), icon=icon, query_params=kept)
