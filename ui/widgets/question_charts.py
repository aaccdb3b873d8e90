"""A tenant's questions and how long answers took, as charts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from babel import dates

from ui.gateway.figures import Point, Statistics
from ui.gateway.periods import Period
from ui.i18n import Strings
from ui.i18n.formats import Formats
from ui.widgets.chart import Chart, Series


def questions_chart(figures: Statistics, period: Period, strings: Strings, formats: Formats) -> Chart:
    """What came of them, in stacked bars."""
    points = [point.figures for point in figures.series]
    return Chart(
        "questions",
        strings.text("Questions by the hour") if period.by == "hour" else strings.text("Questions by day"),
        "bars",
        _first(period, strings),
        _labels(figures.series, period, formats),
        (
            Series(strings.text("Answered from documents"), [each.answered - each.approved for each in points]),
            Series(strings.text("Approved answers"), [each.approved for each in points]),
            Series(strings.text("Declined"), [each.declined for each in points]),
            Series(strings.text("Refused by the safety policy"), [each.refused for each in points]),
        ),
        formats.number,
        ticks=_ticks(figures.series, period, formats),
    )


def latency_chart(figures: Statistics, period: Period, strings: Strings, formats: Formats) -> Chart:
    points = [point.figures for point in figures.series]
    return Chart(
        "latency",
        strings.text("Time to answer"),
        "lines",
        _first(period, strings),
        _labels(figures.series, period, formats),
        (
            Series(strings.text("First text (median)"), [each.first_p50_ms for each in points]),
            Series(strings.text("Whole answer (median)"), [each.p50_ms for each in points]),
            Series(strings.text("95 of 100 within"), [each.p95_ms for each in points]),
        ),
        formats.milliseconds,
        ticks=_ticks(figures.series, period, formats),
    )


def _first(period: Period, strings: Strings) -> str:
    return strings.text("Hour") if period.by == "hour" else strings.text("Day")


def _labels(series: Sequence[Point], period: Period, formats: Formats) -> list[str]:
    if period.by == "hour":
        return [formats.moment(point.at) for point in series]
    return [formats.date(point.at.date()) for point in series]


def _ticks(series: Sequence[Point], period: Period, formats: Formats) -> list[str]:
    if period.by == "hour":
        return [dates.format_skeleton("Hm", point.at.replace(tzinfo=None), locale=formats.locale) for point in series]
    return [short_day(point.at.date(), formats) for point in series]


def short_day(day: date, formats: Formats) -> str:
    """Without its year."""
    return dates.format_skeleton("MMMd", datetime.combine(day, time()), locale=formats.locale)
