"""Who is visiting: someone who signed in with a password or with a provider, or nobody in particular."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from ui.accounts import Me
from ui.bootstrap import Site
from ui.gateway_errors import GatewayError
from ui.handover import COOKIE

_STATE: Final = "visitor"
_RENEWED: Final = "visitor:renewed"


@dataclass(frozen=True, slots=True)
class Visitor:
    """`credential` is what the gateway takes; it checks it at each call, whatever is remembered here."""

    credential: str
    me: Me
    by_provider: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """`visitor` None and `ended`: what she signed in with is not taken by the gateway, or no longer."""

    visitor: Visitor | None = None
    ended: bool = False


def current_visit(site: Site) -> Visit:
    """Asked of the gateway once a visit: cookies are read when the page connects.

    Raises:
        GatewayError: it cannot be asked.
    """
    if _STATE not in st.session_state:
        st.session_state[_STATE] = _find(site)
    found: Visit = st.session_state[_STATE]
    return found


def known_visitor() -> Visitor | None:
    """Who was visiting when that was last asked."""
    found: Visit | None = st.session_state.get(_STATE)
    return found.visitor if found else None


def renew_visit(visitor: Visitor) -> None:
    """The same person has signed in again."""
    st.session_state[_STATE] = Visit(visitor)
    st.session_state[_RENEWED] = visitor.credential


def take_renewed() -> str:
    """What the browser's cookie is still to become; "": nothing."""
    return str(st.session_state.pop(_RENEWED, ""))


def forget_visit() -> None:
    """Ask anew who is visiting."""
    st.session_state.pop(_STATE, None)


def _find(site: Site) -> Visit:
    ended = False
    for credential, by_provider in _credentials():
        try:
            return Visit(Visitor(credential, site.accounts().me(credential), by_provider))
        except GatewayError as error:
            if error.problem != "signed_out":
                raise
            ended = True
    return Visit(ended=ended)


def _credentials() -> list[tuple[str, bool]]:
    found = []
    if cookie := st.context.cookies.get(COOKIE):
        found.append((str(cookie), False))
    if st.user.get("is_logged_in") and (token := st.user.tokens.get("access")):
        found.append((str(token), True))
    return found
