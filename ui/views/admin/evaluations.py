"""How well the assistant answers its tenant's own questions, run by run and variety by variety."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from ui.desk import Desk, open_desk
from ui.gateway import evaluations as gateway
from ui.gateway.evaluations import Details, Measures, Outcome, Run
from ui.gateway_errors import GatewayError
from ui.i18n import N_
from ui.views.admin.redteam import show_redteam
from ui.widgets.chart import Chart, Series, show_chart
from ui.widgets.escape import escape_html
from ui.widgets.pager import pick_page
from ui.widgets.recent import recent
from ui.widgets.table import Card, Tone, badge_html, cards_html, empty_html, heading_html, table_html, tag_html

TITLE: Final = N_("Evaluations")
INTRO: Final = N_(
    "Your own questions with known answers, asked in every variety: what is found, what is answered, and what changed."
)
_FIGURES: Final = {
    "recall@1": N_("Found first"),
    "recall@5": N_("Found among five"),
    "detected": N_("Variety told"),
    "answered": N_("Answered"),
    "right": N_("Rightly answered"),
    "false_answers": N_("Answered without need"),
}
_BAD: Final = frozenset({"false_answers"})
_CHARTED: Final = ("recall@5", "answered", "right")
_PAGE: Final = 50


def show() -> None:
    desk = open_desk(TITLE, "admin", INTRO)
    if desk is None:
        return
    try:
        runs = recent("evaluations", lambda: gateway.runs(desk.api))
        if runs:
            _show_runs(desk, runs)
        else:
            _show_empty(desk)
        show_redteam(desk)
    except GatewayError as error:
        desk.show_error(error)


def _show_empty(desk: Desk) -> None:
    strings = desk.strings
    st.html(
        empty_html(
            strings.text("No evaluation has been run yet."),
            strings.text(
                "Write questions with the documents that answer them into a file, one JSON object a line, and run this on the server:"
            ),
            f"vernacular eval questions.jsonl --answers --tenant {desk.tenant.name}",
        )
    )


def _show_runs(desk: Desk, runs: Sequence[Run]) -> None:
    strings, formats = desk.strings, desk.formats
    by_id = {run.id: run for run in runs}
    picked = st.selectbox(
        strings.text("Run"),
        list(by_id),
        format_func=lambda each: f"{by_id[each].name} · {formats.moment(by_id[each].at)}",
        key="run",
    )
    run = by_id[picked]
    found = recent(f"evaluation:{run.id}", lambda: gateway.details(desk.api, run.id))
    _show_summary(desk, run, found)
    _show_history(desk, [each for each in runs if (each.name, each.digest) == (run.name, run.digest)])
    _show_varieties(desk, run, found)
    _show_gaps(desk, run)
    _show_outcomes(desk, run, found.outcomes)


def _show_summary(desk: Desk, run: Run, found: Details) -> None:
    strings, formats = desk.strings, desk.formats
    cards = [Card(strings.text("Questions"), formats.number(run.questions))]
    for name, label in _FIGURES.items():
        value = run.overall.get(name)
        if value is not None:
            cards.append(Card(strings.text(label), formats.percent(value), *_change(desk, name, found.overall)))
    st.html(f'<h2 class="vn-hidden">{escape_html(strings.text("Figures"))}</h2>{cards_html(cards)}')
    told = [
        strings.text("{moment}, took {seconds}", moment=formats.moment(run.at), seconds=formats.duration(run.took_s)),
        strings.text("version {version}", version=run.version),
    ]
    if found.before is None:
        told.append(strings.text("the first run of these questions"))
    if not run.asked:
        told.append(strings.text("searched only; with --answers, answers are measured, too"))
    st.html(f'<p class="vn-small">{escape_html(" · ".join(told))}</p>')


def _change(desk: Desk, name: str, changed: Measures) -> tuple[str, Tone]:
    """In words, and whether it is good."""
    value = changed.get(name)
    if value is None:
        return "", ""
    if abs(value) < 0.0005:
        return desk.strings.text("as before"), ""
    tone: Tone = "good" if (value > 0) != (name in _BAD) else "bad"
    sign = "+" if value > 0 else ""
    points = f"\u2066{sign}{desk.formats.number(value * 100, 1)}\u2069"
    return desk.strings.text("{change} points since the run before", change=points), tone


def _show_history(desk: Desk, runs: Sequence[Run]) -> None:
    if len(runs) < 2:
        return
    strings, formats = desk.strings, desk.formats
    ordered = list(reversed(runs))
    series = [
        Series(strings.text(_FIGURES[name]), [run.overall.get(name) for run in ordered])
        for name in _CHARTED
        if any(run.overall.get(name) is not None for run in ordered)
    ]
    labels = [formats.moment(run.at) for run in ordered]
    ticks = [formats.date(run.at.date(), "short") for run in ordered]
    title = strings.text("Runs of these questions")
    show_chart(
        Chart("runs", title, "lines", strings.text("Run"), labels, series, formats.percent, 0.05, ticks), strings
    )


def _show_varieties(desk: Desk, run: Run, found: Details) -> None:
    strings, formats = desk.strings, desk.formats
    names = [name for name in _FIGURES if any(each.get(name) is not None for each in run.varieties.values())]
    if not names:
        return
    rows = []
    for tag, measures in run.varieties.items():
        changed = found.varieties.get(tag, {})
        cells = [_measure_html(desk, measures.get(name), changed.get(name)) for name in names]
        rows.append([tag_html(tag), formats.number(measures.get("questions") or 0), *cells])
    head = [strings.text("Variety"), strings.text("Questions"), *(strings.text(_FIGURES[name]) for name in names)]
    _heading(strings.text("By variety"))
    st.html(table_html(strings.text("Figures by variety"), head, rows, figures=True))


def _measure_html(desk: Desk, value: float | None, change: float | None) -> str:
    if value is None:
        return "–"
    shown = escape_html(desk.formats.percent(value))
    if change is None or abs(change) < 0.0005:
        return shown
    sign = "+" if change > 0 else ""
    return f'{shown} <small dir="ltr">({sign}{escape_html(desk.formats.number(change * 100, 1))})</small>'


def _show_gaps(desk: Desk, run: Run) -> None:
    strings, formats = desk.strings, desk.formats
    names = [name for name in _FIGURES if any(isinstance(gap.get(name), float) for gap in run.gaps.values())]
    if not names:
        return
    rows = []
    for tag, gap in run.gaps.items():
        values = (gap.get(name) for name in names)
        cells = ["–" if not isinstance(value, float) else formats.number(value * 100, 1) for value in values]
        rows.append([tag_html(tag), tag_html(str(gap.get("standard") or "")), *cells])
    _heading(strings.text("Gaps"))
    head = [
        strings.text("Variety"),
        strings.text("Standard wording"),
        *(strings.text(_FIGURES[name]) for name in names),
    ]
    caption = strings.text("Points by which the same questions in standard wording do better")
    st.html(table_html(caption, head, rows, figures=True, shown=True))


def _show_outcomes(desk: Desk, run: Run, outcomes: Sequence[Outcome]) -> None:
    strings = desk.strings
    _heading(strings.text("Question by question"))
    if not outcomes:
        st.html(
            f'<p class="vn-small">{escape_html(strings.text("Single questions are kept of the last 20 runs."))}</p>'
        )
        return
    if st.toggle(strings.text("Only what went wrong"), value=True, key=f"wrong:{run.id}"):
        outcomes = [each for each in outcomes if not each.well]
    if not outcomes:
        st.html(f"<p>{escape_html(strings.text('All went well.'))}</p>")
        return
    shown = pick_page(outcomes, _PAGE, strings, desk.formats, key=f"outcomes:{run.id}")
    head = [strings.text("Question"), strings.text("Variety"), strings.text("Taken for"), strings.text("Rank")]
    rows = [_outcome_row(desk, each) for each in shown]
    st.html(table_html(strings.text("Question by question"), [*head, strings.text("Answer")], rows))


def _outcome_row(desk: Desk, outcome: Outcome) -> list[str]:
    strings = desk.strings
    rank = desk.formats.number(outcome.rank) if outcome.rank else strings.text("not found")
    if not outcome.answerable:
        rank = strings.text("nothing to find")
    return [
        f"<bdi>{escape_html(outcome.qid)}</bdi>",
        tag_html(outcome.variety),
        tag_html(outcome.detected) if outcome.detected else "–",
        escape_html(rank),
        _answer_html(desk, outcome),
    ]


def _answer_html(desk: Desk, outcome: Outcome) -> str:
    strings = desk.strings
    if outcome.answered is None:
        return "–"
    if not outcome.answerable:
        wrong = badge_html(strings.text("Answered without need"), "bad")
        return wrong if outcome.answered else badge_html(strings.text("Declined"), "good")
    if not outcome.answered:
        return badge_html(strings.text("Declined"), "warn")
    return badge_html(strings.text("Right"), "good") if outcome.right else badge_html(strings.text("Wrong"), "bad")


def _heading(text: str) -> None:
    st.html(heading_html(text))
