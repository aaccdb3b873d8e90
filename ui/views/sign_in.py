"""Signing in, with a provider or a password, and choosing a password of one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import streamlit as st

from ui.accounts import Accounts, Session
from ui.bootstrap import Site
from ui.gateway_errors import GatewayError
from ui.i18n import Strings
from ui.providers import Provider
from ui.visitor import Visit, Visitor
from ui.widgets import page
from ui.widgets.account import ASKED, address_of, hand_over, sign_out
from ui.widgets.escape import escape_html, escape_markdown
from ui.widgets.language_picker import current_strings, pick_language
from ui.widgets.notices import error_html, problem_html

_SLUG_CHARS: Final = 63
_NAME_CHARS: Final = 200
_PASSWORD_CHARS: Final = 1000


def show(site: Site, visit: Visit, tenant: str) -> None:
    """`tenant`: whose page the visitor comes from; "": of none."""
    strings = current_strings(())
    _begin(
        strings,
        strings.text("Sign in"),
        strings.text("Whoever is signed in also sees the documents that are meant for them."),
    )
    if visit.ended:
        st.html(error_html(GatewayError("signed_out", ""), strings))
    providers = [one for one in site.providers if one.issuer.serves(tenant)] if tenant else list(site.providers)
    try:
        passwords = site.accounts().takes_passwords()
    except GatewayError as error:
        st.html(error_html(error, strings))
        return
    if not providers and not passwords:
        st.html(problem_html(strings.text("Nobody can sign in here yet.")))
    for provider in providers:
        _offer(site, provider, strings)
    if providers and passwords:
        st.html(f'<h2 class="vn-suggest">{escape_html(strings.text("With a password"))}</h2>')
    if passwords:
        _ask_password(site, tenant, strings)
    st.button(strings.text("Back"), key="back", icon=":material/close:", type="tertiary", on_click=_leave)


def show_password(site: Site, visitor: Visitor) -> None:
    """For whom the gateway lets do nothing else before she has a password of her own."""
    strings = current_strings(())
    _begin(
        strings,
        strings.text("Choose a password of your own"),
        strings.text(
            "Someone else gave you the password that you have. Before you go on, choose one that only you know."
        ),
    )
    with st.form("passwords", border=False):
        current = _ask("current_password", strings.text("Password that you were given"), "current-password")
        new = _ask("new_password", strings.text("New password"), "new-password")
        again = _ask("repeat_password", strings.text("New password again"), "new-password")
        sent = st.form_submit_button(strings.text("Change password"), type="primary", width="stretch")
    if sent and new != again:
        st.html(problem_html(strings.text("The two new passwords are not the same.")))
    elif sent:
        _enter(site, strings, lambda: _accounts(site).change_password(visitor.credential, current, new))
    if st.button(strings.text("Sign out"), key="sign-out", icon=":material/logout:", type="tertiary"):
        sign_out(site, visitor)


def _begin(strings: Strings, title: str, intro: str) -> None:
    page.begin(title, strings)
    with st.container(horizontal=True, horizontal_alignment="right", key="toolbar"):
        pick_language(strings)
    st.html(page.header_html(title, intro))


def _offer(site: Site, provider: Provider, strings: Strings) -> None:
    """A provider sends people back to the public address alone; who came by another one goes there first."""
    label = strings.text("Sign in with {provider}", provider=escape_markdown(provider.label))
    here, there = urlsplit(st.context.url or site.public_url), urlsplit(site.public_url)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        tenant = st.query_params.get("tenant", "")
        st.link_button(label, f"{site.public_url}/{address_of(tenant)}&{ASKED}=1", width="stretch")
    elif st.button(label, key=provider.key, type="primary", width="stretch"):
        st.login(provider.key)


def _ask_password(site: Site, tenant: str, strings: Strings) -> None:
    is_known = tenant in site.tenants()
    with st.form("sign-in-form", border=False):
        # An address may name an organisation that there is not: whoever mistyped it sees the name, and can put it right.
        named = (
            tenant
            if is_known
            else st.text_input(
                strings.text("Organisation"),
                tenant,
                max_chars=_SLUG_CHARS,
                key="organisation",
                autocomplete="organization",
            )
        )
        username = st.text_input(
            strings.text("User name"), max_chars=_NAME_CHARS, key="username", autocomplete="username"
        )
        password = _ask("password", strings.text("Password"), "current-password")
        sent = st.form_submit_button(strings.text("Sign in"), type="primary", width="stretch")
    if sent and not (named.strip() and username.strip() and password):
        st.html(problem_html(strings.text("Fill in every field.")))
    elif sent:
        _enter(site, strings, lambda: _accounts(site).sign_in(named.strip(), username, password))


def _ask(key: str, label: str, autocomplete: str) -> str:
    return st.text_input(label, type="password", max_chars=_PASSWORD_CHARS, key=key, autocomplete=autocomplete)


def _accounts(site: Site) -> Accounts:
    return site.accounts(st.context.ip_address)


def _enter(site: Site, strings: Strings, begin: Callable[[], Session]) -> None:
    """Sign in, or say why not; then go to the tenant's page."""
    try:
        session = begin()
    except GatewayError as error:
        st.html(error_html(error, strings))
        return
    hand_over(site, session.token, session.me.tenant)


def _leave() -> None:
    st.query_params.pop(ASKED, None)
