"""A field that the page follows while something is typed in it."""

from __future__ import annotations

import streamlit as st
from streamlit.elements.widgets import text_widgets


def live_field(label: str, key: str, pause_ms: int) -> str:
    """What stands in the field once nothing was typed for so long."""
    # Streamlit would load pandas, 70 MB of it, to read this one duration.
    text_widgets.time_to_seconds = _seconds  # type: ignore[attr-defined,assignment]
    typed = st.text_input(
        label, key=key, type="search", live=f"{pause_ms}ms", placeholder=label, label_visibility="collapsed"
    )
    return (typed or "").strip()


def _seconds(pause: str) -> float:
    return float(pause.removesuffix("ms")) / 1000
