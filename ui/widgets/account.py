"""Who is signed in, the way in, and the way out."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from ui.bootstrap import Site
from ui.gateway_errors import GatewayError
from ui.i18n import Strings
from ui.visitor import Visitor, forget_visit, take_renewed
from ui.widgets.escape import escape_html

ASKED: Final = "sign_in"
"""The part of the address that asks for the sign-in page."""


@dataclass(frozen=True, slots=True)
class Account:
    """`visitor` None: nobody is signed in; `offered`: she could be."""

    site: Site
    visitor: Visitor | None = None
    offered: bool = False

    def show(self, strings: Strings) -> None:
        """One button of a toolbar."""
        if self.visitor is not None:
            if renewed := take_renewed():
                hand_over(self.site, renewed)
            if st.button(strings.text("Sign out"), key="sign-out", icon=":material/logout:", type="tertiary"):
                sign_out(self.site, self.visitor)
        elif self.offered:
            show_way_in(strings)

    def line_html(self, strings: Strings) -> str:
        """Who is signed in, under a page's title; "" for nobody."""
        if self.visitor is None:
            return ""
        said = strings.text("Signed in as {name}", name=self.visitor.me.name)
        return f'<p class="vn-small"><bdi>{escape_html(said)}</bdi></p>'


def show_way_in(strings: Strings) -> None:
    st.button(strings.text("Sign in"), key="sign-in", icon=":material/login:", type="tertiary", on_click=_ask)


def hand_over(site: Site, token: str, tenant: str | None = None) -> None:
    """Have the page fetch the cookie of a sign-in ("": have it taken away) and begin anew for the tenant; None: and stay as it is."""
    ticket = site.handover.leave(token)
    going_to = "" if tenant is None else address_of(tenant)
    st.html(f'<div id="vn-session" data-ticket="{escape_html(ticket)}" data-next="{escape_html(going_to)}"></div>')


def address_of(tenant: str) -> str:
    """A page of this front end, in the language that was picked."""
    kept = {"tenant": tenant, "lang": st.query_params.get("lang", "")}
    return "?" + urlencode({name: value for name, value in kept.items() if value})


def sign_out(site: Site, visitor: Visitor) -> None:
    """What was said goes with the visitor; a provider is told as well."""
    tenant = st.query_params.get("tenant", "")
    st.session_state.clear()
    if visitor.by_provider:
        st.logout()
        return
    with contextlib.suppress(GatewayError):  # it may have ended already; the cookie goes in any case
        site.accounts().sign_out(visitor.credential)
    hand_over(site, "", tenant)


def _ask() -> None:
    forget_visit()
    st.query_params[ASKED] = "1"
