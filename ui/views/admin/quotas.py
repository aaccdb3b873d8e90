"""How much a tenant, its people and its visitors may use."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from ui.desk import Desk
from ui.gateway import keys as gateway
from ui.gateway.keys import Limits, Quotas
from ui.gateway_errors import GatewayError
from ui.widgets.escape import escape_html
from ui.widgets.recent import forget, recent
from ui.widgets.saying import say, show_said
from ui.widgets.table import Card, cards_html, table_html

PLACE: Final = "quotas"
_MOST: Final = 10**12


def show_quotas(desk: Desk) -> None:
    strings, formats = desk.strings, desk.formats
    show_said(PLACE)
    found = recent("quotas", lambda: gateway.quotas(desk.api))
    cards = [
        Card(
            strings.text("Documents"),
            formats.number(found.documents),
            strings.text("of {limit}", limit=formats.number(found.tenant.documents)) if found.tenant.documents else "",
        ),
        Card(
            strings.text("Their texts and files"),
            formats.bytes(found.bytes),
            strings.text("of {limit}", limit=formats.bytes(found.tenant.megabytes * 1e6))
            if found.tenant.megabytes
            else "",
        ),
    ]
    st.html(f'<h2 class="vn-hidden">{escape_html(strings.text("Quotas"))}</h2>{cards_html(cards)}')
    rows = [
        _row(desk, strings.text("All of the organisation together"), found.tenant, "operator"),
        _row(desk, strings.text("Each account, key and widget"), found.principal, "admin"),
        _row(desk, strings.text("Each visitor"), found.visitor, "admin", tokens=False),
    ]
    head = [
        strings.text("Who"),
        strings.text("Requests a minute"),
        strings.text("Tokens a day"),
        strings.text("Set by"),
    ]
    st.html(table_html(strings.text("Limits in force"), head, rows, shown=True))
    _show_form(desk, found)


def _row(desk: Desk, who: str, limits: Limits, by: str, *, tokens: bool = True) -> list[str]:
    strings = desk.strings
    return [
        escape_html(who),
        _limit(desk, limits.requests_per_minute),
        _limit(desk, limits.tokens_per_day) if tokens else "–",
        escape_html(strings.text("the operator") if by == "operator" else strings.text("administrators")),
    ]


def _limit(desk: Desk, value: int) -> str:
    return escape_html(desk.formats.number(value) if value else desk.strings.text("no limit"))


def _show_form(desk: Desk, found: Quotas) -> None:
    strings = desk.strings
    principal, visitor = found.own.get("principal") or {}, found.own.get("visitor") or {}
    with (
        st.expander(strings.text("Change limits"), key="quotas:change"),
        st.form("quotas", border=False, enter_to_submit=False),
    ):
        said = strings.text("Empty: as the installation says. 0: no limit but that of the organisation.")
        st.html(f'<p class="vn-small">{escape_html(said)}</p>')
        requests = _field(strings.text("Requests a minute of each account, key and widget"), "principal", principal)
        tokens = _field(
            strings.text("Tokens a day of each account, key and widget"), "principal", principal, "tokens_per_day"
        )
        visits = _field(strings.text("Requests a minute of each visitor"), "visitor", visitor)
        if st.form_submit_button(strings.text("Save"), type="primary", key="quotas:save"):
            try:
                gateway.change_quotas(
                    desk.api,
                    {"requests_per_minute": requests, "tokens_per_day": tokens},
                    {"requests_per_minute": visits},
                    found.own,
                )
            except GatewayError as error:
                desk.show_error(error)
                return
            forget("quotas")
            say(PLACE, strings.text("The limits hold from now on."))


def _field(label: str, whose: str, held: dict[str, Any], name: str = "requests_per_minute") -> int | None:
    value = st.number_input(
        label, min_value=0, max_value=_MOST, value=held.get(name), step=1, key=f"quota:{whose}:{name}", width=320
    )
    return None if value is None else int(value)
