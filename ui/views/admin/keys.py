"""What programs and web pages come in with, and what all may use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import streamlit as st

from ui.desk import Desk, open_desk
from ui.gateway import keys as gateway
from ui.gateway.keys import Credential
from ui.gateway_errors import GatewayError
from ui.i18n import N_
from ui.views.admin.quotas import show_quotas
from ui.views.admin.widgets import show_widgets
from ui.views.admin.words import ROLES, STATES, pick_word, word
from ui.widgets.asking import asked_first
from ui.widgets.escape import escape_html
from ui.widgets.once import Secret, keep_secret, show_secret
from ui.widgets.recent import forget, recent, recent_of
from ui.widgets.saying import say, show_said
from ui.widgets.table import Tone, badge_html, empty_html

TITLE: Final = N_("Keys and widgets")
INTRO: Final = N_("API keys for programs, chats on your web pages, and how much all of them may use.")
PLACE: Final = "keys"
TONES: Final[dict[str, Tone]] = {"active": "good", "expired": "warn", "revoked": "bad"}
_SCOPES: Final = {
    "chat": N_("Ask questions"),
    "conversations": N_("Read its own conversations"),
    "search": N_("Search"),
    "documents:read": N_("Read documents"),
    "documents:write": N_("Send and delete documents"),
    "usage": N_("Read usage"),
    "quality": N_("Feedback, unanswered questions, approved answers, figures"),
    "audit": N_("Read the audit log"),
    "admin": N_("Change settings"),
    "access": N_("Manage people, keys and widgets"),
    "scim": N_("Send accounts from an identity provider"),
}
_DAYS: Final = {30: N_("30 days"), 90: N_("90 days"), 365: N_("A year"), 0: N_("For ever")}
_OVERLAP_HOURS: Final = 24


def show() -> None:
    desk = open_desk(TITLE, "admin", INTRO)
    if desk is None:
        return
    strings = desk.strings
    show_said(PLACE)
    show_secret(strings, PLACE)
    recent_of(
        {
            "keys": lambda: gateway.keys(desk.api),
            "widgets": lambda: gateway.widgets(desk.api),
            "quotas": lambda: gateway.quotas(desk.api),
        }
    )
    desk.show_tabs(
        {
            strings.text("API keys"): _show_keys,
            strings.text("Widgets"): show_widgets,
            strings.text("Quotas"): show_quotas,
        }
    )


def _show_keys(desk: Desk) -> None:
    strings = desk.strings
    _show_new(desk)
    found = recent("keys", lambda: gateway.keys(desk.api))
    live = [each for each in found if each.state == "active"]
    st.html(f'<h2 class="vn-hidden">{escape_html(strings.text("API keys"))}</h2>')
    if not found:
        text = strings.text("Make one above for each program that asks, searches or sends documents.")
        st.html(empty_html(strings.text("There are no API keys yet."), text))
    for each in live:
        with st.container(border=True, key=f"key-{each.id}"):
            _show_key(desk, each)
    ended = [each for each in found if each.state != "active"]
    if ended:
        with st.expander(
            strings.plural(
                "{n} key that no longer holds",
                "{n} keys that no longer hold",
                len(ended),
                shown=desk.formats.number(len(ended)),
            )
        ):
            st.html("".join(credential_html(desk, each) for each in ended))


def credential_html(desk: Desk, credential: Credential) -> str:
    strings, formats = desk.strings, desk.formats
    state = badge_html(word(strings, STATES, credential.state), TONES.get(credential.state, ""))
    told = [
        strings.text("last used {when}", when=formats.ago(credential.last_used_at))
        if credential.last_used_at
        else strings.text("never used")
    ]
    if credential.expires_at:
        told.append(strings.text("holds until {moment}", moment=formats.moment(credential.expires_at)))
    return (
        f'<div class="vn-row"><div><bdi><b>{escape_html(credential.title)}</b></bdi> '
        f'<code dir="ltr">{escape_html(credential.prefix)}…</code> {state}</div>'
        f'<p class="vn-small">{escape_html(" · ".join(told))}</p></div>'
    )


def _show_key(desk: Desk, key: Credential) -> None:
    strings = desk.strings
    st.html(credential_html(desk, key) + _rights_html(desk, key))
    with st.container(horizontal=True):
        if asked_first(
            strings,
            f"rotate-{key.id}",
            strings.text("Replace {name}", name=key.title),
            strings.plural(
                "A new key is made with the same rights; this one holds for {n} hour beside it.",
                "A new key is made with the same rights; this one holds for {n} hours beside it.",
                _OVERLAP_HOURS,
                shown=desk.formats.number(_OVERLAP_HOURS),
            ),
            strings.text("Make the new key"),
            icon=":material/autorenew:",
        ):
            _make(desk, partial(gateway.rotate_key, desk.api, key.id, _OVERLAP_HOURS), key.title)
        if asked_first(
            strings,
            f"revoke-{key.id}",
            strings.text("Revoke {name}", name=key.title),
            strings.text("Whatever uses {name} is refused from now on. This cannot be taken back.", name=key.title),
            strings.text("Revoke the key"),
            icon=":material/block:",
        ):
            gateway.revoke_key(desk.api, key.id)
            forget("keys")
            say(PLACE, strings.text("The key {name} is revoked.", name=key.title))


def _rights_html(desk: Desk, key: Credential) -> str:
    strings = desk.strings
    scopes = [word(strings, _SCOPES, scope) for scope in key.scopes] or [strings.text("all that its role may")]
    told = [word(strings, ROLES, key.role), desk.formats.list(scopes)]
    if key.groups:
        told.append(strings.text("groups: {names}", names=desk.formats.list(list(key.groups))))
    return f'<p class="vn-small">{escape_html(" · ".join(told))}</p>'


def _show_new(desk: Desk) -> None:
    strings = desk.strings
    with (
        st.expander(strings.text("New API key"), icon=":material/add:", key="keys:new"),
        st.form("new-key", border=False, clear_on_submit=True, enter_to_submit=False),
    ):
        name = st.text_input(strings.text("What it is for"), key="key:name", max_chars=200)
        role = pick_word(strings.text("Role"), ROLES, strings, "member", key="key:role")
        scopes = st.multiselect(
            strings.text("Only for"),
            list(_SCOPES),
            format_func=lambda each: strings.text(_SCOPES[each]),
            placeholder=strings.text("all that its role may"),
            key="key:scopes",
        )
        days = pick_word(strings.text("Holds for"), _DAYS, strings, 90, key="key:days")
        if st.form_submit_button(strings.text("Make the key"), type="primary", key="key:make"):
            until = (datetime.now(UTC) + timedelta(days)).isoformat() if days else None
            form = {"name": name.strip(), "role": role, "scopes": list(scopes), "expires_at": until}
            _make(desk, partial(gateway.create_key, desk.api, **form), name.strip())


def _make(desk: Desk, act: Callable[[], str], name: str) -> None:
    strings = desk.strings
    try:
        key = act()
    except GatewayError as error:
        desk.show_error(error)
        return
    forget("keys")
    title = strings.text("The API key {name}", name=name) if name else strings.text("The API key")
    keep_secret(PLACE, Secret(title, key))
    say(PLACE, strings.text("The key is there."))
