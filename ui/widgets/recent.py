"""What the gateway told a moment ago: a click that changes nothing of it needs no further question."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar

import streamlit as st

from ui.gateway.state import all_of
from ui.gateway.values import readable
from ui.gateway_errors import GatewayError

Found = TypeVar("Found")
_HELD: Final = "recent"
_SECONDS: Final = 30.0
_LONGEST: Final = 600.0
"""Seconds after which nothing is known any more: what a long visit looked at would fill the memory."""


def recent(key: str, ask: Callable[[], Found], seconds: float = _SECONDS) -> Found:
    """What `ask` gave at most `seconds` ago in this visit, or gives now. Errors are not kept."""
    held = _held()
    if not _is_fresh(key, seconds):
        held[key] = (time.monotonic(), _answer(ask))
    found: Found = held[key][1]
    return found


def recent_of(asks: Mapping[str, Callable[[], Any]], seconds: float = _SECONDS) -> dict[str, Any]:
    """The same for several keys: what is not known is asked for at once, and an error, which is not kept, is an answer too.

    A page whose parts each call `recent` calls this first: they need not wait for one another then.
    """
    held = _held()
    asked = all_of({key: partial(_answer, ask) for key, ask in asks.items() if not _is_fresh(key, seconds)})
    held |= {key: (time.monotonic(), found) for key, found in asked.items() if not isinstance(found, GatewayError)}
    return {key: asked[key] if key in asked else held[key][1] for key in asks}


def _held() -> dict[str, tuple[float, Any]]:
    """By key: when it was told, and what."""
    held: dict[str, tuple[float, Any]] = st.session_state.setdefault(_HELD, {})
    now = time.monotonic()
    for key in [key for key, (at, _) in held.items() if now - at > _LONGEST]:
        del held[key]
    return held


def _answer(ask: Callable[[], Found]) -> Found:
    """An answer that is not as it should be is the gateway's error, and no page's end."""
    with readable():
        return ask()


def _is_fresh(key: str, seconds: float) -> bool:
    held = st.session_state.get(_HELD, {})
    return key in held and time.monotonic() - held[key][0] <= seconds


def forget(prefix: str = "") -> None:
    """Ask anew for everything whose key begins so: it was changed."""
    held = st.session_state.get(_HELD, {})
    for key in [key for key in held if key.startswith(prefix)]:
        del held[key]
