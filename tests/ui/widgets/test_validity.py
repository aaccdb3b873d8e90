from __future__ import annotations

from datetime import date

import pytest

from ui.client import SourceQuote
from ui.i18n import load
from ui.widgets.validity import Force, force_of, validity

_DAY = date(2026, 11, 22)


def _source(start: str | None = None, end: str | None = None) -> SourceQuote:
    return SourceQuote(1, "d", "Fees", "q", 0, 1, valid_from=start, valid_until=end)


class TestForce:
    @pytest.mark.parametrize(
        ("start", "end", "force"),
        [
            (None, None, Force.now),
            ("2026-01-01", "2026-11-22", Force.now),
            ("2026-11-22", None, Force.now),
            (None, "2026-11-21", Force.ended),
            ("2026-11-23", None, Force.not_yet),
            ("yesterday", "", Force.now),
        ],
    )
    def test_holds_through_the_last_day(self, start: str | None, end: str | None, force: Force) -> None:
        assert force_of(_source(start, end), _DAY) is force


class TestValidity:
    def test_a_source_without_dates_says_nothing(self) -> None:
        assert validity(_source(), load("en"), _DAY) == ""

    def test_both_dates_are_kept_from_being_turned_around(self) -> None:
        said = validity(_source("2026-01-01", "2026-12-31"), load("ar"), _DAY)
        begin, end = (part.split("\u2069")[0] for part in said.split("\u2068")[1:])
        assert ("2026" in begin, "31" in end) == (True, True)

    def test_what_is_over_or_to_come_says_so(self) -> None:
        assert "no longer in force" in validity(_source(end="2026-11-21"), load("en"), _DAY)
        assert "not yet in force" in validity(_source("2026-11-23"), load("en"), _DAY)
