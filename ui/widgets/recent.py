"""What the gateway told a moment ago: a click that changes nothing of it needs no further question."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

import streamlit as st

Found = TypeVar("Found")
_HELD: Final = "recent"
_SECONDS: Final = 30.0


def recent(key: str, ask: Callable[[], Found], seconds: float = _SECONDS) -> Found:
    """What `ask` gave at most `seconds` ago in this visit, or gives now. Errors are not kept."""
    held = st.session_state.setdefault(_HELD, {})
    if key not in held or time.monotonic() - held[key][0] > seconds:
        held[key] = (time.monotonic(), ask())
    found: Found = held[key][1]
    return found


def forget(prefix: str = "") -> None:
    """Ask anew for everything whose key begins so: it was changed."""
    held = st.session_state.get(_HELD, {})
    for key in [key for key in held if key.startswith(prefix)]:
        del held[key]
