"""Knowledge search: what the tenant's documents say, found while one types."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import streamlit as st

from ui.desk import Desk, open_desk
from ui.gateway.search import Found
from ui.gateway_errors import GatewayError
from ui.i18n import N_
from ui.views.search.asking import offer_answer, show_asking
from ui.views.search.expansions import show_expansions
from ui.views.search.filters import show_chosen, show_filters
from ui.views.search.lately import show_lately
from ui.views.search.names import SORT_NAMES
from ui.views.search.preview import show_preview
from ui.views.search.results import opener_key, results_html, source_of
from ui.views.search.saved import offer_saved, show_saved
from ui.views.search.state import NO_MORE, found_for, go_to, limit_of, next_limit, show_more, wish_of_address
from ui.views.search.wish import SORTS, Wish
from ui.widgets.escape import escape_html
from ui.widgets.live_field import live_field
from ui.widgets.table import empty_html

LONGEST_QUERY: Final = 1000
_PAUSE_MS: Final = 60
_BOX, _SEEN, _TAKEN = "search-query", "search:seen", "search:taken"
_ASSETS: Final = Path(__file__).parents[2] / "assets"
_LOOKS: Final = (_ASSETS / "chat.css", _ASSETS / "search.css")
"""Answers and products look as they do in the chat."""


def show() -> None:
    desk = open_desk(N_("Search"), role="member")
    if desk is None:
        return
    for look in _LOOKS:
        st.html(look)
    _show(desk)


@st.fragment
def _show(desk: Desk) -> None:
    """All but the sidebar: what is typed must not wait for that."""
    wish = _typed(desk, wish_of_address())
    if not wish.query:
        _show_toolbar(desk, wish)
        show_saved(desk, begin=True)
        show_lately(desk)
        _show_keys(desk)
        return
    try:
        found = found_for(desk.api, wish)
    except GatewayError as error:
        _show_toolbar(desk, wish)
        show_chosen(desk, wish)
        desk.show_error(error)
        return
    _show_toolbar(desk, wish, offers_answer=bool(found.hits))
    # Each has a place of its own, filled or not: what stands below would move, and be on the page twice until the run ends.
    with st.container():
        show_saved(desk)
    filters = st.container(key="search-filters", horizontal=True, gap="small")
    with st.container():
        show_chosen(desk, wish)
    with st.container():
        show_expansions(desk, wish, found)
    if found.hits:
        with st.container():
            show_asking(desk, wish, found.hits)
        _show_found(desk, wish, found)
    else:
        _show_nothing(desk, wish, found)
    # Sent last: they stand above the results, which whoever types waits for.
    with filters:
        show_filters(desk, wish, found)


def _typed(desk: Desk, wish: Wish) -> Wish:
    """The wish of the address, with what stands in the field. What came by the address is put into the field, unless something
    was typed since: whoever types fast is ahead of the address that her browser has by then."""
    typed = st.session_state.get(_BOX)
    is_typed = typed is not None and typed != st.session_state.get(_SEEN)
    if not is_typed and st.session_state.get(_TAKEN) != wish.query:
        st.session_state[_BOX] = wish.query
    query = live_field(desk.strings.text("Search the documents"), _BOX, _PAUSE_MS)[:LONGEST_QUERY]
    if query != wish.query:
        wish = wish.asking(query)
        go_to(wish)
    # Last: a run may end in any call before, for the next letter.
    st.session_state[_TAKEN], st.session_state[_SEEN] = query, st.session_state[_BOX]
    return wish


def _show_toolbar(desk: Desk, wish: Wish, *, offers_answer: bool = False) -> None:
    strings = desk.strings
    with st.container(key="search-toolbar", horizontal=True, gap="small", vertical_alignment="center"):
        order, ask = st.container(width="content"), st.container(width="content")
        if wish.query:
            st.session_state["search-sort"] = wish.sort
            order.selectbox(
                strings.text("Order"),
                SORTS,
                format_func=lambda sort: strings.text(SORT_NAMES[sort]),
                key="search-sort",
                label_visibility="collapsed",
                width=220,
                on_change=_take_sort,
                args=(wish,),
            )
        if offers_answer:
            with ask:
                offer_answer(desk, wish)
        offer_saved(desk, wish)


def _take_sort(wish: Wish) -> None:
    go_to(replace(wish, sort=st.session_state["search-sort"]))


def _show_found(desk: Desk, wish: Wish, found: Found) -> None:
    strings, formats = desk.strings, desk.formats
    st.html(f'<h2 class="vn-hidden">{escape_html(strings.text("Results"))}</h2>')
    st.html(_count_html(desk, found))
    today = datetime.now(formats.zone).date()
    st.html(results_html(found, strings, formats, today))
    if next_limit(wish) != NO_MORE and len(found.hits) >= limit_of(wish):
        st.button(strings.text("Show more"), key="search-more", on_click=show_more, args=(wish,))
    with st.container(key="search-openers"):
        for place, hit in enumerate(found.hits):
            if st.button(strings.text("Preview"), key=opener_key(place)):
                show_preview(desk, source_of(hit), wish.body())


def _count_html(desk: Desk, found: Found) -> str:
    strings, formats = desk.strings, desk.formats
    documents = len({hit.document_id for hit in found.hits})
    passages = strings.plural("{n} passage", "{n} passages", len(found.hits), shown=formats.number(len(found.hits)))
    inside = strings.plural("in {n} document", "in {n} documents", documents, shown=formats.number(documents))
    told = strings.text(
        "{passages} {inside}, found in {time}",
        passages=passages,
        inside=inside,
        time=formats.milliseconds(found.took_ms),
    )
    return f'<p class="vn-small" role="status">{escape_html(told)}</p>'


def _show_nothing(desk: Desk, wish: Wish, found: Found) -> None:
    strings = desk.strings
    if found.declined:
        told = strings.text("Your organisation's safety policy does not search for this.")
        st.html(empty_html(strings.text("Nothing was searched for."), told))
        return
    title = strings.text("Nothing was found for “{query}”.", query=wish.query)
    advice = strings.text("Check the spelling, use fewer or more common words, or say it in other words.")
    if wish.narrowed:
        advice = strings.text("The filters may leave out what you look for.")
    st.html(f'<div role="status">{empty_html(title, advice)}</div>')
    with st.container(horizontal=True, gap="small"):
        if wish.narrowed:
            st.button(
                strings.text("Search without filters"),
                key="nothing-anywhere",
                type="primary",
                on_click=go_to,
                args=(wish.anywhere(),),
            )
        if not wish.expand or wish.without:
            st.button(
                strings.text("Search for related words, too"),
                key="nothing-wider",
                on_click=go_to,
                args=(replace(wish, expand=True, without=()),),
            )


def _show_keys(desk: Desk) -> None:
    told = desk.strings.text(
        "Press / to search, ↓ and ↑ to go through the results, Enter to open one, Esc to close it."
    )
    st.html(f'<p class="vn-small vn-keys">{escape_html(told)}</p>')
