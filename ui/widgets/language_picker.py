"""The picker of the interface's language; the choice stays in the address as `lang`."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from ui.i18n import Strings, available, choose, load
from ui.i18n.languages import language_name

_KEY = "language"


def current_strings(tenant_languages: Iterable[str]) -> Strings:
    return load(choose(st.query_params.get("lang"), st.context.locale, tenant_languages))


def pick_language(strings: Strings) -> None:
    st.session_state[_KEY] = strings.tag
    st.selectbox(
        strings.text("Language"),
        available(),
        format_func=language_name,
        key=_KEY,
        on_change=_remember,
        label_visibility="collapsed",
        icon=":material/language:",
        width=170,
    )


def _remember() -> None:
    st.query_params["lang"] = st.session_state[_KEY]
