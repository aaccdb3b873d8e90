"""The tools above a chat: a new conversation, the languages, and a menu of what is needed now and then."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from ui.client import Gateway, Tenant
from ui.gateway.conversations import Shape, exported
from ui.gateway_errors import GatewayError
from ui.i18n import Strings
from ui.widgets.account import Account
from ui.widgets.escape import escape_html
from ui.widgets.language_picker import pick_language
from ui.widgets.page_link import show_page_link
from ui.widgets.text_size import pick_size
from ui.widgets.validity import today
from ui.widgets.variety_picker import pick_variety

_FILES: Final[dict[Shape, tuple[str, str]]] = {
    "markdown": ("md", "text/markdown"),
    "json": ("json", "application/json"),
}
"""Suffix and media type."""


def show_toolbar(
    gateway: Gateway,
    tenant: Tenant,
    account: Account,
    strings: Strings,
    *,
    conversation: Callable[[], str | None],
    begin_anew: Callable[[], None] | None,
) -> None:
    """`conversation`: its id by the time that it is kept. `begin_anew` None: nothing was said yet."""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="toolbar"):
        pick_variety(tenant, strings)
        pick_language(strings)
        st.button(
            strings.text("New conversation"),
            key="new",
            icon=":material/add_comment:",
            type="tertiary",
            disabled=begin_anew is None,
            on_click=begin_anew,
        )
        with st.popover(strings.text("More"), icon=":material/more_horiz:", type="tertiary", key="more"):
            pick_size(strings)
            if begin_anew is None:
                told = strings.text("Once you have asked, you can print the conversation or keep it as a file here.")
                st.html(f'<p class="vn-small">{escape_html(told)}</p>')
            else:
                _show_ways_to_keep(gateway, tenant, strings, conversation)
        account.show(strings)


def show_ways_elsewhere(role: str, strings: Strings) -> None:
    """The other faces, for those who have them."""
    with st.container(horizontal=True, key="elsewhere"):
        if role != "public":
            show_page_link("search", strings.text("Search the documents"))
        if role in ("editor", "admin"):
            show_page_link("overview", strings.text("Dashboard"))


def _show_ways_to_keep(
    gateway: Gateway, tenant: Tenant, strings: Strings, conversation: Callable[[], str | None]
) -> None:
    label = escape_html(strings.text("Print the conversation"))
    st.html(
        f'<button type="button" class="vn-act" data-act="print"><i aria-hidden="true">print</i><span>{label}</span></button>'
    )
    titles: dict[Shape, str] = {
        "markdown": strings.text("Keep it as a text file"),
        "json": strings.text("Keep it as data (JSON)"),
    }
    for shape, title in titles.items():
        suffix, media_type = _FILES[shape]
        st.download_button(
            title,
            partial(_export, gateway, conversation, shape),
            file_name=f"{tenant.name}-{today().isoformat()}.{suffix}",
            mime=media_type,
            key=f"keep-{shape}",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )


def _export(gateway: Gateway, conversation: Callable[[], str | None], shape: Shape) -> bytes:
    """Called when the file is asked for."""
    identifier = conversation()
    if identifier is None:
        raise GatewayError("not_found", "Nothing was answered yet.", "Ask first.")
    return exported(gateway.api, identifier, shape)
