"""The searches that the visitor keeps: to save one, go back to one, rename or delete it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.desk import Desk
from ui.gateway.search import SavedSearch, delete_search, mark_seen, rename_search, save_search
from ui.gateway_errors import GatewayError
from ui.views.search.state import forget_saved, go_to, saved
from ui.views.search.wish import Wish
from ui.widgets.escape import escape_html, escape_markdown
from ui.widgets.table import empty_html

LONGEST_NAME: Final = 200
_DELETING: Final = "search:deleting"


def show_saved(desk: Desk) -> None:
    """As a list on the page."""
    try:
        kept = saved(desk.api)
    except GatewayError as error:
        desk.show_error(error)
        return
    if not kept:
        return
    st.html(f"<h2>{escape_html(desk.strings.text('Your saved searches'))}</h2>")
    with st.container(key="search-saved-list", gap="small"):
        for each in kept:
            _show_link(desk, each, "go")


def show_saved_button(desk: Desk, wish: Wish) -> None:
    """To save this search, and to see to those that are saved."""
    strings = desk.strings
    if wish.query:
        with st.popover(strings.text("Save this search"), icon=":material/bookmark_add:", key="search-save"):
            _show_form(desk, wish)
    if st.button(strings.text("Saved searches"), icon=":material/bookmarks:", key="search-saved"):
        _show_dialog(desk)


def _show_form(desk: Desk, wish: Wish) -> None:
    strings = desk.strings
    with st.form("search-save-form", border=False):
        name = st.text_input(strings.text("Name"), key="search-save-name", max_chars=LONGEST_NAME)
        sent = st.form_submit_button(strings.text("Save"), type="primary")
    if not sent:
        return
    try:
        kept = save_search(desk.api, (name or "").strip() or wish.query[:LONGEST_NAME], wish.body())
    except GatewayError as error:
        desk.show_error(error)
        return
    forget_saved()
    st.html(f'<p role="status">{escape_html(strings.text("Saved as “{name}”.", name=kept.name))}</p>')


def _show_dialog(desk: Desk) -> None:
    strings = desk.strings
    st.session_state.pop(_DELETING, None)

    @st.dialog(strings.text("Saved searches"), width="medium", icon=":material/bookmarks:")
    def panel() -> None:
        try:
            kept = saved(desk.api)
        except GatewayError as error:
            desk.show_error(error)
            return
        if not kept:
            told = strings.text("Search for something, then choose “Save this search”.")
            st.html(empty_html(strings.text("You have saved no search yet."), told))
        for each in kept:
            _show_row(desk, each)

    panel()


def _show_row(desk: Desk, each: SavedSearch) -> None:
    strings = desk.strings
    with st.container(key=f"saved-{each.id}", border=True, gap="small"):
        _show_link(desk, each, "open")
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            name = st.text_input(strings.text("Name"), each.name, key=f"name-{each.id}", max_chars=LONGEST_NAME)
            if st.button(strings.text("Rename"), key=f"rename-{each.id}") and name and name.strip() != each.name:
                _change(desk, each, name.strip())
            if st.button(strings.text("Delete"), key=f"delete-{each.id}", icon=":material/delete:"):
                st.session_state[_DELETING] = each.id
        if st.session_state.get(_DELETING) == each.id:
            _show_question(desk, each)


def _show_question(desk: Desk, each: SavedSearch) -> None:
    strings = desk.strings
    st.html(f"<p>{escape_html(strings.text('Delete the search “{name}”?', name=each.name))}</p>")
    with st.container(horizontal=True, gap="small"):
        if st.button(strings.text("Yes, delete it"), key=f"sure-{each.id}", type="primary"):
            _change(desk, each, None)
        if st.button(strings.text("Keep it"), key=f"keep-{each.id}"):
            st.session_state.pop(_DELETING, None)
            st.rerun(scope="fragment")


def _change(desk: Desk, each: SavedSearch, name: str | None) -> None:
    """Rename it; without a name, delete it."""
    try:
        if name is None:
            delete_search(desk.api, each.id)
        else:
            rename_search(desk.api, each.id, name)
    except GatewayError as error:
        desk.show_error(error)
        return
    st.session_state.pop(_DELETING, None)
    forget_saved()
    st.rerun(scope="fragment")


def _show_link(desk: Desk, each: SavedSearch, what: str) -> None:
    new = desk.strings.plural("{n} new", "{n} new", each.new, shown=desk.formats.number(each.new)) if each.new else ""
    label = escape_markdown(each.name) + (f" :green-badge[{escape_markdown(new)}]" if new else "")
    if st.button(label, key=f"{what}-{each.id}", icon=":material/bookmark:", type="tertiary"):
        try:
            mark_seen(desk.api, each.id)
        except GatewayError as error:
            desk.show_error(error)
            return
        forget_saved()
        go_to(Wish.from_body(each.query))
        st.rerun()
