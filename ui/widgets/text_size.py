"""Large text, for the whole page; the choice stays in the address as `size`."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.i18n import Strings

_KEY: Final = "large-text"
_PARAMETER: Final = "size"
_LARGE: Final = "large"
_STYLE: Final = "<style>:root { font-size: 125% !important; }</style>"


def is_large() -> bool:
    return st.query_params.get(_PARAMETER) == _LARGE


def apply_size() -> None:
    """Every measure of a page that grows with its text follows from the root's."""
    if is_large():
        st.html(_STYLE)


def pick_size(strings: Strings) -> None:
    st.session_state[_KEY] = is_large()
    st.toggle(strings.text("Large text"), key=_KEY, on_change=_remember)


def _remember() -> None:
    if st.session_state[_KEY]:
        st.query_params[_PARAMETER] = _LARGE
    else:
        st.query_params.pop(_PARAMETER, None)
