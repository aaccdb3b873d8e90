from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

import pytest

from ui.i18n import load
from ui.widgets.chart import Chart, Series, chart_html

STRINGS = load("en")


def chart(
    *series: Sequence[float | None], kind: Literal["lines", "bars"] = "lines", names: Sequence[str] = (), **more: Any
) -> str:
    named = [Series(name, values) for name, values in zip(names or "ABCDEFGH", series, strict=False)]
    labels = more.pop("labels", [f"day {number}" for number in range(len(series[0]))])
    return chart_html(Chart("k", "Questions", kind, "Day", labels, named, lambda value: f"{value:g}", **more), STRINGS)


class TestLines:
    def test_are_broken_where_nothing_was_measured(self) -> None:
        html = chart([1, 2, None, 4, 5])
        assert html.count("<polyline") == 2
        assert html.count("vn-dot") == 4

    def test_tell_each_value_where_it_is_pointed_at(self) -> None:
        html = chart([3, 8], [1, 2], names=("Median", "Slowest"))
        assert "<title>day 1 · Median: 8</title>" in html
        assert html.count("<title>") == 4

    def test_lie_within_the_plot(self) -> None:
        html = chart([0, 17, 34])
        heights = [
            float(y) for pair in re.findall(r'points="([^"]+)"', html) for _, y in re.findall(r"(\S+),(\S+)", pair)
        ]
        assert heights == sorted(heights, reverse=True)
        assert heights[0] == 300
        assert min(heights) >= 0


class TestBars:
    def test_stand_on_one_another(self) -> None:
        html = chart([10], [5], kind="bars")
        (first, second) = re.findall(
            r'<rect class="vn-bar [^>]* y="([\d.]+)" width="[\d.]+" height="([\d.]+)" fill="url', html
        )
        assert float(second[0]) + float(second[1]) == pytest.approx(float(first[0]), abs=0.2)
        assert float(first[1]) == pytest.approx(2 * float(second[1]), rel=0.01)

    def test_are_told_apart_without_colour(self) -> None:
        html = chart([1], [1], [1], kind="bars")
        patterns = re.findall(r"<pattern .*?</pattern>", html)
        assert len({re.sub(r'id="[^"]+"|vn-s\d', "", pattern) for pattern in patterns}) == 3

    def test_of_nothing_are_not_there(self) -> None:
        assert '<rect class="vn-bar' not in chart([0, 0], kind="bars")


class TestScale:
    @pytest.mark.parametrize(
        ("highest", "lines"), [(0, ["0", "1"]), (3, ["0", "1", "2", "3"]), (41, ["0", "20", "40", "60"])]
    )
    def test_has_round_numbers(self, highest: int, lines: list[str]) -> None:
        assert re.findall(r"<span style=\"inset-block-end:[\d.]+%\">(\d+)</span>", chart([highest])) == lines

    def test_may_be_finer_than_one(self) -> None:
        html = chart([0.4, 0.9], step=0.05)
        assert "1</span>" in html
        assert "0.5</span>" in html

    def test_names_no_more_places_than_can_be_read(self) -> None:
        html = chart(list(range(365)))
        assert html.count("inset-inline-start") <= 7
        assert 'class="vn-dense"' in html


class TestTable:
    def test_has_the_same_figures_behind_a_click(self) -> None:
        html = chart([1, None], [3, 4], names=("Answered", "Declined"))
        table = html[html.index("<details>") :]
        assert "Show the figures" in table
        assert re.findall(r"<td>(.*?)</td>", table) == ["1", "3", "–", "4"]
        assert '<th scope="row">day 1</th>' in table


class TestText:
    def test_is_never_markup(self) -> None:
        evil = '<img src=x onerror="alert(1)">'
        html = chart([1], [1], names=(evil, evil), labels=[evil])
        assert "<img" not in html

    def test_has_a_name_that_says_where_the_figures_are(self) -> None:
        html = chart([1])
        assert 'role="img" aria-label="Chart: Questions. The same figures are in the table below it."' in html

    def test_of_one_series_needs_no_legend(self) -> None:
        assert "vn-legend" not in chart([1])
        assert "vn-legend" in chart([1], [2])

    def test_is_refused_for_more_series_than_are_told_apart(self) -> None:
        with pytest.raises(ValueError, match="6 series"):
            chart(*[[1]] * 7)
