"""What cannot be undone asks first."""

from __future__ import annotations

import streamlit as st

from ui.i18n import Strings
from ui.widgets.escape import escape_html, escape_markdown

_ASKED, _SURE = "asked", "sure"


def asked_first(strings: Strings, key: str, label: str, question: str, yes: str, *, icon: str | None = None) -> bool:
    """A button that puts `question` before it does anything; True once the visitor has said `yes`."""
    state = f"{key}:state"
    if st.session_state.get(state) == _SURE:
        del st.session_state[state]
        return True
    # The same places before and after: what stands below would move, and be on the page twice until the run ends.
    above = st.empty()
    with st.container(horizontal=True, key=f"{key}-choice", width="content"):
        if st.session_state.get(state) != _ASKED:
            st.button(escape_markdown(label), key=key, icon=icon, on_click=_set, args=(state, _ASKED))
            return False
        above.html(
            f'<div class="vn-box vn-decline" role="alert"><div class="vn-box-text">{escape_html(question)}</div></div>'
        )
        st.button(escape_markdown(yes), key=f"{key}-yes", type="primary", on_click=_set, args=(state, _SURE))
        st.button(strings.text("Cancel"), key=f"{key}-no", on_click=_set, args=(state, ""))
    return False


def _set(state: str, value: str) -> None:
    st.session_state[state] = value
