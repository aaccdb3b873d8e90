"""The tenant's audit log: who did what and when, and whether nobody has changed it since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import streamlit as st

from ui.desk import Desk, open_desk
from ui.gateway import audit as gateway
from ui.gateway import people
from ui.gateway.audit import Entry, Verdict, Wanted
from ui.gateway_errors import GatewayError
from ui.i18n import N_
from ui.views.admin.words import KINDS, ROLES, word
from ui.widgets.escape import escape_html
from ui.widgets.pager import turn_page
from ui.widgets.recent import recent
from ui.widgets.table import badge_html, empty_html, facts_html, heading_html, table_html

TITLE: Final = N_("Audit log")
INTRO: Final = N_(
    "Who did what and when. Every entry is chained to the one before and signed; reading here is an entry too."
)
_PAGE: Final = 50
_CHECKPOINTS: Final = 20
_MOST_CHARS: Final = 400
_EVENTS: Final = {
    "": N_("All"),
    "chat.": N_("Questions and answers"),
    "search.": N_("Searches"),
    "feedback.": N_("Feedback"),
    "document.": N_("Documents"),
    "job.": N_("Jobs"),
    "approved.": N_("Approved answers"),
    "conversation.": N_("Conversations"),
    "login.": N_("Sign-ins"),
    "user.": N_("Accounts"),
    "group.": N_("Groups"),
    "key.": N_("API keys"),
    "widget.": N_("Widgets"),
    "settings.": N_("Settings"),
    "prompt.": N_("Prompts"),
    "adapter.": N_("Adapters"),
    "quotas.": N_("Quotas"),
    "safety.": N_("Safety policy"),
    "person.": N_("Erasures"),
    "audit.": N_("The log itself"),
}
_SYSTEMS: Final = {"system": N_("The system"), "operator": N_("Operator"), "anonymous": N_("Unknown")}


def show() -> None:
    desk = open_desk(TITLE, "admin", INTRO)
    if desk is None:
        return
    _show_verification(desk)
    st.html(heading_html(desk.strings.text("Entries")))
    try:
        wanted = _pick(desk)
        if wanted is not None:
            _show_entries(desk, wanted)
        _show_checkpoints(desk)
    except GatewayError as error:
        desk.show_error(error)


def _show_verification(desk: Desk) -> None:
    strings = desk.strings
    with st.container(horizontal=True):
        if st.button(strings.text("Verify the log"), key="verify", icon=":material/verified_user:", type="primary"):
            with st.spinner(strings.text("Verifying …")):
                _verify(desk)
        st.download_button(
            strings.text("Download the log"),
            lambda: gateway.export(desk.api),
            file_name=f"audit-{desk.tenant.name}.zip",
            mime="application/zip",
            key="export",
            icon=":material/download:",
        )
    if verdict := st.session_state.get("audit:verdict"):
        _show_verdict(desk, *verdict)


def _verify(desk: Desk) -> None:
    try:
        st.session_state["audit:verdict"] = (gateway.verify(desk.api), datetime.now(desk.formats.zone))
    except GatewayError as error:
        st.session_state.pop("audit:verdict", None)
        desk.show_error(error)


def _show_verdict(desk: Desk, verdict: Verdict, at: datetime) -> None:
    strings, formats = desk.strings, desk.formats
    last = verdict.first + verdict.entries - 1
    checked = [
        (
            strings.text("Chain"),
            strings.plural("{n} entry", "{n} entries", verdict.entries, shown=formats.number(verdict.entries))
            + (f" ({formats.number(verdict.first)} – {formats.number(last)})" if verdict.entries else ""),
        ),
        (
            strings.text("Signatures"),
            strings.plural(
                "{n} checkpoint, up to entry {last}",
                "{n} checkpoints, up to entry {last}",
                verdict.checkpoints,
                shown=formats.number(verdict.checkpoints),
                last=formats.number(verdict.signed),
            ),
        ),
        (
            strings.text("Copies of checkpoints"),
            formats.number(verdict.witnesses) if verdict.witnesses else strings.text("none kept on another disk"),
        ),
        (strings.text("Verified"), formats.moment(at, "medium")),
    ]
    said = strings.text("The log is whole.") if verdict.whole else strings.text("The log was changed!")
    kind = "vn-whole" if verdict.whole else "vn-error"
    told = "".join(f'<li lang="en" dir="auto">{escape_html(each)}</li>' for each in (*verdict.findings, *verdict.notes))
    facts = facts_html([(label, escape_html(value)) for label, value in checked])
    st.html(
        f'<div class="vn-box {kind}" role="status"><div class="vn-box-title">{escape_html(said)}</div>{facts}'
        f"{f'<ul>{told}</ul>' if told else ''}</div>"
    )


def _pick(desk: Desk) -> Wanted | None:
    """None: there is nobody of that name."""
    strings = desk.strings
    names = {name: strings.text(text) for name, text in _EVENTS.items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        event = st.selectbox(
            strings.text("Event"), list(names), format_func=lambda each: names.get(each, each), key="event", width=230
        )
        person = st.text_input(strings.text("Person, by user name"), key="person", width=230).strip()
        day = st.date_input(strings.text("Day"), value=None, key="day", width=170)
        whole = st.toggle(strings.text("With names and what was written"), key="content")
    wanted = _of_day(desk, day, Wanted(event=event or "", content=whole))
    if not person:
        return wanted
    try:
        account = recent(f"audit:person:{person}", lambda: people.find_user(desk.api, person))
    except GatewayError as error:
        if error.problem not in ("unknown_user", "not_found"):
            raise
        st.html(f'<p role="status">{escape_html(strings.text("Nobody here has that user name."))}</p>')
        return None
    return replace(wanted, actor=account.id)


def _of_day(desk: Desk, day: Any, wanted: Wanted) -> Wanted:
    if not isinstance(day, date):
        return wanted
    since = datetime.combine(day, time(), desk.formats.zone)
    return replace(wanted, since=since, until=datetime.combine(day + timedelta(1), time(), desk.formats.zone))


def _show_entries(desk: Desk, wanted: Wanted) -> None:
    strings = desk.strings
    cursors = _cursors(wanted)
    place = min(int(st.session_state.get("audit:page", 1)), len(cursors))
    page = recent(
        f"audit:{wanted}:{cursors[place - 1]}", lambda: gateway.entries(desk.api, wanted, _PAGE, cursors[place - 1])
    )
    if not page.entries:
        title = strings.text("The log has no such entries.")
        st.html(empty_html(title, strings.text("Choose another event, person or day.")))
        return
    if page.next_before is not None and place == len(cursors):
        cursors.append(page.next_before)
    head = [strings.text("Moment"), strings.text("Event"), strings.text("Who"), strings.text("Details")]
    st.html(table_html(strings.text("Entries"), head, [_row(desk, each) for each in page.entries]))
    if len(cursors) > 1:
        turn_page(place, place < len(cursors), strings, desk.formats, key="audit:page")


def _cursors(wanted: Wanted) -> list[int | None]:
    """Where the pages that were seen begin; another question begins anew."""
    held: tuple[Wanted, list[int | None]] | None = st.session_state.get("audit:cursors")
    if held is None or held[0] != wanted:
        held = (wanted, [None])
        st.session_state["audit:cursors"] = held
        st.session_state["audit:page"] = 1
    return held[1]


def _row(desk: Desk, entry: Entry) -> list[str]:
    decision = "" if entry.decision in ("", "allowed", "allow") else f" {badge_html(entry.decision, 'warn')}"
    moment = f'<span class="vn-nowrap">{escape_html(desk.formats.moment(entry.at))}</span>'
    return [
        f"{moment}<br><small>{escape_html(desk.formats.number(entry.number))}</small>",
        f'<code class="vn-nowrap" dir="ltr">{escape_html(entry.event)}</code>{decision}',
        _who_html(desk, entry),
        f"{_pairs_html(entry.facts)}{_pairs_html(entry.content)}",
    ]


def _who_html(desk: Desk, entry: Entry) -> str:
    strings = desk.strings
    kind = word(strings, {**KINDS, **_SYSTEMS}, entry.kind)
    of = f"{kind}, {word(strings, ROLES, entry.role)}" if entry.role in ROLES else kind
    who = entry.name or (entry.actor[:12] if entry.actor else "")
    return f'<div class="vn-who"><bdi>{escape_html(who)}</bdi>{"<br>" if who else ""}<small>{escape_html(of)}</small></div>'


def _pairs_html(told: Mapping[str, Any]) -> str:
    pairs = [(name, _value(value)) for name, value in told.items() if value not in (None, "", [], {})]
    return "".join(
        f'<div class="vn-pair"><span dir="ltr">{escape_html(name)}</span> <bdi>{escape_html(value)}</bdi></div>'
        for name, value in pairs
    )


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_CHARS else f"{text[:_MOST_CHARS]}…"


def _show_checkpoints(desk: Desk) -> None:
    strings, formats = desk.strings, desk.formats
    st.html(heading_html(strings.text("Checkpoints")))
    found = recent("audit:checkpoints", lambda: gateway.checkpoints(desk.api, _CHECKPOINTS))
    if not found:
        text = strings.text("The gateway signs the log now and then, and whenever it is verified.")
        st.html(empty_html(strings.text("There is no checkpoint yet."), text))
        return
    rows = [
        [
            escape_html(formats.moment(each.at)),
            escape_html(formats.number(each.size)),
            f'<code dir="ltr">{escape_html(each.root)}</code>',
            f'<code dir="ltr">{escape_html(each.key)}</code>',
        ]
        for each in found
    ]
    head = [strings.text("Moment"), strings.text("Entries"), strings.text("Root"), strings.text("Signed with")]
    caption = strings.text(
        "The last signed heads of the log. Keep copies elsewhere: they show a log that was written anew."
    )
    st.html(table_html(caption, head, rows, shown=True))
