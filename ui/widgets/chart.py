"""Figures as lines or stacked bars: SVG in the page, in its colours, with a table of the same figures below.

The plot is stretched to the room there is, so its texts stand beside it; where the page runs from right to left, so does time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st

from ui.i18n import Strings
from ui.widgets.escape import escape_html
from ui.widgets.table import table_html

_WIDTH, _HEIGHT = 1000.0, 300.0
_MOST_LABELS: Final = 7
_MOST_SERIES: Final = 6
_DENSE: Final = 60
"""Places from which on dots and edges would touch one another."""
_BAR: Final = 0.72
"""The share of its place that a bar fills."""


@dataclass(frozen=True, slots=True)
class Series:
    """`values`: one for each of the chart's labels; None: there is none."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """`key` tells it apart from the others of a page. `first`: what the table's first column is, `labels` what is in it. `shown`: how a value
    is written, `step`: the least that lies between two lines of the grid. `ticks`: `labels` as they are short enough to stand below the plot."""

    key: str
    title: str
    kind: Literal["lines", "bars"]
    first: str
    labels: Sequence[str]
    series: Sequence[Series]
    shown: Callable[[float], str]
    step: float = 1.0
    ticks: Sequence[str] = ()


def show_chart(chart: Chart, strings: Strings) -> None:
    """Streamlit's plain HTML would leave the SVG out; all that the Markdown holds is escaped, and without an empty line it is HTML to it."""
    st.markdown(" ".join(chart_html(chart, strings).split()), unsafe_allow_html=True)


def chart_html(chart: Chart, strings: Strings) -> str:
    """A figure with its heading, legend, plot, and table."""
    if len(chart.series) > _MOST_SERIES:
        raise ValueError(f"a chart tells {_MOST_SERIES} series apart, not {len(chart.series)}")
    top, ticks = _scale(_highest(chart), chart.step)
    plot = "".join(_lines(chart, top) if chart.kind == "lines" else _bars(chart, top))
    grid = "".join(
        f'<line class="vn-grid" x1="0" x2="{_WIDTH:g}" y1="{_y(tick, top):.1f}" y2="{_y(tick, top):.1f}"></line>'
        for tick in ticks
    )
    name = f"vn-chart-{chart.key}"
    dense = ' class="vn-dense"' if len(chart.labels) > _DENSE else ""
    said = strings.text("Chart: {title}. The same figures are in the table below it.", title=chart.title)
    return (
        f'<figure class="vn-chart" aria-labelledby="{name}"><figcaption id="{name}">{escape_html(chart.title)}</figcaption>'
        f"{_legend(chart)}"
        f'<div class="vn-plot">{_axis_y(chart, top, ticks)}'
        f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" preserveAspectRatio="none" role="img"{dense} '
        f'aria-label="{escape_html(said)}">{_patterns(chart)}{grid}{plot}</svg>{_axis_x(chart)}</div>'
        f"<details><summary>{escape_html(strings.text('Show the figures'))}</summary>{_table(chart)}</details></figure>"
    )


def _lines(chart: Chart, top: float) -> Iterator[str]:
    """A line for each run of values without a gap, and a dot for each value."""
    for number, series in enumerate(chart.series, 1):
        points = [(_x(place, chart), _y(value, top), place) for place, value in _there(series)]
        for run in _runs(points):
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in run)
            yield f'<polyline class="vn-line vn-s{number}" points="{path}"></polyline>'
        for x, y, place in points:
            title = _title(chart, series, place)
            dot = f'd="M{x:.1f} {y:.1f}h0"'
            yield f'<path class="vn-dot vn-s{number}" {dot}></path><path class="vn-hit" {dot}><title>{title}</title></path>'


def _bars(chart: Chart, top: float) -> Iterator[str]:
    room = _WIDTH / max(1, len(chart.labels))
    for place in range(len(chart.labels)):
        below = 0.0
        for number, series in enumerate(chart.series, 1):
            value = series.values[place]
            if not value:
                continue
            y, height = _y(below + value, top), _y(below, top) - _y(below + value, top)
            below += value
            yield (
                f'<rect class="vn-bar vn-s{number}" x="{place * room + room * (1 - _BAR) / 2:.1f}" y="{y:.1f}" '
                f'width="{room * _BAR:.1f}" height="{height:.1f}" fill="url(#vn-{chart.key}-{number})">'
                f"<title>{_title(chart, series, place)}</title></rect>"
            )


def _patterns(chart: Chart) -> str:
    """So that series are told apart without colour: plain, then stripes, dots, and others."""
    if chart.kind == "lines":
        return ""
    return "<defs>" + "".join(_pattern(chart.key, number) for number in range(1, len(chart.series) + 1)) + "</defs>"


_MARKS: Final = (
    "",
    '<path d="M-3 9L9 -3M3 15L15 3" stroke-width="3"></path>',
    '<path d="M6 6h0" stroke-width="5" stroke-linecap="round"></path>',
    '<path d="M0 6H12" stroke-width="3"></path>',
    '<path d="M-3 3L9 15M3 -3L15 9" stroke-width="3"></path>',
    '<path d="M0 6H12M6 0V12" stroke-width="2"></path>',
)


def _pattern(key: str, number: int) -> str:
    return (
        f'<pattern id="vn-{key}-{number}" class="vn-s{number}" width="12" height="12" patternUnits="userSpaceOnUse">'
        f'<rect class="vn-fill" width="12" height="12"></rect><g class="vn-hatch">{_MARKS[number - 1]}</g></pattern>'
    )


def _legend(chart: Chart) -> str:
    if len(chart.series) < 2:
        return ""
    entries = "".join(
        f'<li><span class="vn-swatch" aria-hidden="true">{_swatch(chart, number)}</span>{escape_html(series.name)}</li>'
        for number, series in enumerate(chart.series, 1)
    )
    return f'<ul class="vn-legend">{entries}</ul>'


def _swatch(chart: Chart, number: int) -> str:
    if chart.kind == "lines":
        mark = f'<path class="vn-line vn-s{number}" d="M0 6H26"></path><path class="vn-dot vn-s{number}" d="M13 6h0"></path>'
    else:
        mark = f'<rect class="vn-bar vn-s{number}" width="26" height="12" fill="url(#vn-{chart.key}-{number})"></rect>'
    return f'<svg viewBox="0 0 26 12" width="26" height="12">{mark}</svg>'


def _axis_y(chart: Chart, top: float, ticks: Sequence[float]) -> str:
    labels = "".join(
        f'<span style="inset-block-end:{tick / top * 100:.1f}%">{escape_html(chart.shown(tick))}</span>'
        for tick in ticks
    )
    widest = max((chart.shown(tick) for tick in ticks), key=len)
    return f'<div class="vn-axis-y" aria-hidden="true"><i>{escape_html(widest)}</i>{labels}</div>'


def _axis_x(chart: Chart) -> str:
    count, ticks = len(chart.labels), chart.ticks or chart.labels
    step = max(1, math.ceil(count / _MOST_LABELS))
    labels = "".join(
        f'<span style="inset-inline-start:{_x(place, chart) / _WIDTH * 100:.1f}%">{escape_html(ticks[place])}</span>'
        for place in range(0, count, step)
    )
    return f'<div class="vn-axis-x" aria-hidden="true">{labels}</div>'


def _table(chart: Chart) -> str:
    head = [chart.first, *(series.name for series in chart.series)]
    rows = [
        [label, *("–" if (value := series.values[place]) is None else chart.shown(value) for series in chart.series)]
        for place, label in enumerate(chart.labels)
    ]
    return table_html(chart.title, head, [[escape_html(cell) for cell in row] for row in rows], figures=True)


def _title(chart: Chart, series: Series, place: int) -> str:
    value = series.values[place]
    return escape_html(f"{chart.labels[place]} · {series.name}: {chart.shown(value or 0.0)}")


def _there(series: Series) -> list[tuple[int, float]]:
    return [(place, value) for place, value in enumerate(series.values) if value is not None]


def _runs(points: Sequence[tuple[float, float, int]]) -> list[list[tuple[float, float, int]]]:
    runs: list[list[tuple[float, float, int]]] = []
    for point in points:
        if runs and runs[-1][-1][2] == point[2] - 1:
            runs[-1].append(point)
        else:
            runs.append([point])
    return [run for run in runs if len(run) > 1]


def _highest(chart: Chart) -> float:
    if chart.kind == "lines":
        return max((value for series in chart.series for _, value in _there(series)), default=0.0)
    sums = (sum(series.values[place] or 0.0 for series in chart.series) for place in range(len(chart.labels)))
    return max(sums, default=0.0)


def _scale(highest: float, least: float) -> tuple[float, list[float]]:
    """A round number that is not below `highest`, and the lines up to it: steps of 1, 2 or 5 times a power of ten."""
    rough = max(highest / 4, least)
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    count = max(1, math.ceil(highest / step * 0.999))
    return count * step, [number * step for number in range(count + 1)]


def _x(place: int, chart: Chart) -> float:
    room = _WIDTH / max(1, len(chart.labels))
    return (place + 0.5) * room


def _y(value: float, top: float) -> float:
    return _HEIGHT * (1 - value / top)
