"""A sign-in that ended in the middle of something: begun again on the page, so that nothing that stands there is lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

import streamlit as st
from streamlit.errors import StreamlitAPIException

from ui import bootstrap
from ui.accounts import Accounts
from ui.bootstrap import Site
from ui.gateway_errors import GatewayError
from ui.i18n import Strings
from ui.visitor import Visitor, forget_visit, known_visitor, renew_visit
from ui.widgets.account import hand_over
from ui.widgets.escape import escape_html
from ui.widgets.notices import error_html, problem_html

_CHARS: Final = 1000


def show_trouble(error: GatewayError, strings: Strings) -> None:
    """What the gateway refused; whoever is no longer signed in is asked to sign in again, above the page as it is."""
    if error.problem == "not_found":
        # The common words are of a chat's sources.
        st.html(problem_html(strings.text("Somebody has deleted this since you opened it.")))
        return
    st.html(error_html(error, strings))
    if error.problem == "signed_out":
        ask_again(strings)


def ask_again(strings: Strings, then: Callable[[], None] = lambda: None) -> None:
    """`then`: what is done once she is signed in."""
    visitor = known_visitor()
    if visitor is None:
        return

    @st.dialog(strings.text("Sign in"), width="small")
    def show() -> None:
        told = strings.text("You were signed out. Sign in again to go on: what stands on the page stays there.")
        if visitor.by_provider:
            told = strings.text("Sign in again; if that does not help, ask your administrator.")
        st.html(f'<p role="status">{escape_html(told)}</p>')
        if visitor.by_provider:
            _lead_to_provider(strings)
        else:
            _ask_password(strings, visitor, then)

    with suppress(StreamlitAPIException):  # in another dialog there can be none; of several on a page one is enough
        show()


def _lead_to_provider(strings: Strings) -> None:
    if st.button(strings.text("Sign in"), key="again-provider", type="primary"):
        forget_visit()
        st.rerun()


def _ask_password(strings: Strings, visitor: Visitor, then: Callable[[], None]) -> None:
    with st.form("again-form", border=False):
        username = st.text_input(
            strings.text("User name"), max_chars=_CHARS, key="again-username", autocomplete="username"
        )
        password = st.text_input(
            strings.text("Password"),
            type="password",
            max_chars=_CHARS,
            key="again-password",
            autocomplete="current-password",
        )
        sent = st.form_submit_button(strings.text("Sign in"), type="primary", width="stretch")
    if sent and not (username.strip() and password):
        st.html(problem_html(strings.text("Fill in every field.")))
    elif sent:
        _sign_in(strings, visitor, username.strip(), password, then)


def _sign_in(strings: Strings, visitor: Visitor, username: str, password: str, then: Callable[[], None]) -> None:
    site = bootstrap.current()
    try:
        session = _accounts(site).sign_in(visitor.me.tenant, username, password)
    except GatewayError as error:
        st.html(error_html(error, strings))
        return
    if session.me != visitor.me:
        # Somebody else, or with other rights: what stands on the page is not hers.
        hand_over(site, session.token, session.me.tenant)
        return
    renew_visit(Visitor(session.token, session.me))
    then()
    st.rerun()


def _accounts(site: Site) -> Accounts:
    return site.accounts(st.context.ip_address)
