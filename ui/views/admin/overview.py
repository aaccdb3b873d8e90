"""The dashboard's first page: how the assistant fares, what waits to be done, and whether all parts work."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import streamlit as st

from ui.desk import Desk, open_desk
from ui.gateway import figures, state
from ui.gateway.figures import Figures, Statistics
from ui.gateway.periods import Period
from ui.gateway_errors import GatewayError
from ui.i18n import N_, Strings
from ui.views.admin.words import PARTS, word
from ui.widgets.chart import show_chart
from ui.widgets.escape import escape_html
from ui.widgets.page_link import show_page_link
from ui.widgets.period_picker import pick_period
from ui.widgets.question_charts import questions_chart
from ui.widgets.recent import recent_of
from ui.widgets.table import Card, Tone, badge_html, cards_html, empty_html, heading_html, table_html

TITLE: Final = N_("Overview")
INTRO: Final = N_("How your assistant fares, and what waits for you.")
Found = TypeVar("Found")


def show() -> None:
    desk = open_desk(TITLE, "editor", INTRO)
    if desk is None:
        return
    _show(desk)


@st.fragment
def _show(desk: Desk) -> None:
    """All but the sidebar, which another period is nothing to."""
    period = pick_period(desk.strings, desk.formats.zone, "week")
    told = _ask(desk, period)
    _show_figures(desk, period, told)
    _show_waiting(desk, told)
    _show_parts(desk, told["parts"])


def _ask(desk: Desk, period: Period) -> dict[str, Any]:
    """Each by itself: what cannot be told keeps nothing else from being told."""
    api, zone = desk.api, desk.formats.zone
    of_period: dict[str, Any] = {
        "now": lambda: figures.statistics(api, period, zone),
        "before": lambda: figures.statistics(api, period.before, zone),
    }
    of_now: dict[str, Any] = {
        "parts": lambda: state.readiness(api),
        "documents": lambda: state.documents(api),
        "jobs": lambda: state.jobs(api),
        "unanswered": lambda: state.unanswered(api),
        "complaints": lambda: state.complaints(api),
    }
    by_key = {f"overview:{period}:{name}": ask for name, ask in of_period.items()}
    by_key |= {f"overview:{name}": ask for name, ask in of_now.items()}
    found = recent_of(by_key)
    return {key.rpartition(":")[2]: each for key, each in found.items()}


def _show_figures(desk: Desk, period: Period, told: dict[str, Any]) -> None:
    strings, now, before = desk.strings, told["now"], told["before"]
    if isinstance(now, GatewayError):
        desk.show_error(now)
        return
    cards = _cards(desk, now, before.total if isinstance(before, Statistics) else None)
    if isinstance(told["documents"], int):
        cards.append(Card(strings.text("Documents"), desk.formats.number(told["documents"])))
    if isinstance(told["jobs"], state.Jobs):
        cards.append(Card(strings.text("Jobs under way"), desk.formats.number(told["jobs"].unfinished)))
    st.html(f'<h2 class="vn-hidden">{escape_html(strings.text("Figures"))}</h2>{cards_html(cards)}')
    if told["documents"] == 0:
        _show_beginning(strings)
    if now.total.questions:
        show_chart(questions_chart(now, period, strings, desk.formats), strings)
    elif told["documents"] != 0:
        st.html(
            empty_html(
                strings.text("Nobody has asked anything in these days."),
                strings.text(
                    "Send people the address of the chat, put the widget on your website, or ask something yourself."
                ),
            )
        )
        show_page_link("", strings.text("Open the chat"))
    show_page_link("figures", strings.text("All figures"))


def _show_beginning(strings: Strings) -> None:
    """Whoever is asked before there are documents can only decline: the chat's address is for later."""
    why = strings.text(
        "Each assistant answers from its own documents, in its own languages, and quotes them word for word."
    )
    st.html(empty_html(strings.text("There are no documents yet."), why))
    show_page_link("documents", strings.text("Add documents"))


def _cards(desk: Desk, now: Statistics, before: Figures | None) -> list[Card]:
    strings, formats, total = desk.strings, desk.formats, now.total
    share, share_before = total.answered_share, before.answered_share if before else None
    return [
        Card(
            strings.text("Questions"),
            formats.number(total.questions),
            _than_before(desk, total.questions, before.questions if before else None),
        ),
        Card(
            strings.text("Answered"),
            "–" if share is None else formats.percent(share),
            "" if share_before is None else strings.text("before: {value}", value=formats.percent(share_before)),
            _tone(share, share_before),
        ),
        Card(
            strings.text("Declined"),
            formats.number(total.declined),
            _than_before(desk, total.declined, before.declined if before else None),
        ),
        Card(
            strings.text("Thumbs up and down"),
            f"{formats.number(total.up)} / {formats.number(total.down)}",
            strings.text("before: {value}", value=f"{formats.number(before.up)} / {formats.number(before.down)}")
            if before
            else "",
        ),
        Card(
            strings.text("95 of 100 answers within"),
            "–" if total.p95_ms is None else formats.milliseconds(total.p95_ms),
            strings.text("before: {value}", value=formats.milliseconds(before.p95_ms))
            if before and before.p95_ms is not None
            else "",
        ),
    ]


def _than_before(desk: Desk, now: int, before: int | None) -> str:
    if before is None:
        return ""
    if not before:
        return desk.strings.text("before: {value}", value=desk.formats.number(0))
    change = (now - before) / before
    sign = "+" if change > 0 else ""
    return desk.strings.text(
        "before: {value} ({change})",
        value=desk.formats.number(before),
        change=f"\u2066{sign}{desk.formats.percent(change)}\u2069",
    )


def _tone(now: float | None, before: float | None) -> Tone:
    if now is None or before is None or abs(now - before) < 0.01:
        return ""
    return "good" if now > before else "warn"


def _show_waiting(desk: Desk, told: dict[str, Any]) -> None:
    strings = desk.strings
    st.html(heading_html(strings.text("Waiting for you")))
    asked = [told[name] for name in ("unanswered", "complaints", "jobs")]
    for name, path in (("unanswered", "questions"), ("complaints", "feedback")):
        waiting = told[name]
        if isinstance(waiting, state.Waiting) and waiting.count:
            show_page_link(path, _said(desk, name, waiting))
    jobs = told["jobs"]
    if isinstance(jobs, state.Jobs) and jobs.failed:
        said = strings.plural(
            "{n} job that did not take in everything",
            "{n} jobs that did not take in everything",
            jobs.failed,
            shown=desk.formats.number(jobs.failed),
        )
        show_page_link("documents", said)
    for error in asked:
        if isinstance(error, GatewayError):
            desk.show_error(error)
            return
    if not any(each.count if isinstance(each, state.Waiting) else each.failed for each in asked):
        st.html(f'<p class="vn-small">{escape_html(strings.text("Nothing waits: all is looked after."))}</p>')


def _said(desk: Desk, name: str, waiting: state.Waiting) -> str:
    shown = desk.formats.number(waiting.count) + ("+" if waiting.more else "")
    if name == "unanswered":
        return desk.strings.plural(
            "{n} question without an answer", "{n} questions without an answer", waiting.count, shown=shown
        )
    return desk.strings.plural(
        "{n} answer with a thumb down", "{n} answers with a thumb down", waiting.count, shown=shown
    )


def _show_parts(desk: Desk, parts: Any) -> None:
    strings = desk.strings
    st.html(heading_html(strings.text("Parts of the installation")))
    if isinstance(parts, GatewayError):
        desk.show_error(parts)
        return
    rows = [
        [
            escape_html(word(strings, PARTS, part.name)),
            badge_html(strings.text("Ready"), "good") if part.ready else badge_html(strings.text("Down"), "bad"),
            f'<span lang="en" dir="auto">{escape_html(part.detail)}</span>',
        ]
        for part in parts
    ]
    head = [strings.text("Part"), strings.text("State"), strings.text("The gateway says")]
    st.html(table_html(strings.text("Parts of the installation"), head, rows))
