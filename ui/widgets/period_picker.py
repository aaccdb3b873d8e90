"""Which days figures are of."""

from __future__ import annotations

from datetime import tzinfo
from typing import Final

import streamlit as st

from ui.gateway.periods import Period, last_days
from ui.i18n import N_, Strings

_CHOICES: Final = {
    "today": (N_("Today, by the hour"), 1),
    "week": (N_("Last 7 days"), 7),
    "month": (N_("Last 30 days"), 30),
    "quarter": (N_("Last 90 days"), 90),
    "year": (N_("Last 365 days"), 365),
}


def pick_period(strings: Strings, zone: tzinfo, chosen: str = "month") -> Period:
    names = {name: strings.text(text) for name, (text, _) in _CHOICES.items()}
    picked = st.selectbox(
        strings.text("Period"),
        list(names),
        index=list(names).index(chosen),
        format_func=names.__getitem__,
        key="period",
        width=260,
    )
    return last_days(_CHOICES[picked][1], zone, "hour" if picked == "today" else "day")
