"""The question that a document is missing for: told on the page where documents are sent."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.i18n import Strings
from ui.widgets.escape import escape_html

_WANTED: Final = "wanted-document"


def want_document(question: str) -> None:
    st.session_state[_WANTED] = question


def show_wanted(strings: Strings) -> None:
    """What is to be sent, until the visitor has seen to it."""
    question = st.session_state.get(_WANTED, "")
    if not question:
        return
    title = escape_html(strings.text("Send a document that answers this question:"))
    st.html(
        f'<div class="vn-box vn-decline" role="status"><div class="vn-box-title">{title}</div>'
        f'<div class="vn-box-text" dir="auto">{escape_html(str(question))}</div></div>'
    )
    st.button(strings.text("Done"), key="wanted-done", on_click=_forget)


def _forget() -> None:
    st.session_state.pop(_WANTED, None)
