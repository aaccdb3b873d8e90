"""The pages of the front end: their addresses, titles, and who they are for. Streamlit runs one of them for each visit and each click."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ui.i18n import N_, Strings
from ui.widgets.escape import escape_html

ROLES: Final = ("public", "member", "editor", "admin")
HOME: Final = ""


@dataclass(frozen=True, slots=True)
class View:
    """`path`: of its address. `module` has a function `show` without arguments. `role`: the least that it is for. `section`: what it stands
    under in the sidebar; "": not there."""

    path: str
    title: str
    icon: str
    module: str
    role: str = "editor"
    section: str = ""

    def is_for(self, role: str) -> bool:
        return role in ROLES and ROLES.index(role) >= ROLES.index(self.role)


_ANSWERS, _CONTENT, _ASSISTANT = N_("Answers"), N_("Content"), N_("Assistant")
_PEOPLE, _CONTROL = N_("Access"), N_("Control")

VIEWS: Final = (
    View(HOME, N_("Chat"), ":material/chat:", "ui.views.home", "public", _ANSWERS),
    View("search", N_("Search"), ":material/search:", "ui.views.search.page", "member", _ANSWERS),
    View("overview", N_("Overview"), ":material/dashboard:", "ui.views.admin.overview", section=_CONTENT),
    View("documents", N_("Documents"), ":material/description:", "ui.views.admin.documents", section=_CONTENT),
    View("questions", N_("Unanswered questions"), ":material/help:", "ui.views.admin.questions", section=_CONTENT),
    View("approved", N_("Approved answers"), ":material/verified:", "ui.views.admin.approved", section=_CONTENT),
    View("feedback", N_("Feedback"), ":material/thumbs_up_down:", "ui.views.admin.feedback", section=_CONTENT),
    View("settings", N_("Settings"), ":material/tune:", "ui.views.admin.settings", "admin", _ASSISTANT),
    View(
        "dialects",
        N_("Languages and dialects"),
        ":material/record_voice_over:",
        "ui.views.admin.dialects",
        "admin",
        _ASSISTANT,
    ),
    View("prompts", N_("Prompts"), ":material/edit_note:", "ui.views.admin.prompts", section=_ASSISTANT),
    View("models", N_("Models"), ":material/memory:", "ui.views.admin.models", "admin", _ASSISTANT),
    View("people", N_("People and groups"), ":material/group:", "ui.views.admin.people", "admin", _PEOPLE),
    View("keys", N_("Keys and widgets"), ":material/key:", "ui.views.admin.keys", "admin", _PEOPLE),
    View("figures", N_("Figures"), ":material/monitoring:", "ui.views.admin.figures", section=_CONTROL),
    View("evaluations", N_("Evaluations"), ":material/fact_check:", "ui.views.admin.evaluations", "admin", _CONTROL),
    View("audit", N_("Audit log"), ":material/history:", "ui.views.admin.audit", "admin", _CONTROL),
    View("tenants", N_("Tenants"), ":material/domain:", "ui.views.tenants_desk", "public"),
)


def pages() -> dict[str, StreamlitPage]:
    """By path, for `st.navigation` and `st.page_link`."""
    return {
        view.path: st.Page(_runner(view.module), title=view.title, url_path=view.path, default=view.path == HOME)
        for view in VIEWS
        if _is_installed(view.module)
    }


@functools.cache
def _is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def kept_in_address() -> dict[str, str]:
    """What goes along from page to page."""
    return {name: value for name in ("tenant", "lang", "size") if (value := st.query_params.get(name))}


def show_sidebar(strings: Strings, role: str) -> None:
    """The pages that `role` may see, by section."""
    known, section = pages(), ""
    kept = kept_in_address()
    for view in VIEWS:
        if not view.section or not view.is_for(role) or view.path not in known:
            continue
        if view.section != section:
            section = view.section
            st.sidebar.html(f'<h2 class="vn-section">{escape_html(strings.text(section))}</h2>')
        st.sidebar.page_link(
            known[view.path], label=strings.text(view.title), icon=view.icon, query_params=kept, width="stretch"
        )


def _runner(module: str) -> Callable[[], None]:
    """A page is loaded when it is first shown: the chat must not wait for the dashboard."""

    def show() -> None:
        importlib.import_module(module).show()

    show.__name__ = module.replace(".", "_")
    return show
