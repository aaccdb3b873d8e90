"""Tenants, for the operator of the platform: with an operator's key, which is kept for this visit alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Final

import streamlit as st

from ui import bootstrap
from ui.api import Api
from ui.gateway import operator
from ui.gateway.operator import NewTenant, TenantLine, TenantUsage
from ui.gateway_errors import GatewayError
from ui.i18n import Strings
from ui.i18n.formats import Formats
from ui.widgets import page
from ui.widgets.asking import asked_first
from ui.widgets.escape import escape_html, escape_markdown
from ui.widgets.language_choice import native_name, pick_languages
from ui.widgets.language_picker import current_strings, pick_language
from ui.widgets.notices import error_html, problem_html
from ui.widgets.part import part, show_look, told
from ui.widgets.recent import forget, recent
from ui.widgets.saying import say, show_said
from ui.widgets.table import badge_html, empty_html, facts_html, table_html

_KEY: Final = "operator:key"
_TYPED: Final = "operator-key-typed"
_MADE: Final = "operator:made"
_FORMS: Final = "operator:forms"
_KNOWN: Final = "operator:"


def show() -> None:
    strings = current_strings(())
    page.begin(strings.text("Tenants"), strings, face="desk")
    show_look()
    st.html(
        page.title_html(
            strings.text("Tenants"), strings.text("The organisations of this installation, for its operator.")
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="operator-tools"):
        pick_language(strings)
        if st.session_state.get(_KEY):
            st.button(strings.text("Forget the key"), key="forget-key", icon=":material/logout:", on_click=_forget_key)
    key = st.session_state.get(_KEY)
    if not key:
        _ask_key(strings)
        return
    try:
        api = bootstrap.current().api(str(key), personal=False)
        lines = recent(f"{_KNOWN}tenants", lambda: operator.tenants(api))
        used = recent(f"{_KNOWN}usage", lambda: operator.usage(api))
    except GatewayError as error:
        _refused(strings, error)
        return
    desk = TenantsDesk(strings, Formats(strings.tag, UTC), api)
    with st.container():
        desk.show_made()
    desk.show_tenants(lines, {each.tenant: each for each in used})
    desk.show_form()


def _ask_key(strings: Strings) -> None:
    intro = strings.text("The command “vernacular operator create” makes one. It is kept for this visit alone.")
    with part("key", strings.text("Operator's key"), intro), st.form("key", border=False):
        st.text_input(strings.text("Key"), type="password", autocomplete="off", key=_TYPED)
        st.form_submit_button(strings.text("Sign in"), type="primary", on_click=_keep_key)


def _keep_key() -> None:
    st.session_state[_KEY] = str(st.session_state.get(_TYPED, "")).strip()


def _forget_key() -> None:
    for name in (_KEY, _MADE):
        st.session_state.pop(name, None)
    forget(_KNOWN)


def _refused(strings: Strings, error: GatewayError) -> None:
    if error.problem in ("unauthorized", "forbidden"):
        _forget_key()
        hint = strings.text("Check it, or make another one with: vernacular operator create")
        st.html(problem_html(strings.text("This key is no operator's, or no longer."), hint))
        _ask_key(strings)
    else:
        st.html(error_html(error, strings))


@dataclass(frozen=True, slots=True)
class TenantsDesk:
    strings: Strings
    formats: Formats
    api: Api

    def show_made(self) -> None:
        """The first password of a tenant that was made just now: shown until the next click."""
        made: NewTenant | None = st.session_state.pop(_MADE, None)
        if made is None:
            return
        strings = self.strings
        facts = (
            (strings.text("Organisation"), made.name),
            (strings.text("User name"), made.username),
            (strings.text("Password"), made.password),
        )
        rows = "".join(f"<dt>{escape_html(label)}</dt><dd>{escape_html(value)}</dd>" for label, value in facts)
        said = strings.text(
            "Note the password now: it is shown only this once, and has to be changed at the first sign-in."
        )
        st.html(
            f'<div class="vn-box" role="status"><div class="vn-box-title">{escape_html(strings.text("The tenant is made."))}</div>'
            f'<div class="vn-box-text">{escape_html(said)}</div><dl class="vn-secret">{rows}</dl></div>'
        )

    def show_tenants(self, lines: tuple[TenantLine, ...], used: Mapping[str, TenantUsage]) -> None:
        strings = self.strings
        with part("tenants", strings.text("Tenants and their usage in the last 30 days")):
            if not lines:
                st.html(
                    empty_html(
                        strings.text("There is no tenant yet."),
                        strings.text("Make one below, with its first administrator."),
                    )
                )
                return
            head = (
                strings.text("Tenant"),
                strings.text("State"),
                strings.text("Questions and other requests"),
                strings.text("Refused"),
                strings.text("Tokens"),
            )
            rows = [self._row(line, used.get(line.name)) for line in lines]
            st.html(table_html(strings.text("Tenants and their usage in the last 30 days"), head, rows, figures=True))
            for line in lines:
                self._show_tenant(line)

    def _row(self, line: TenantLine, used: TenantUsage | None) -> list[str]:
        figures = (used.requests, used.refused, used.tokens) if used else (0, 0, 0)
        return [self._name(line), self._state(line), *(escape_html(self.formats.number(each)) for each in figures)]

    def _name(self, line: TenantLine) -> str:
        return f'<bdi dir="auto">{escape_html(line.display_name)}</bdi> <bdi dir="ltr">({escape_html(line.name)})</bdi>'

    def _state(self, line: TenantLine) -> str:
        strings = self.strings
        return (
            badge_html(strings.text("Suspended"), "warn")
            if line.suspended
            else badge_html(strings.text("Active"), "good")
        )

    def _show_tenant(self, line: TenantLine) -> None:
        strings = self.strings
        with st.expander(escape_markdown(f"{line.display_name} ({line.name})"), key=f"tenant-{line.name}"):
            languages = self.formats.list([native_name(tag) for tag in line.languages]) if line.languages else "–"
            st.html(
                facts_html(
                    [
                        (strings.text("State"), self._state(line)),
                        (strings.text("Languages"), f'<span dir="auto">{escape_html(languages)}</span>'),
                        (strings.text("Made"), escape_html(self.formats.moment(line.created_at))),
                    ]
                )
            )
            self._show_suspension(line)
            self._show_deletion(line)
        show_said(f"tenant-{line.name}")

    def _show_suspension(self, line: TenantLine) -> None:
        strings = self.strings
        if line.suspended:
            pressed = st.button(
                strings.text("Let {tenant} in again", tenant=escape_markdown(line.name)), key=f"resume-{line.name}"
            )
        else:
            pressed = asked_first(
                strings,
                f"suspend-{line.name}",
                strings.text("Suspend {tenant}", tenant=line.name),
                strings.text(
                    "Suspend {tenant}? Within seconds nobody of it gets in, and answers under way are cut. All it holds stays.",
                    tenant=line.display_name,
                ),
                strings.text("Suspend it"),
                icon=":material/pause_circle:",
            )
        if pressed:
            with told(strings):
                operator.suspend_tenant(self.api, line.name, suspended=not line.suspended)
                forget(_KNOWN)
                said = strings.text("It is let in again.") if line.suspended else strings.text("It is suspended.")
                say(f"tenant-{line.name}", said)

    def _show_deletion(self, line: TenantLine) -> None:
        strings = self.strings
        with st.form(f"delete-{line.name}"):
            typed = st.text_input(
                strings.text(
                    "To delete it with all its documents, accounts and conversations, type its name: {name}",
                    name=escape_markdown(line.name),
                ),
                autocomplete="off",
                key=f"typed-{line.name}",
            )
            if not st.form_submit_button(strings.text("Delete for ever"), icon=":material/delete_forever:"):
                return
            if typed.strip() != line.name:
                st.html(problem_html(strings.text("That is not its name. Nothing was deleted.")))
                return
            with told(strings):
                operator.delete_tenant(self.api, line.name)
                forget(_KNOWN)
                say("new", strings.text("The tenant {name} is deleted.", name=line.name))

    @property
    def _form(self) -> int:
        """A new one, with empty fields, for each tenant that is made."""
        return int(st.session_state.get(_FORMS, 0))

    def show_form(self) -> None:
        strings = self.strings
        with part("new", strings.text("Make a tenant")), st.form("new", border=False):
            name = st.text_input(
                strings.text("Name in addresses: small letters, digits and hyphens"),
                max_chars=63,
                key=f"new-name-{self._form}",
            )
            display_name = st.text_input(
                strings.text("Name that people see"), max_chars=200, key=f"new-display-name-{self._form}"
            )
            languages = pick_languages(strings, (), f"new-languages-{self._form}")
            admin = st.text_input(
                strings.text("User name of its first administrator"), max_chars=200, key=f"new-admin-{self._form}"
            )
            if not st.form_submit_button(strings.text("Make tenant"), type="primary"):
                return
            if not name.strip() or not admin.strip():
                st.html(problem_html(strings.text("A tenant needs a name and a first administrator.")))
                return
            with told(strings):
                made = operator.create_tenant(self.api, name.strip(), display_name.strip(), languages, admin.strip())
                st.session_state[_MADE] = made
                forget(_KNOWN)
                st.session_state[_FORMS] = self._form + 1
                st.rerun()
