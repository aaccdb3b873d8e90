"""Accounts and groups: who may sign in, and what she may."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.desk import Desk, open_desk
from ui.gateway import people as gateway
from ui.gateway.people import User
from ui.gateway_errors import GatewayError
from ui.i18n import N_
from ui.views.admin.account import PLACE, open_account, show_account
from ui.views.admin.groups import show_groups
from ui.views.admin.words import ROLES, pick_word, word
from ui.widgets.escape import escape_html, escape_markdown
from ui.widgets.once import Secret, keep_secret, show_secret
from ui.widgets.pager import turn_page
from ui.widgets.recent import forget, recent
from ui.widgets.saying import say, show_said
from ui.widgets.table import badge_html, empty_html

TITLE: Final = N_("People and groups")
INTRO: Final = N_("Accounts of your organisation, what each may do, and the groups that documents are for.")
_PAGE: Final = 25


def show() -> None:
    desk = open_desk(TITLE, "admin", INTRO)
    if desk is None:
        return
    strings = desk.strings
    show_said(PLACE)
    show_secret(strings, PLACE)
    desk.show_tabs({strings.text("Accounts"): _show_accounts, strings.text("Groups"): show_groups})


def _show_accounts(desk: Desk) -> None:
    strings, formats = desk.strings, desk.formats
    _show_new(desk)
    search = st.text_input(
        strings.text("Search accounts"),
        key="people:search",
        placeholder=strings.text("User name, name or email"),
        on_change=_to_first,
    ).strip()
    page = max(1, int(st.session_state.get("people:page", 1)))
    found = recent(
        f"people:{search}:{page}", lambda: gateway.users(desk.api, search, _PAGE, (page - 1) * _PAGE), seconds=10
    )
    said = strings.plural("{n} account", "{n} accounts", found.total, shown=formats.number(found.total))
    st.html(
        f'<h2 class="vn-hidden">{escape_html(strings.text("Accounts"))}</h2><p role="status">{escape_html(said)}</p>'
    )
    if not found.page:
        title = strings.text("No account has such a name.") if search else strings.text("There are no accounts yet.")
        text = strings.text("Make one above, or let your identity provider send its people: docs/access.md says how.")
        st.html(empty_html(title, text))
    for user in found.page:
        _show_row(desk, user)
    show_account(desk, found.page)
    pages = -(-found.total // _PAGE)
    if pages > 1:
        turn_page(page, page < pages, strings, formats, key="people:page", of=pages)


def _to_first() -> None:
    st.session_state["people:page"] = 1


def _show_row(desk: Desk, user: User) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"row-{user.id}"):
        st.button(
            escape_markdown(user.username),
            key=f"open-{user.id}",
            type="tertiary",
            icon=":material/person:",
            on_click=open_account,
            args=(user,),
        )
        st.html(_row_html(desk, user))


def _row_html(desk: Desk, user: User) -> str:
    strings, formats = desk.strings, desk.formats
    badges = [badge_html(word(strings, ROLES, user.role))]
    if user.suspended:
        badges.append(badge_html(strings.text("Suspended"), "bad"))
    if user.locked_until:
        badges.append(badge_html(strings.text("Locked"), "warn"))
    if user.local and user.must_change:
        badges.append(badge_html(strings.text("First password"), "warn"))
    last = (
        strings.text("last signed in {moment}", moment=formats.moment(user.last_login_at))
        if user.last_login_at
        else strings.text("never signed in")
    )
    return (
        f'<div class="vn-row"><bdi>{escape_html(user.display_name)}</bdi> {" ".join(badges)} '
        f'<small class="vn-soft">{escape_html(last)}</small></div>'
    )


def _show_new(desk: Desk) -> None:
    strings = desk.strings
    with (
        st.expander(strings.text("New account"), icon=":material/person_add:", key="people:new"),
        st.form("new-account", border=False, clear_on_submit=True, enter_to_submit=False),
    ):
        username = st.text_input(strings.text("User name"), key="new:username", max_chars=200)
        display_name = st.text_input(strings.text("Name"), key="new:name", max_chars=200)
        email = st.text_input(strings.text("Email"), key="new:email", max_chars=320)
        role = pick_word(strings.text("Role"), ROLES, strings, "member", key="new:role")
        groups = st.multiselect(
            strings.text("Groups"),
            [group.name for group in _groups(desk)],
            key="new:groups",
            accept_new_options=True,
            placeholder=strings.text("None"),
        )
        ways = {True: strings.text("With a password"), False: strings.text("Through the identity provider")}
        local = st.selectbox(strings.text("Signs in"), list(ways), format_func=ways.__getitem__, key="new:local")
        if st.form_submit_button(strings.text("Make the account"), type="primary", key="new:make"):
            form = {"username": username.strip(), "display_name": display_name, "email": email, "role": role}
            _make(desk, {**form, "groups": list(groups), "local": bool(local)})


def _groups(desk: Desk) -> tuple[gateway.Group, ...]:
    return recent("groups", lambda: gateway.groups(desk.api))


def _make(desk: Desk, form: dict[str, object]) -> None:
    strings = desk.strings
    if not form["username"]:
        st.html(f'<p role="alert">{escape_html(strings.text("Give the account a user name."))}</p>')
        return
    try:
        user, password = gateway.create_user(desk.api, **form)
    except GatewayError as error:
        desk.show_error(error)
        return
    forget("people:")
    forget("groups")
    if password:
        title = strings.text(
            "The first password of {name}. It has to be replaced at the first sign-in.", name=user.username
        )
        keep_secret(PLACE, Secret(title, password))
    say(PLACE, strings.text("The account {name} is there.", name=user.username))
