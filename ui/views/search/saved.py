"""The searches that the visitor keeps: to save one, go back to one, rename or delete it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from ui.api import Api
from ui.desk import Desk
from ui.gateway.search import SavedSearch, delete_search, mark_seen, rename_search, save_search
from ui.gateway_errors import GatewayError
from ui.views.search.state import forget_saved, go_to, saved
from ui.views.search.wish import Wish
from ui.widgets.escape import escape_html, escape_markdown
from ui.widgets.table import empty_html

LONGEST_NAME: Final = 200
_SHOWN, _DELETING, _ERROR = "search:saved-shown", "search:deleting", "search:saved-error"


def offer_saved(desk: Desk, wish: Wish) -> None:
    """The ways to save this search, and to those that are saved: two buttons."""
    strings = desk.strings
    save = st.container(width="content")
    if wish.query:
        with save.popover(strings.text("Save this search"), icon=":material/bookmark_add:", key="search-save"):
            _show_form(desk, wish)
    st.button(strings.text("Saved searches"), icon=":material/bookmarks:", key="search-saved", on_click=_turn)


def show_saved(desk: Desk, *, begin: bool = False) -> None:
    """Those that are saved, to be gone back to and seen to, if that was asked for. `begin`: else a list of them."""
    managing = bool(st.session_state.get(_SHOWN))
    if not managing and not begin:
        return
    try:
        kept = saved(desk.api)
    except GatewayError as error:
        desk.show_error(error)
        return
    if not kept and not managing:
        return
    strings = desk.strings
    st.html(f'<h2 class="vn-hits-title">{escape_html(strings.text("Your saved searches"))}</h2>')
    if (trouble := st.session_state.pop(_ERROR, None)) is not None:
        desk.show_error(trouble)
    if not kept:
        told = strings.text("Search for something, then choose “Save this search”.")
        st.html(empty_html(strings.text("You have saved no search yet."), told))
    with st.container(key="search-saved-list", gap="small"):
        for each in kept:
            if managing:
                _show_row(desk, each)
            else:
                _show_link(desk, each)
    if managing:
        st.button(strings.text("Close"), key="search-saved-close", on_click=_turn)


def _turn() -> None:
    st.session_state[_SHOWN] = not st.session_state.get(_SHOWN)
    st.session_state.pop(_DELETING, None)


def _show_form(desk: Desk, wish: Wish) -> None:
    strings = desk.strings
    with st.form("search-save-form", border=False, clear_on_submit=True):
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


def _show_row(desk: Desk, each: SavedSearch) -> None:
    strings = desk.strings
    with st.container(key=f"saved-{each.id}", border=True, gap="small"):
        _show_link(desk, each)
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            st.text_input(strings.text("Name"), each.name, key=f"name-{each.id}", max_chars=LONGEST_NAME, width=320)
            st.button(strings.text("Rename"), key=f"rename-{each.id}", on_click=_rename, args=(desk.api, each))
            st.button(
                strings.text("Delete"),
                key=f"delete-{each.id}",
                icon=":material/delete:",
                on_click=st.session_state.__setitem__,
                args=(_DELETING, each.id),
            )
        if st.session_state.get(_DELETING) == each.id:
            _show_question(desk, each)


def _show_question(desk: Desk, each: SavedSearch) -> None:
    strings = desk.strings
    told = strings.text("Delete the search “{name}”?", name=each.name)
    st.html(f'<p role="alert">{escape_html(told)}</p>')
    with st.container(horizontal=True, gap="small"):
        sure = strings.text("Yes, delete it")
        st.button(sure, key=f"sure-{each.id}", type="primary", on_click=_delete, args=(desk.api, each))
        st.button(strings.text("Keep it"), key=f"keep-{each.id}", on_click=st.session_state.pop, args=(_DELETING, None))


def _show_link(desk: Desk, each: SavedSearch) -> None:
    new = desk.strings.plural("{n} new", "{n} new", each.new, shown=desk.formats.number(each.new)) if each.new else ""
    label = escape_markdown(each.name) + (f" :green-badge[{escape_markdown(new)}]" if new else "")
    st.button(
        label, key=f"go-{each.id}", icon=":material/bookmark:", type="tertiary", on_click=_go, args=(desk.api, each)
    )


def _go(api: Api, each: SavedSearch) -> None:
    st.session_state.pop(_SHOWN, None)
    go_to(Wish.from_body(each.query))
    _change(lambda: mark_seen(api, each.id))


def _rename(api: Api, each: SavedSearch) -> None:
    name = str(st.session_state.get(f"name-{each.id}") or "").strip()
    if name and name != each.name:
        _change(lambda: rename_search(api, each.id, name))


def _delete(api: Api, each: SavedSearch) -> None:
    st.session_state.pop(_DELETING, None)
    _change(lambda: delete_search(api, each.id))


def _change(call: Callable[[], object]) -> None:
    try:
        call()
    except GatewayError as error:
        st.session_state[_ERROR] = error
    forget_saved()
