"""Groups of people: documents name the groups that may read them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from ui.desk import Desk
from ui.gateway import people as gateway
from ui.gateway.people import Group
from ui.widgets.asking import asked_first
from ui.widgets.escape import escape_html, escape_markdown
from ui.widgets.part import told
from ui.widgets.recent import forget, recent
from ui.widgets.saying import say, show_said
from ui.widgets.table import empty_html

PLACE: Final = "groups"


def show_groups(desk: Desk) -> None:
    strings = desk.strings
    show_said(PLACE)
    _show_new(desk)
    groups = recent("groups", lambda: gateway.groups(desk.api))
    if not groups:
        text = strings.text("Documents without a group are for everyone; make a group for those that are not.")
        st.html(empty_html(strings.text("There are no groups yet."), text))
        return
    by_id = {group.id: group for group in groups}

    def label(group_id: str) -> str:
        group = by_id[group_id]
        shown = desk.formats.number(group.members)
        people = strings.plural("{n} person", "{n} people", group.members, shown=shown)
        return f"{group.name} · {people}"

    picked = st.selectbox(strings.text("Group"), list(by_id), format_func=label, key="group")
    _show_group(desk, by_id[picked])


def _show_new(desk: Desk) -> None:
    strings = desk.strings
    with (
        st.form("new-group", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        name = st.text_input(strings.text("New group"), key="group:new", max_chars=200, width=320).strip()
        if st.form_submit_button(strings.text("Make the group"), key="group:make") and name:
            _do(
                desk,
                lambda: gateway.create_group(desk.api, name),
                strings.text("The group {name} is there.", name=name),
            )


def _show_group(desk: Desk, group: Group) -> None:
    strings = desk.strings
    members = recent(f"groups:{group.id}", lambda: gateway.members(desk.api, group.id))
    with (
        st.form(f"member-{group.id}", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        username = st.text_input(
            strings.text("User name of someone to add"), key=f"member:{group.id}", max_chars=200, width=320
        ).strip()
        if st.form_submit_button(strings.text("Add")) and username:
            said = strings.text("{name} is in the group.", name=username)
            _do(desk, lambda: gateway.add_member(desk.api, group.id, username), said)
    if not members:
        st.html(f"<p>{escape_html(strings.text('Nobody is in this group.'))}</p>")
    for member in members:
        with st.container(horizontal=True, vertical_alignment="center", key=f"member-row-{member.id}"):
            st.html(f'<div class="vn-row"><bdi>{escape_html(member.username)}</bdi></div>')
            label = escape_markdown(strings.text("Take {name} out", name=member.username))
            if st.button(label, key=f"out-{group.id}-{member.id}", icon=":material/person_remove:"):
                said = strings.text("{name} is no longer in the group.", name=member.username)
                _do(desk, partial(gateway.remove_member, desk.api, group.id, member.id), said)
    if asked_first(
        strings,
        f"delete-group-{group.id}",
        strings.text("Delete the group"),
        strings.text(
            "The group {name} is deleted, and its people can no longer read the documents that are for it.",
            name=group.name,
        ),
        strings.text("Delete the group"),
        icon=":material/delete:",
    ):
        said = strings.text("The group {name} is deleted.", name=group.name)
        _do(desk, lambda: gateway.delete_group(desk.api, group.id), said)


def _do(desk: Desk, act: Callable[[], None], said: str) -> None:
    with told(desk.strings):
        act()
        forget("groups")
        forget("people:")
        say(PLACE, said)
