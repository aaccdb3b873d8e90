"""What the address asks for: a tenant's chat, or the list of tenants."""

from __future__ import annotations

import streamlit as st

from ui import bootstrap
from ui.client import Gateway, Tenant
from ui.gateway_errors import GatewayError
from ui.views import chat, tenants


def show() -> None:
    site = bootstrap.current()
    keys = site.tenants()
    name = st.query_params.get("tenant", "")
    if not name:
        tenants.show(site, keys)
    elif name not in keys:
        tenants.show_unknown(name)
    else:
        _show_chat(site, name, keys[name])


def _show_chat(site: bootstrap.Site, name: str, key: str) -> None:
    try:
        gateway = site.gateway(key)
        tenant = _tenant(name, gateway)
    except GatewayError as error:
        tenants.show_error(name, error)
        return
    chat.Chat(name, tenant, gateway).show()


def _tenant(name: str, gateway: Gateway) -> Tenant:
    """The tenant's profile, asked for once a visit."""
    state_key = f"tenant:{name}"
    if state_key not in st.session_state:
        st.session_state[state_key] = gateway.tenant()
    tenant: Tenant = st.session_state[state_key]
    return tenant
