"""Chats on a tenant's own web pages."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.desk import Desk
from ui.gateway import keys as gateway
from ui.gateway.keys import Credential
from ui.gateway_errors import GatewayError
from ui.views.admin.words import STATES, word
from ui.widgets.asking import asked_first
from ui.widgets.escape import escape_html, escape_markdown
from ui.widgets.recent import forget, recent
from ui.widgets.saying import say, show_said
from ui.widgets.table import badge_html, empty_html

PLACE: Final = "widgets"
_EXAMPLE: Final = "https://www.example.org"


def show_widgets(desk: Desk) -> None:
    strings = desk.strings
    show_said(PLACE)
    st.html(f'<h2 class="vn-hidden">{escape_html(strings.text("Widgets"))}</h2>')
    _show_new(desk)
    found = [each for each in recent("widgets", lambda: gateway.widgets(desk.api)) if each.state != "revoked"]
    if not found:
        text = strings.text("Say above on which web pages it stands, and paste the line that you get into them.")
        st.html(empty_html(strings.text("No chat stands on your web pages yet."), text))
    for widget in found:
        with st.container(border=True, key=f"widget-{widget.id}"):
            _show_widget(desk, widget)


def _show_new(desk: Desk) -> None:
    strings = desk.strings
    with (
        st.expander(strings.text("New widget"), icon=":material/add:", key="widgets:new"),
        st.form("new-widget", border=False, clear_on_submit=True, enter_to_submit=False),
    ):
        name, origins = _fields(desk, "new")
        if st.form_submit_button(strings.text("Make the widget"), type="primary", key="widget:make"):
            _save(desk, None, name, origins)


def _fields(desk: Desk, key: str, widget: Credential | None = None) -> tuple[str, list[str]]:
    """Its name, and the addresses of the sites that it stands on."""
    strings = desk.strings
    name = st.text_input(
        strings.text("Name"), value=widget.name if widget else "", key=f"widget:name:{key}", max_chars=200
    )
    origins = st.text_area(
        strings.text("Web sites, one a line"),
        value="\n".join(widget.origins) if widget else "",
        key=f"widget:origins:{key}",
        placeholder=_EXAMPLE,
        help=strings.text(
            "The beginning of their addresses, such as {example}. On other sites the chat is refused.", example=_EXAMPLE
        ),
    )
    return name.strip(), [line.strip() for line in origins.splitlines() if line.strip()]


def _show_widget(desk: Desk, widget: Credential) -> None:
    strings = desk.strings
    state = badge_html(word(strings, STATES, widget.state), "good" if widget.state == "active" else "warn")
    sites = "".join(f'<li><bdi dir="ltr">{escape_html(each)}</bdi></li>' for each in widget.origins)
    st.html(f'<div class="vn-row"><bdi><b>{escape_html(widget.title)}</b></bdi> {state}<ul>{sites}</ul></div>')
    if widget.tag:
        st.html(f"<p>{escape_html(strings.text('Paste this line into the pages, before the end of the body:'))}</p>")
        st.code(widget.tag, language=None, wrap_lines=True)
    with (
        st.expander(escape_markdown(strings.text("Change {name}", name=widget.title)), key=f"change-{widget.id}"),
        st.form(f"widget-form-{widget.id}", border=False, enter_to_submit=False),
    ):
        name, origins = _fields(desk, widget.id, widget)
        if st.form_submit_button(strings.text("Save"), key=f"widget:save:{widget.id}"):
            _save(desk, widget, name, origins)
    if asked_first(
        strings,
        f"revoke-{widget.id}",
        strings.text("Revoke {name}", name=widget.title),
        strings.text("The chat goes from all pages of {name} at once. This cannot be taken back.", name=widget.title),
        strings.text("Revoke the widget"),
        icon=":material/block:",
    ):
        gateway.revoke_widget(desk.api, widget.id)
        forget("widgets")
        say(PLACE, strings.text("The widget {name} is revoked.", name=widget.title))


def _save(desk: Desk, widget: Credential | None, name: str, origins: list[str]) -> None:
    strings = desk.strings
    if not origins:
        st.html(f'<p role="alert">{escape_html(strings.text("Give the address of at least one web site."))}</p>')
        return
    try:
        if widget is None:
            gateway.create_widget(desk.api, name, origins)
        else:
            gateway.change_widget(desk.api, widget.id, name, origins)
    except GatewayError as error:
        desk.show_error(error)
        return
    forget("widgets")
    say(PLACE, strings.text("The widget is there.") if widget is None else strings.text("The widget was changed."))
