"""Passwords and keys that are told once only: shown until someone says that she has noted them."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from ui.i18n import Strings
from ui.widgets.escape import escape_html


@dataclass(frozen=True, slots=True)
class Secret:
    """`title`: what it is and of whom."""

    title: str
    text: str


def keep_secret(place: str, secret: Secret) -> None:
    """Have `show_secret(place)` show it from the next run of this visit on."""
    st.session_state[_name(place)] = secret


def show_secret(strings: Strings, place: str) -> None:
    # Its place is kept, as that of what is said: see `ui.widgets.saying`.
    slot = st.container()
    held: Secret | None = st.session_state.get(_name(place))
    if held is None:
        return
    with slot.container(key=f"secret-{place}", border=True):
        hint = strings.text("It is shown this once only. Copy it to where it is needed.")
        st.html(f'<div role="status"><b>{escape_html(held.title)}</b><p class="vn-small">{escape_html(hint)}</p></div>')
        st.code(held.text, language=None, wrap_lines=True)
        st.button(
            strings.text("I have noted it"),
            key=f"noted-{place}",
            on_click=st.session_state.pop,
            args=(_name(place), None),
        )


def _name(place: str) -> str:
    return f"secret:{place}"
