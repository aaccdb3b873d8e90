"""Jobs: bars of those under way, and what came of those that have ended."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.desk import Desk
from ui.gateway import jobs as gateway
from ui.gateway.jobs import Job
from ui.gateway_errors import GatewayError
from ui.views.admin.documents_words import STATES, TONES, job_name, problem_words, stage_words
from ui.views.admin.words import word
from ui.widgets.cursors import turn_cursor
from ui.widgets.escape import escape_html, escape_markdown
from ui.widgets.recent import forget, recent
from ui.widgets.saying import say
from ui.widgets.table import badge_html, empty_html

PLACE: Final = "documents"
_EVERY_S: Final = 1.0
_LOOKED_AT: Final = 20
_PAGE: Final = 15
_WATCHED: Final = "documents:watched"


def watch(job_id: str) -> None:
    """Have this job followed, also if it ends before anybody looks."""
    st.session_state.setdefault(_WATCHED, []).append(job_id)
    forget("jobs")


def show_running(desk: Desk) -> None:
    """Bars of the jobs under way, which move by themselves; nothing, and no timer, where there are none."""
    known = recent("jobs:running", lambda: _running(desk), seconds=5)
    if not known and not st.session_state.get(_WATCHED):
        return

    @st.fragment(run_every=_EVERY_S)
    def bars() -> None:
        try:
            running = _running(desk)
        except GatewayError as error:
            desk.show_error(error)
            return
        watched: list[str] = st.session_state.setdefault(_WATCHED, [])
        live = {each.id for each in running}
        ended = [each for each in watched if each not in live]
        if ended:
            _tell_ended(desk, ended, running)
        st.session_state[_WATCHED] = [each.id for each in running]
        if not running:
            _refresh()
            st.rerun()
        title = desk.strings.plural(
            "{n} job under way", "{n} jobs under way", len(running), shown=desk.formats.number(len(running))
        )
        st.html(f'<h2 class="vn-heading">{escape_html(title)}</h2>')
        for job in running:
            _show_bar(desk, job)

    bars()


def _running(desk: Desk) -> tuple[Job, ...]:
    return tuple(each for each in gateway.jobs(desk.api, limit=_LOOKED_AT).page if not each.ended)


def _tell_ended(desk: Desk, ended: list[str], running: tuple[Job, ...]) -> None:
    """What came of them, in one sentence each, with all of the page anew."""
    try:
        found = [gateway.job(desk.api, each) for each in ended]
    except GatewayError:
        return
    st.session_state[_WATCHED] = [each.id for each in running]
    _refresh()
    say(PLACE, " ".join(_ending(desk, job) for job in found))


def _refresh() -> None:
    for name in ("jobs", "documents:", "sources", "quarantine"):
        forget(name)


def _ending(desk: Desk, job: Job) -> str:
    strings, name, number = desk.strings, job_name(desk, job), desk.formats.number
    if job.state == "succeeded":
        return strings.plural(
            "{name} is in: {n} document.",
            "{name} is in: {n} documents.",
            job.done,
            shown=number(job.done),
            name=name,
        )
    if job.state == "cancelled":
        return strings.text("{name} was cancelled; what came in before stays.", name=name)
    if job.state == "failed":
        return strings.text("{name} could not be taken in. “Could not be read” tells why.", name=name)
    told = strings.plural(
        "{n} item of {name} could not be read. “Could not be read” tells why.",
        "{n} items of {name} could not be read. “Could not be read” tells why.",
        job.failed,
        shown=number(job.failed),
        name=name,
    )
    return f"{told} {strings.text('The rest is in.')}" if job.done > job.failed else told


def _show_bar(desk: Desk, job: Job) -> None:
    strings = desk.strings
    with st.container(key=f"bar-{job.id}", border=True):
        st.html(_bar_html(desk, job))
        label = strings.text("Cancel {name}", name=job_name(desk, job))
        disabled = job.cancel_requested
        if st.button(escape_markdown(label), key=f"cancel-{job.id}", icon=":material/cancel:", disabled=disabled):
            try:
                gateway.cancel(desk.api, job.id)
            except GatewayError as error:
                desk.show_error(error)


def _bar_html(desk: Desk, job: Job) -> str:
    strings, formats = desk.strings, desk.formats
    name = job_name(desk, job)
    told = [stage_words(strings, job)]
    value = ""
    if job.total:
        value = f' value="{min(job.done, job.total)}" max="{job.total}"'
        told.append(strings.text("{done} of {total}", done=formats.number(job.done), total=formats.number(job.total)))
    if job.eta_s:
        told.append(strings.text("about {time} left", time=formats.duration(job.eta_s)))
    if job.failed:
        failed = formats.number(job.failed)
        told.append(strings.plural("{n} could not be read", "{n} could not be read", job.failed, shown=failed))
    label = escape_html(strings.text("Progress of {name}", name=name))
    return (
        f'<div class="vn-job"><p class="vn-job-name"><bdi>{escape_html(name)}</bdi> '
        f'<span class="vn-soft"><bdi>{escape_html(job.source)}</bdi></span></p>'
        f'<progress aria-label="{label}"{value}></progress>'
        f'<p class="vn-small">{escape_html(" · ".join(told))}</p></div>'
    )


def show_jobs(desk: Desk) -> None:
    strings = desk.strings
    st.html(f'<h2 class="vn-hidden">{escape_html(strings.text("Jobs"))}</h2>')
    cursor, draw_pager = turn_cursor(strings, desk.formats, "jobs")
    found = recent(f"jobs:{cursor}", lambda: gateway.jobs(desk.api, cursor, _PAGE), seconds=5)
    if not found.page:
        text = strings.text("Whatever is sent becomes a job. Add documents, and see here what became of them.")
        st.html(empty_html(strings.text("Nothing was sent yet."), text))
    for job in found.page:
        with st.container(key=f"job-{job.id}", border=True):
            _show_job(desk, job)
    draw_pager(found.next_cursor)


def _show_job(desk: Desk, job: Job) -> None:
    strings, formats = desk.strings, desk.formats
    badge = badge_html(word(strings, STATES, job.state), TONES.get(job.state, ""))
    told = [formats.ago(job.created_at)]
    if job.source:
        told.append(strings.text("source {name}", name=job.source))
    if job.ended:
        done = job.done - job.failed
        told.append(strings.plural("{n} document", "{n} documents", done, shown=formats.number(done)))
    if job.failed:
        failed = formats.number(job.failed)
        told.append(strings.plural("{n} could not be read", "{n} could not be read", job.failed, shown=failed))
    st.html(
        f'<div class="vn-row"><div><bdi><b>{escape_html(job_name(desk, job))}</b></bdi> {badge}</div>'
        f'<p class="vn-small">{escape_html(" · ".join(told))}</p></div>'
    )
    unwell = job.ended and job.state != "succeeded"
    if not unwell and not job.can_retry:
        return
    with st.container(horizontal=True):
        if unwell and st.button(
            escape_markdown(strings.text("What happened to {name}", name=job_name(desk, job))),
            key=f"why-{job.id}",
            icon=":material/info:",
        ):
            _show_reasons(desk, job)
        if unwell:
            show_retry(desk, job.id, job_name(desk, job), may=job.can_retry)


def show_retry(desk: Desk, job_id: str, name: str, *, may: bool, key: str = "") -> None:
    """A button, or where it cannot be run again a word on what to do instead. `key`: tells several buttons for one job apart."""
    strings = desk.strings
    if not may:
        said = strings.text("To try again, send it anew: what was sent is no longer held.")
        st.html(f'<p class="vn-small">{escape_html(said)}</p>')
        return
    label = escape_markdown(strings.text("Run {name} again", name=name))
    if st.button(label, key=f"retry-{key or job_id}", icon=":material/replay:"):
        try:
            watch(gateway.retry(desk.api, job_id))
        except GatewayError as error:
            desk.show_error(error)
            return
        forget("quarantine")
        say(PLACE, strings.text("{name} is run again.", name=name))


def _show_reasons(desk: Desk, job: Job) -> None:
    strings = desk.strings

    @st.dialog(escape_markdown(job_name(desk, job)), width="medium")
    def panel() -> None:
        try:
            told = gateway.job(desk.api, job.id)
        except GatewayError as error:
            desk.show_error(error)
            return
        if not told.problems:
            st.html(f"<p>{escape_html(strings.text('It was stopped before anything went wrong.'))}</p>")
        for problem in told.problems[:100]:
            what, then = problem_words(strings, problem.name)
            name = f"<bdi><b>{escape_html(problem.source_id)}</b></bdi> " if problem.source_id else ""
            st.html(
                f'<div class="vn-box vn-decline"><p>{name}{escape_html(what)}</p>'
                f'<p class="vn-small" lang="en" dir="ltr">{escape_html(problem.message)}</p>'
                f"<p>{escape_html(then)}</p></div>"
            )

    panel()
