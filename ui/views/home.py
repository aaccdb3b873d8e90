"""What the address asks for: a tenant's chat, or the list of tenants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from ui import bootstrap
from ui.client import Gateway, Tenant
from ui.gateway_errors import GatewayError
from ui.views import chat, sign_in, tenants
from ui.visitor import Visit, current_visit
from ui.widgets.account import ASKED, Account


def show() -> None:
    site = bootstrap.current()
    keys = site.tenants()
    name = st.query_params.get("tenant", "")
    try:
        visit = current_visit(site)
        _show(site, keys, name, visit)
    except GatewayError as error:
        tenants.show_error(name or "Vernacular", error)


def _show(site: bootstrap.Site, keys: Mapping[str, str], name: str, visit: Visit) -> None:
    visitor = visit.visitor
    if visitor is not None and visitor.me.must_change:
        sign_in.show_password(site, visitor)
    elif ASKED in st.query_params and visitor is None:
        sign_in.show(site, visit, name)
    elif not name:
        tenants.show(site, keys, visitor)
    elif visitor is not None and visitor.me.tenant == name:
        _show_chat(name, site.gateway(visitor.credential, personal=True), Account(site, visitor))
    elif name in keys:
        _show_chat(name, site.gateway(keys[name]), Account(site))
    elif visitor is None and site.offers_sign_in():
        sign_in.show(site, visit, name)
    else:
        tenants.show_unknown(name)


def _show_chat(name: str, gateway: Gateway, account: Account) -> None:
    tenant = _tenant(name, gateway)
    chat.Chat(name, tenant, gateway, replace(account, offered=tenant.sign_in)).show()


def _tenant(name: str, gateway: Gateway) -> Tenant:
    """The tenant's profile, asked for once a visit."""
    state_key = f"tenant:{name}"
    if state_key not in st.session_state:
        st.session_state[state_key] = gateway.tenant()
    tenant: Tenant = st.session_state[state_key]
    return tenant
