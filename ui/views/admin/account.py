"""One account, in a panel: what it may, and what can be done to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from ui.desk import Desk
from ui.gateway import people as gateway
from ui.gateway.people import User
from ui.gateway_errors import GatewayError
from ui.views.admin.words import ROLES, pick_word, word
from ui.widgets.asking import asked_first
from ui.widgets.escape import escape_html
from ui.widgets.once import Secret, keep_secret
from ui.widgets.recent import forget, recent
from ui.widgets.saying import say
from ui.widgets.table import facts_html

PLACE: Final = "people"
_OPEN: Final = "people:open"


def open_account(user: User) -> None:
    """Have `show_account` open the panel from the next run on, until it is closed or what was asked in it is done."""
    st.session_state[_OPEN] = user.id


def _close() -> None:
    st.session_state.pop(_OPEN, None)


def show_account(desk: Desk, among: Sequence[User]) -> None:
    """The panel of the account that was opened, if it is one of those."""
    user = next((each for each in among if each.id == st.session_state.get(_OPEN)), None)
    if user is None:
        return

    @st.dialog(desk.strings.text("Account"), width="medium", on_dismiss=_close)
    def panel() -> None:
        own = user.username == desk.visitor.me.name
        st.html(_facts(desk, user))
        try:
            _show_change(desk, user, own=own)
            _show_sign_in(desk, user)
            if own:
                said = desk.strings.text("This is your own account: another administrator can suspend or delete it.")
                st.html(f'<p class="vn-small">{escape_html(said)}</p>')
            else:
                _show_end(desk, user)
        except GatewayError as error:
            desk.show_error(error)

    panel()


def _facts(desk: Desk, user: User) -> str:
    strings, formats = desk.strings, desk.formats
    none = strings.text("never")
    told = [
        (strings.text("User name"), f"<bdi>{escape_html(user.username)}</bdi>"),
        (strings.text("Role"), escape_html(word(strings, ROLES, user.role))),
        (strings.text("Signs in"), _way(desk, user)),
        (
            strings.text("Last sign-in"),
            escape_html(formats.moment(user.last_login_at) if user.last_login_at else none),
        ),
    ]
    if user.created_at:
        told.append((strings.text("Made"), escape_html(formats.moment(user.created_at))))
    if user.expires_at:
        told.append((strings.text("Holds until"), escape_html(formats.moment(user.expires_at))))
    if user.locked_until:
        told.append((strings.text("Locked until"), escape_html(formats.moment(user.locked_until))))
    return facts_html(told)


def _way(desk: Desk, user: User) -> str:
    strings = desk.strings
    if user.local:
        return escape_html(strings.text("With a password"))
    said = strings.text("Through the identity provider")
    return f"{escape_html(said)} <bdi>{escape_html(user.issuer)}</bdi>" if user.issuer else escape_html(said)


def _show_change(desk: Desk, user: User, *, own: bool) -> None:
    strings = desk.strings
    known = recent("groups", lambda: gateway.groups(desk.api))
    names = sorted({*(group.name for group in known), *user.groups})
    with st.form(f"account-{user.id}", border=False, enter_to_submit=False):
        display_name = st.text_input(strings.text("Name"), value=user.display_name, max_chars=200)
        email = st.text_input(strings.text("Email"), value=user.email, max_chars=320)
        role = pick_word(strings.text("Role"), ROLES, strings, user.role, disabled=own)
        groups = st.multiselect(
            strings.text("Groups"),
            names,
            default=list(user.groups),
            accept_new_options=True,
            placeholder=strings.text("None"),
        )
        if st.form_submit_button(strings.text("Save"), type="primary"):
            change: dict[str, Any] = {"display_name": display_name, "email": email, "groups": list(groups)}
            gateway.change_user(desk.api, user.id, **change, **({} if own else {"role": role}))
            _done(strings.text("The account {name} was changed.", name=user.username))


def _show_sign_in(desk: Desk, user: User) -> None:
    strings = desk.strings
    if user.locked_until and st.button(strings.text("Unlock"), key=f"unlock-{user.id}", icon=":material/lock_open:"):
        gateway.change_user(desk.api, user.id, locked=False)
        _done(strings.text("The account {name} is no longer locked.", name=user.username))
    if user.local and asked_first(
        strings,
        f"password-{user.id}",
        strings.text("Give a new password"),
        strings.text("All sign-ins of {name} end, and the old password no longer holds.", name=user.username),
        strings.text("Give a new password"),
        icon=":material/password:",
    ):
        password = gateway.reset_password(desk.api, user.id)
        title = strings.text(
            "The new password of {name}. It has to be replaced at the next sign-in.", name=user.username
        )
        keep_secret(PLACE, Secret(title, password))
        _done(strings.text("The account {name} has a new password.", name=user.username))


def _show_end(desk: Desk, user: User) -> None:
    strings = desk.strings
    if user.suspended:
        if st.button(strings.text("Resume"), key=f"resume-{user.id}", icon=":material/play_arrow:"):
            gateway.change_user(desk.api, user.id, suspended=False)
            _done(strings.text("The account {name} can sign in again.", name=user.username))
    elif asked_first(
        strings,
        f"suspend-{user.id}",
        strings.text("Suspend"),
        strings.text("{name} can no longer sign in, and answers under way are cut.", name=user.username),
        strings.text("Suspend"),
        icon=":material/block:",
    ):
        gateway.change_user(desk.api, user.id, suspended=True)
        _done(strings.text("The account {name} is suspended.", name=user.username))
    if asked_first(
        strings,
        f"delete-{user.id}",
        strings.text("Delete"),
        strings.text("The account {name} is deleted for good. Its conversations stay.", name=user.username),
        strings.text("Delete the account"),
        icon=":material/delete:",
    ):
        gateway.delete_user(desk.api, user.id)
        _done(strings.text("The account {name} is deleted.", name=user.username))


def _done(said: str) -> None:
    """The panel closes, and the page says what was done."""
    _close()
    forget("people:")
    forget("groups")
    say(PLACE, said)
