"""A word on what was done, where it was done: it stands until the next click, and is read out."""

from __future__ import annotations

import streamlit as st

from ui.widgets.escape import escape_html

_PREFIX = "said:"


def say(place: str, text: str) -> None:
    """Have `show_said(place)` show it in the next run, which begins now: what was changed stands in all of the page then."""
    st.session_state[f"{_PREFIX}{place}"] = text
    st.rerun()


def show_said(place: str) -> None:
    # Its place is kept where nothing is said: what stands below would move, and be on the page twice until the run ends.
    slot = st.empty()
    if text := st.session_state.pop(f"{_PREFIX}{place}", ""):
        slot.html(f'<p class="vn-said" role="status">{escape_html(str(text))}</p>')
