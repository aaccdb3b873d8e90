"""What the assistant could not answer: like questions together, and the short way to an answer or to a document that is missing."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.desk import Desk, open_desk
from ui.gateway import quality
from ui.gateway.quality import Cluster, Clusters
from ui.gateway_errors import GatewayError
from ui.i18n import N_
from ui.i18n.languages import language_name
from ui.navigation import pages
from ui.views.admin import approved_form
from ui.views.admin.approved_form import QUESTION_CHARS, Draft
from ui.views.admin.words import word
from ui.widgets.escape import escape_html, escape_markdown
from ui.widgets.page_link import go_to_page
from ui.widgets.part import show_look, told
from ui.widgets.recent import forget, recent
from ui.widgets.saying import say, show_said
from ui.widgets.table import badge_html, empty_html, tag_html
from ui.widgets.wanted import want_document

_KNOWN: Final = "questions:"
_PAGE: Final = "questions"
_DAYS: Final = (7, 30, 90, 365)
_STEP: Final = 20
_SHOWN: Final = "questions-shown"
_WORDINGS, _LONGEST = 40, 300
"""Ways of asking that the form begins with, and their length: what is longer tells a story."""
_OUTCOMES: Final = {
    "approved": N_("An answer was approved"),
    "document": N_("A document was missing"),
    "dismissed": N_("Dismissed"),
}


def show() -> None:
    desk = open_desk(
        N_("Unanswered questions"),
        "editor",
        N_(
            "What people asked and the documents did not answer. Like questions stand together, those asked most first."
        ),
    )
    if desk is None:
        return
    show_look()
    strings = desk.strings
    with st.container(horizontal=True, vertical_alignment="bottom", key="questions-tools"):
        days = st.selectbox(
            strings.text("Period"),
            _DAYS,
            index=_DAYS.index(30),
            format_func=lambda each: strings.plural("The last day", "The last {n} days", each),
            key="questions-days",
        )
        handled = st.segmented_control(
            strings.text("Show"),
            [False, True],
            default=False,
            required=True,
            format_func=lambda each: strings.text("Dealt with") if each else strings.text("Open"),
            key="questions-handled",
        )
    show_said(_PAGE)
    shown, is_handled = st.session_state.get(_SHOWN, _STEP), bool(handled)
    try:
        found = recent(
            f"{_KNOWN}{days}:{is_handled}:{shown}",
            lambda: quality.unanswered(desk.api, int(days), handled=is_handled, limit=shown),
        )
    except GatewayError as error:
        desk.show_error(error)
        return
    _show(desk, found, handled=is_handled)


def _show(desk: Desk, found: Clusters, *, handled: bool) -> None:
    strings = desk.strings
    if not found.clusters:
        nothing = (
            (
                strings.text("Nothing was dealt with in this period."),
                strings.text("What you answer, send on or dismiss among the open questions is kept here."),
            )
            if handled
            else (
                strings.text("No open questions in this period."),
                strings.text("Each question that the assistant declines to answer appears here by itself."),
            )
        )
        st.html(empty_html(*nothing))
        return
    count = strings.plural("{n} question", "{n} questions", found.total)
    groups = strings.plural("in {n} group", "in {n} groups", found.groups)
    more = f" {strings.text('Older ones of this period are not looked at.')}" if found.more else ""
    st.html(f'<p class="vn-part-intro" role="status">{escape_html(f"{count} {groups}.{more}")}</p>')
    for cluster in found.clusters:
        _show_cluster(desk, cluster, handled=handled)
    if found.groups > len(found.clusters):
        st.button(strings.text("Show more"), key="questions-more", on_click=_more)


def _more() -> None:
    st.session_state[_SHOWN] = min(st.session_state.get(_SHOWN, _STEP) + _STEP, 100)


def _show_cluster(desk: Desk, cluster: Cluster, *, handled: bool) -> None:
    strings = desk.strings
    with st.container(border=True, key=f"cluster-{cluster.id}"):
        st.html(_head_html(desk, cluster))
        with st.expander(strings.text("How it was asked"), key=f"asked-{cluster.id}"):
            st.html(_wordings_html(desk, cluster))
        with st.container(horizontal=True, key=f"do-{cluster.id}"):
            if handled:
                if _button(cluster, strings.text("Reopen"), "reopen", ":material/undo:"):
                    _review(desk, cluster, None, strings.text("The question is open again."))
                return
            if _button(cluster, strings.text("Write the approved answer"), "answer", ":material/edit_note:", main=True):
                _write(cluster)
            if _button(cluster, strings.text("A document is missing"), "document", ":material/note_add:"):
                _send_for_document(desk, cluster)
            if _button(cluster, strings.text("Dismiss"), "dismiss", ":material/close:"):
                _review(desk, cluster, "dismissed", strings.text("Dismissed. It stands among what was dealt with."))


def _head_html(desk: Desk, cluster: Cluster) -> str:
    strings = desk.strings
    asked = strings.plural("asked once", "asked {n} times", cluster.count)
    last = strings.text("last {when}", when=desk.formats.ago(cluster.last_at))
    badges = [badge_html(asked, "warn" if cluster.count > 1 else ""), badge_html(last)]
    if cluster.outcome:
        badges.append(badge_html(word(strings, _OUTCOMES, cluster.outcome), "good"))
    badges += [f'<span class="vn-badge">{tag_html(tag)}</span>' for tag in cluster.dialects]
    near = ""
    if cluster.near:
        titles = "".join(f'<li dir="auto">{escape_html(title)}</li>' for _, title in cluster.near)
        near = f'<p>{escape_html(strings.text("Nearest documents"))}</p><ul class="vn-wordings">{titles}</ul>'
    return (
        f'<h2 class="vn-part" dir="auto" lang="{escape_html(cluster.language)}">{escape_html(cluster.question)}</h2>'
        f"<p>{' '.join(badges)}</p>{near}"
    )


def _wordings_html(desk: Desk, cluster: Cluster) -> str:
    rows = [
        f'<li><span dir="auto">{escape_html(each.text)}</span> '
        f"<small>{escape_html(desk.formats.moment(each.created_at))}"
        f"{' · ' + escape_html(language_name(each.dialect)) if each.dialect else ''}</small></li>"
        for each in cluster.wordings
    ]
    return f'<ul class="vn-wordings">{"".join(rows)}</ul>'


def _button(cluster: Cluster, label: str, name: str, icon: str, *, main: bool = False) -> bool:
    """Named also by what it is of, for those who hear the page."""
    return st.button(
        escape_markdown(label),
        key=f"{name}-{cluster.id}",
        icon=icon,
        type="primary" if main else "secondary",
        help=escape_markdown(cluster.question[:120]),
    )


def _write(cluster: Cluster) -> None:
    wordings = dict.fromkeys(each.text for each in cluster.wordings if each.text != cluster.question)
    short = [text for text in wordings if len(text) <= _LONGEST][:_WORDINGS]
    approved_form.begin(
        Draft(question=cluster.question[:QUESTION_CHARS], variants=tuple(short), message_ids=cluster.message_ids)
    )
    go_to_page("approved")


def _send_for_document(desk: Desk, cluster: Cluster) -> None:
    with told(desk.strings):
        quality.review(desk.api, cluster.message_ids, "document")
        forget(_KNOWN)
        want_document(cluster.question)
        if "documents" in pages():
            st.session_state["documents:part"] = "add"
            go_to_page("documents")
        say(_PAGE, desk.strings.text("Noted. Send the document that answers it, and ask again."))


def _review(desk: Desk, cluster: Cluster, outcome: str | None, said: str) -> None:
    with told(desk.strings):
        quality.review(desk.api, cluster.message_ids, outcome)
        forget(_KNOWN)
        say(_PAGE, said)
