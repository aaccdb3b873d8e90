"""A tenant's colour and logo on its pages."""

from __future__ import annotations

import re
from typing import Final

import streamlit as st

from ui.api import Api
from ui.client import Tenant
from ui.gateway.images import logo
from ui.gateway_errors import GatewayError
from ui.widgets.escape import escape_html

_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")


def color_html(tenant: Tenant) -> str:
    """The tenant's colour as that of the page; `ui/assets/colours.css` derives shades from it on which text can be read."""
    if not _COLOR.fullmatch(tenant.color):
        return ""
    return f"<style>:root {{ --vn-tenant: {tenant.color}; }}</style>"


def logo_of(tenant: Tenant, api: Api) -> str:
    """The logo's `data:` address, asked for once a visit; "": there is none to show."""
    if not tenant.logo:
        return ""
    key = f"logo:{tenant.name}"
    if key not in st.session_state:
        try:
            st.session_state[key] = logo(api)
        except GatewayError:  # the page is as good without it
            st.session_state[key] = ""
    return str(st.session_state[key])


def header_html(tenant: Tenant, subtitle: str, logo_url: str) -> str:
    """The page's head: the tenant's logo, or the first letter of its name, and its name."""
    language = tenant.languages[0] if tenant.languages else ""
    lang = f' lang="{escape_html(language)}"' if language else ""
    if logo_url:
        sign = f'<img class="vn-logo" src="{escape_html(logo_url)}" alt="">'
    else:
        sign = f'<span class="vn-monogram" aria-hidden="true"{lang}>{escape_html(tenant.display_name[:1])}</span>'
    name = f'<h1 dir="auto"{lang}>{escape_html(tenant.display_name)}</h1>'
    return f'<div class="vn-header">{sign}<div>{name}<p>{escape_html(subtitle)}</p></div></div>'
