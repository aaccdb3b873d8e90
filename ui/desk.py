"""What every page for people who are signed in begins with: who they are, what they may, the look, the sidebar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from ui import bootstrap
from ui.api import Api
from ui.bootstrap import Site
from ui.client import Tenant
from ui.gateway_errors import GatewayError
from ui.i18n import Strings
from ui.i18n.formats import Formats
from ui.navigation import ROLES, show_sidebar
from ui.views import sign_in
from ui.visitor import Visitor, current_visit
from ui.widgets import page
from ui.widgets.account import Account
from ui.widgets.language_picker import current_strings, pick_language
from ui.widgets.notices import error_html, problem_html
from ui.widgets.sign_in_again import show_trouble
from ui.widgets.text_size import pick_size

_TENANT: Final = "desk:tenant"


@dataclass(frozen=True, slots=True)
class Desk:
    """`api`: the gateway as the visitor may use it."""

    site: Site
    visitor: Visitor
    strings: Strings
    formats: Formats
    tenant: Tenant
    api: Api

    @property
    def role(self) -> str:
        return self.visitor.me.role

    def may(self, role: str) -> bool:
        return ROLES.index(self.role) >= ROLES.index(role) if self.role in ROLES else False

    def show_error(self, error: GatewayError) -> None:
        show_trouble(error, self.strings)

    def show_tabs(self, parts: Mapping[str, Callable[[Desk], None]]) -> None:
        """By the words on their tabs. What the gateway refuses one of them takes nothing from the others."""
        for tab, draw in zip(st.tabs(list(parts)), parts.values(), strict=True):
            with tab:
                try:
                    draw(self)
                except GatewayError as error:
                    self.show_error(error)


def open_desk(title: str, role: str = "editor", intro: str = "") -> Desk | None:
    """Set the page up for someone of at least that role; None: she is shown the way in, or why not, and there is no more to show.

    `title` and `intro` are texts that `N_` marked.
    """
    site = bootstrap.current()
    try:
        visit = current_visit(site)
    except GatewayError as error:
        _begin(current_strings(()), title)
        st.html(error_html(error, current_strings(())))
        return None
    if visit.visitor is None:
        sign_in.show(site, visit, st.query_params.get("tenant", ""))
        return None
    if visit.visitor.me.must_change:
        sign_in.show_password(site, visit.visitor)
        return None
    return _open(site, visit.visitor, title, intro, role)


def _open(site: Site, visitor: Visitor, title: str, intro: str, role: str) -> Desk | None:
    try:
        tenant = _tenant(site, visitor)
    except GatewayError as error:
        _begin(current_strings(()), title)
        st.html(error_html(error, current_strings(())))
        return None
    strings = current_strings(tenant.languages)
    _begin(strings, title)
    desk = Desk(
        site,
        visitor,
        strings,
        Formats(strings.tag, _zone()),
        tenant,
        site.api(visitor.credential),
    )
    _show_sidebar(desk)
    st.html(page.title_html(strings.text(title), strings.text(intro) if intro else ""))
    if not desk.may(role):
        st.html(
            problem_html(
                strings.text("This page is not for your role."),
                strings.text("Ask your administrator if you need it for your work."),
            )
        )
        return None
    return desk


def _begin(strings: Strings, title: str) -> None:
    page.begin(strings.text(title), strings, face="desk")


def _show_sidebar(desk: Desk) -> None:
    with st.sidebar:
        st.html(page.name_html(desk.tenant.display_name, desk.visitor.me.name))
        show_sidebar(desk.strings, desk.role)
        with st.container(key="sidebar-tools", gap="small"):
            pick_language(desk.strings)
            pick_size(desk.strings)
            Account(desk.site, desk.visitor).show(desk.strings)


def _tenant(site: Site, visitor: Visitor) -> Tenant:
    """The tenant's profile, asked for once a visit."""
    if _TENANT not in st.session_state:
        st.session_state[_TENANT] = site.gateway(visitor.credential, personal=True).tenant()
    found: Tenant = st.session_state[_TENANT]
    return found


def forget_tenant() -> None:
    """Ask for the tenant's profile anew: it was changed."""
    st.session_state.pop(_TENANT, None)


def _zone() -> tzinfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
