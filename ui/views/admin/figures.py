"""Usage and quality over time, by whom and in which languages; to be looked at, and taken away as a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import streamlit as st

from ui.desk import Desk, open_desk
from ui.gateway import figures
from ui.gateway.figures import Statistics, TagFigures, Usage, Used
from ui.gateway.periods import Period
from ui.gateway_errors import GatewayError
from ui.i18n import N_
from ui.views.admin.words import KINDS, MODES, REASONS, word
from ui.widgets.chart import Chart, Series, show_chart
from ui.widgets.escape import escape_html
from ui.widgets.page_link import show_page_link
from ui.widgets.period_picker import pick_period
from ui.widgets.question_charts import latency_chart, questions_chart, short_day
from ui.widgets.recent import recent_of
from ui.widgets.spreadsheet import Cell, csv_bytes
from ui.widgets.table import Card, cards_html, empty_html, heading_html, table_html, tag_html

TITLE: Final = N_("Figures")
INTRO: Final = N_("What people ask, what they get, how long it takes, and who uses how much.")
_MOST_ROWS: Final = 50


def show() -> None:
    desk = open_desk(TITLE, "editor", INTRO)
    if desk is None:
        return
    _show(desk)


@st.fragment
def _show(desk: Desk) -> None:
    """All but the sidebar, which another period is nothing to."""
    period = pick_period(desk.strings, desk.formats.zone)
    quality, usage = f"figures:{period}", f"usage:{period}"
    asks: dict[str, Any] = {quality: lambda: figures.statistics(desk.api, period, desk.formats.zone)}
    if desk.may("admin"):
        asks[usage] = lambda: figures.usage(desk.api, period)
    told = recent_of(asks)
    _show_quality(desk, period, told[quality])
    if usage in told:
        _show_usage(desk, period, told[usage])


def _show_quality(desk: Desk, period: Period, found: Statistics | GatewayError) -> None:
    strings, formats = desk.strings, desk.formats
    _heading(strings.text("Questions and answers"))
    if isinstance(found, GatewayError):
        desk.show_error(found)
        return
    if not found.total.questions:
        _show_empty(desk)
        return
    st.html(cards_html(_cards(desk, found)))
    show_chart(questions_chart(found, period, strings, formats), strings)
    if found.total.p50_ms is not None:
        show_chart(latency_chart(found, period, strings, formats), strings)
    _show_kinds(desk, found)
    if found.kept_days:
        said = strings.plural(
            "Conversations are kept for {n} day; older ones are in no figure.",
            "Conversations are kept for {n} days; older ones are in no figure.",
            found.kept_days,
            shown=formats.number(found.kept_days),
        )
        st.html(f'<p class="vn-small">{escape_html(said)}</p>')
    st.download_button(
        strings.text("Download as CSV"),
        lambda: _quality_csv(found),
        file_name=f"{desk.tenant.name}-questions-{period.since}-{period.until}.csv",
        mime="text/csv",
        key="questions-csv",
        icon=":material/download:",
    )


def _show_empty(desk: Desk) -> None:
    strings = desk.strings
    st.html(
        empty_html(
            strings.text("Nobody has asked anything in these days."),
            strings.text("Choose a longer period, or ask something in the chat: figures are there at once."),
        )
    )
    show_page_link("", strings.text("Open the chat"))


def _cards(desk: Desk, found: Statistics) -> list[Card]:
    strings, formats, total = desk.strings, desk.formats, found.total
    share = total.answered_share
    times = [
        Card(label, formats.milliseconds(value))
        for label, value in (
            (strings.text("First text (median)"), total.first_p50_ms),
            (strings.text("Whole answer (median)"), total.p50_ms),
            (strings.text("95 of 100 within"), total.p95_ms),
        )
        if value is not None
    ]
    return [
        Card(strings.text("Questions"), formats.number(total.questions)),
        Card(
            strings.text("Answered"), "–" if share is None else formats.percent(share), formats.number(total.answered)
        ),
        Card(strings.text("Approved answers"), formats.number(total.approved)),
        Card(strings.text("Declined"), formats.number(total.declined)),
        Card(strings.text("Refused by the safety policy"), formats.number(total.refused)),
        Card(strings.text("Thumbs up and down"), f"{formats.number(total.up)} / {formats.number(total.down)}"),
        *times,
    ]


def _show_kinds(desk: Desk, found: Statistics) -> None:
    strings = desk.strings
    left, right = st.columns(2)
    with left:
        _show_tags(desk, strings.text("Languages"), found.languages)
        _show_tags(desk, strings.text("Dialects"), found.dialects)
    with right:
        reasons = [(word(strings, REASONS, name), count) for name, count in found.reasons]
        _show_counts(desk, strings.text("Why there was no answer"), reasons)
        modes = [(word(strings, MODES, name), count) for name, count in found.modes]
        _show_counts(desk, strings.text("How answers were made"), modes)


def _show_tags(desk: Desk, title: str, tags: Sequence[TagFigures]) -> None:
    strings, formats = desk.strings, desk.formats
    if not tags:
        return
    rows = [
        [
            tag_html(each.tag),
            formats.number(each.questions),
            formats.percent(each.answered / each.questions),
        ]
        for each in tags[:_MOST_ROWS]
    ]
    head = [title, strings.text("Questions"), strings.text("Answered")]
    st.html(table_html(title, head, rows, figures=True))


def _show_counts(desk: Desk, title: str, counts: Sequence[tuple[str, int]]) -> None:
    if counts:
        rows = [[escape_html(name), desk.formats.number(count)] for name, count in counts[:_MOST_ROWS]]
        st.html(table_html(title, [title, desk.strings.text("Count")], rows, figures=True))


def _show_usage(desk: Desk, period: Period, found: Usage | GatewayError) -> None:
    strings, formats = desk.strings, desk.formats
    _heading(strings.text("Usage"))
    if isinstance(found, GatewayError):
        desk.show_error(found)
        return
    if not found.days:
        text = strings.text("Make an API key or an account, and use it: what it uses is told here within seconds.")
        st.html(empty_html(strings.text("Nothing was used in these days."), text))
        show_page_link("keys", strings.text("Keys and widgets"))
        return
    st.html(
        cards_html(
            [
                Card(strings.text("Requests"), formats.number(found.requests)),
                Card(strings.text("Refused for want of quota"), formats.number(found.refused)),
                Card(strings.text("Tokens"), formats.number(found.tokens)),
            ]
        )
    )
    if period.days > 1:
        show_chart(_usage_chart(desk, period, found), strings)
    _show_principals(desk, found)
    st.download_button(
        strings.text("Download as CSV"),
        lambda: _usage_csv(found),
        file_name=f"{desk.tenant.name}-usage-{period.since}-{period.until}.csv",
        mime="text/csv",
        key="usage-csv",
        icon=":material/download:",
    )


def _usage_chart(desk: Desk, period: Period, found: Usage) -> Chart:
    strings, formats = desk.strings, desk.formats
    days = [period.since + timedelta(number) for number in range(period.days)]
    by_kind = [
        Series(
            strings.text(name),
            [sum(row.requests for row in found.days if row.day == day and row.kind == kind) for day in days],
        )
        for kind, name in KINDS.items()
        if any(row.kind == kind for row in found.days)
    ]
    labels = [formats.date(day) for day in days]
    return Chart(
        "usage",
        strings.text("Requests by day (UTC)"),
        "bars",
        strings.text("Day"),
        labels,
        by_kind,
        formats.number,
        ticks=[short_day(day, formats) for day in days],
    )


def _show_principals(desk: Desk, found: Usage) -> None:
    strings, formats = desk.strings, desk.formats
    sums: dict[str, list[Used]] = {}
    for row in found.days:
        sums.setdefault(row.principal, []).append(row)
    ordered = sorted(sums.values(), key=lambda rows: -sum(row.requests for row in rows))
    rows = [
        [
            f"<bdi>{escape_html(of[0].name or strings.text('Deleted'))}</bdi> "
            f"<small>{escape_html(word(strings, KINDS, of[0].kind))}</small>",
            formats.number(sum(row.requests for row in of)),
            formats.number(sum(row.refused for row in of)),
            formats.number(sum(row.tokens for row in of)),
        ]
        for of in ordered[:_MOST_ROWS]
    ]
    title = strings.text("By person, key and widget")
    head = [strings.text("Name"), strings.text("Requests"), strings.text("Refused")]
    st.html(table_html(title, [*head, strings.text("Tokens")], rows, figures=True, shown=True))


def _heading(text: str) -> None:
    st.html(heading_html(text))


_POINT: Final = ("questions", "answered", "declined", "approved", "refused", "up", "down", "p50_ms", "p95_ms")


def _quality_csv(found: Statistics) -> bytes:
    """Named as the gateway names them, for programs; so are the numbers."""
    names = (*_POINT, "first_p50_ms")
    rows = [[point.at.isoformat(), *(getattr(point.figures, name) for name in names)] for point in found.series]
    return csv_bytes(["at", *names], rows)


def _usage_csv(found: Usage) -> bytes:
    names = ("day", "principal", "kind", "name", "requests", "refused", "total_tokens")
    rows: list[list[Cell]] = [
        [row.day.isoformat(), row.principal, row.kind, row.name, row.requests, row.refused, row.tokens]
        for row in found.days
    ]
    return csv_bytes(names, rows)
