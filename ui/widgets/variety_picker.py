"""The picker of the variety that answers are in; the choice stays in the address as `answer_in`."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.client import Tenant
from ui.i18n import Strings

_KEY: Final = "answer-in"
VARIETY: Final = "answer_in"
"""The part of the address that tells it."""
QUESTION: Final = "question"
_STANDARD: Final = "standard"


def chosen_variety(tenant: Tenant) -> str | None:
    """What the visitor chose for the answers, as the gateway takes it; None: nothing that the tenant offers."""
    wanted = st.query_params.get(VARIETY)
    return wanted if wanted in _options(tenant) else None


def pick_variety(tenant: Tenant, strings: Strings) -> None:
    """Nothing is shown where the tenant declares no variety to choose."""
    options = _options(tenant)
    if not options:
        return
    names = {
        QUESTION: strings.text("Answer as I write"),
        _STANDARD: strings.text("Standard language"),
        **{variety.tag: variety.native for variety in tenant.varieties},
    }
    shown = chosen_variety(tenant) or tenant.answer_in
    st.session_state[_KEY] = shown if shown in options else QUESTION
    st.selectbox(
        strings.text("Language of the answers"),
        options,
        format_func=lambda option: names[option],
        key=_KEY,
        on_change=_remember,
        label_visibility="collapsed",
        icon=":material/record_voice_over:",
        width=200,
    )


def _options(tenant: Tenant) -> list[str]:
    return [QUESTION, _STANDARD, *(variety.tag for variety in tenant.varieties)] if tenant.varieties else []


def _remember() -> None:
    st.query_params[VARIETY] = st.session_state[_KEY]
