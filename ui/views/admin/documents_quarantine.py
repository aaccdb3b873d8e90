"""What could not be read: why, and what to do about each."""

from __future__ import annotations

import streamlit as st

from ui.desk import Desk
from ui.gateway import jobs as gateway
from ui.gateway.jobs import Quarantined
from ui.views.admin.documents_jobs import show_retry
from ui.views.admin.documents_words import NEEDS_ANOTHER, problem_words
from ui.widgets.cursors import turn_cursor
from ui.widgets.escape import escape_html
from ui.widgets.recent import recent
from ui.widgets.table import empty_html


def show_quarantine(desk: Desk) -> None:
    strings = desk.strings
    st.html(f'<h2 class="vn-hidden">{escape_html(strings.text("Could not be read"))}</h2>')
    cursor, draw_pager = turn_cursor(strings, desk.formats, "quarantine")
    found = recent(f"quarantine:{cursor}", lambda: gateway.quarantine(desk.api, cursor), seconds=5)
    if not found.page:
        text = strings.text(
            "What cannot be read is set aside and named here with its reason; everything else comes in."
        )
        st.html(empty_html(strings.text("Everything that was sent could be read."), text))
        return
    said = strings.text(
        "These are not among the documents. Nothing else is affected, and each leaves this list when it comes in."
    )
    st.html(f"<p>{escape_html(said)}</p>")
    for number, item in enumerate(found.page):
        with st.container(key=f"set-aside-{number}", border=True):
            _show_item(desk, item, number)
    draw_pager(found.next_cursor)


def _show_item(desk: Desk, item: Quarantined, number: int) -> None:
    strings, formats = desk.strings, desk.formats
    what, then = problem_words(strings, item.problem.name)
    name = item.problem.source_id or strings.text("The whole job")
    about = [formats.ago(item.created_at)]
    if item.source:
        about.append(strings.text("source {name}", name=item.source))
    st.html(
        f'<div class="vn-row"><h3 class="vn-job-name"><bdi>{escape_html(name)}</bdi></h3>'
        f'<p class="vn-small">{escape_html(" · ".join(about))}</p></div>'
        f"<p><b>{escape_html(what)}</b> {escape_html(then)}</p>"
        f'<p class="vn-small" lang="en" dir="ltr">{escape_html(item.problem.message)}</p>'
    )
    if item.problem.name not in NEEDS_ANOTHER:
        show_retry(desk, item.job_id, name, may=item.can_retry, key=f"{item.job_id}-{number}")
