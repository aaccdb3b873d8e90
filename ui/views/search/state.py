"""The state of the search page: what is searched for stands in its address, what was found for it in the session."""

from __future__ import annotations

import json
from typing import Any, Final

import streamlit as st

from ui.api import Api
from ui.gateway.search import LIMITS, Found, SavedSearch, saved_searches, search
from ui.views.search.wish import Wish, is_ours

_FOUND, _LIMIT, _SAVED = "search:found", "search:limit", "search:saved"
NO_MORE: Final = -1


def wish_of_address() -> Wish:
    return Wish.from_address(list(st.query_params), st.query_params.get_all)


def go_to(wish: Wish) -> None:
    """Search for that from now on: the address can be given to someone else, or be gone back from."""
    others = {name: st.query_params.get_all(name) for name in st.query_params if not is_ours(name)}
    before = {name: st.query_params.get_all(name) for name in st.query_params}
    after = {**others, **wish.address()}
    if after != before:
        st.query_params.from_dict(after)


def found_for(api: Api, wish: Wish) -> Found:
    """Asked of the gateway once, until something else is searched for."""
    limit = limit_of(wish)
    key = json.dumps([wish.body(), limit], sort_keys=True)
    held: tuple[str, Found] | None = st.session_state.get(_FOUND)
    if held is None or held[0] != key:
        held = (key, search(api, wish.body(), limit))
        st.session_state[_FOUND] = held
    return held[1]


def next_limit(wish: Wish) -> int:
    """How many passages there can be if more are asked for."""
    return next((limit for limit in LIMITS if limit > limit_of(wish)), NO_MORE)


def show_more(wish: Wish) -> None:
    st.session_state[_LIMIT] = (_about(wish), next_limit(wish))


def saved(api: Api) -> list[SavedSearch]:
    """The visitor's, asked for once a visit and after each change."""
    if _SAVED not in st.session_state:
        st.session_state[_SAVED] = list(saved_searches(api))
    held: list[SavedSearch] = st.session_state[_SAVED]
    return held


def forget_saved() -> None:
    st.session_state.pop(_SAVED, None)


def limit_of(wish: Wish) -> int:
    """How many passages are asked for."""
    held: Any = st.session_state.get(_LIMIT)
    return int(held[1]) if held and held[0] == _about(wish) else LIMITS[0]


def _about(wish: Wish) -> str:
    return json.dumps(wish.body(), sort_keys=True)
