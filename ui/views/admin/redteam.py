"""Runs of attacks on the assistant, under its evaluations."""

from __future__ import annotations

from typing import Final

import streamlit as st

from ui.desk import Desk
from ui.gateway import evaluations as gateway
from ui.gateway.evaluations import Attacks, RedteamRun
from ui.widgets.escape import escape_html
from ui.widgets.recent import recent
from ui.widgets.table import empty_html, heading_html, table_html

_MOST_RUNS: Final = 12


def show_redteam(desk: Desk) -> None:
    """
    Raises:
        GatewayError: the runs cannot be told.
    """
    strings = desk.strings
    st.html(heading_html(strings.text("Attacks")))
    runs = recent("redteam", lambda: gateway.redteam_runs(desk.api))
    if not runs:
        st.html(
            empty_html(
                strings.text("Nobody has attacked this assistant yet."),
                strings.text("The attacks come with the product. Run this on the server; it takes minutes:"),
                f"vernacular redteam run --tenant {desk.tenant.name}",
            )
        )
        return
    _show_table(desk, runs[:_MOST_RUNS])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by_id = {run.id: run for run in runs}
        picked = st.selectbox(
            strings.text("Signed report of the run"),
            list(by_id),
            format_func=lambda each: desk.formats.moment(by_id[each].at),
            key="redteam-run",
            width=260,
        )
        st.download_button(
            strings.text("Download"),
            lambda: gateway.redteam_report(desk.api, picked),
            file_name=f"redteam-{picked[:8]}.json",
            mime="application/json",
            key="redteam-report",
            icon=":material/download:",
        )


def _show_table(desk: Desk, runs: tuple[RedteamRun, ...]) -> None:
    strings = desk.strings
    suites = sorted({name for run in runs for name in run.suites})
    rows = [
        [
            escape_html(desk.formats.moment(run.at)),
            _attacks_html(desk, run.overall),
            *(_attacks_html(desk, run.suites[name]) if name in run.suites else "–" for name in suites),
        ]
        for run in runs
    ]
    caption = strings.text("Attacks that succeeded, of those tried, and the share that 95 of 100 such runs lie within")
    st.html(table_html(caption, [strings.text("Run"), strings.text("All"), *suites], rows, figures=True, shown=True))


def _attacks_html(desk: Desk, attacks: Attacks) -> str:
    formats = desk.formats
    if attacks.rate is None:
        return "–"
    low, high = attacks.interval
    return (
        f"{escape_html(formats.number(attacks.succeeded))} / {escape_html(formats.number(attacks.tried))}"
        f'<br><small dir="ltr">{escape_html(formats.percent(low, 1))} – {escape_html(formats.percent(high, 1))}</small>'
    )
