"""What the assistant answers from: the documents, how they come in, what could not be read, and where they come from."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.desk import Desk, open_desk
from ui.gateway_errors import GatewayError
from ui.i18n import N_
from ui.views.admin.documents_add import show_adding
from ui.views.admin.documents_jobs import show_jobs, show_running
from ui.views.admin.documents_list import show_list
from ui.views.admin.documents_quarantine import show_quarantine
from ui.views.admin.documents_sources import show_sources
from ui.widgets.saying import show_said
from ui.widgets.wanted import show_wanted

TITLE: Final = N_("Documents")
INTRO: Final = N_("What your assistant answers from, and how it comes in.")
PLACE: Final = "documents"
PART: Final = "documents:part"
_PARTS: Final = {
    "list": (N_("All documents"), show_list),
    "add": (N_("Add documents"), show_adding),
    "jobs": (N_("Jobs"), show_jobs),
    "quarantine": (N_("Could not be read"), show_quarantine),
    "sources": (N_("Sources"), show_sources),
}


def show() -> None:
    desk = open_desk(TITLE, "editor", INTRO)
    if desk is None:
        return
    strings = desk.strings
    show_said(PLACE)
    with st.container():
        show_wanted(strings)
    try:
        with st.container():
            show_running(desk)
    except GatewayError as error:
        desk.show_error(error)
        return
    _show_part(desk)


@st.fragment
def _show_part(desk: Desk) -> None:
    """Another part is nothing to the rest of the page."""
    strings = desk.strings
    part = st.segmented_control(
        strings.text("Part of this page"),
        list(_PARTS),
        default="list",
        required=True,
        format_func=lambda each: strings.text(_PARTS[each][0]),
        key=PART,
        label_visibility="collapsed",
    )
    try:
        _PARTS[part or "list"][1](desk)
    except GatewayError as error:
        desk.show_error(error)
