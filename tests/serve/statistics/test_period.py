from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from serve.statistics.period import MOST_DAYS, period
from serve.statistics.schemas import By
from vernacular.errors import BadRequest


def days(zone: str, first: date, last: date) -> list[datetime]:
    return period(first, last, "day", zone).buckets()


class TestPeriod:
    def test_begins_and_ends_at_the_zones_midnight(self) -> None:
        found = period(date(2026, 3, 1), date(2026, 3, 2), "day", "Asia/Hong_Kong")
        assert (found.begin, found.end) == (
            datetime(2026, 2, 28, 16, tzinfo=UTC),
            datetime(2026, 3, 2, 16, tzinfo=UTC),
        )
        assert found.bucket(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)) == found.begin
        assert found.shown(found.begin).isoformat() == "2026-03-01T00:00:00+08:00"

    def test_has_every_day_once_where_clocks_change_at_midnight(self) -> None:
        found = days("Africa/Cairo", date(2026, 4, 20), date(2026, 4, 30))
        assert len(found) == 11
        assert {(after - before) for before, after in pairwise(found)} == {
            timedelta(hours=23),
            timedelta(hours=24),
        }

    @pytest.mark.parametrize("zone", ["Pacific/Apia", "America/Sao_Paulo", "Europe/Madrid", "Australia/Lord_Howe"])
    def test_puts_every_moment_into_a_bucket_that_it_lists(self, zone: str) -> None:
        kinds: tuple[By, ...] = ("day", "hour")
        for by in kinds:
            found = period(date(2026, 10, 1), date(2026, 10, 31), by, zone)
            listed = set(found.buckets())
            moment = found.begin
            while moment < found.end:
                assert found.bucket(moment) in listed
                moment += timedelta(minutes=10)

    def test_tells_the_hour_that_comes_twice_as_two(self) -> None:
        found = period(date(2026, 10, 25), date(2026, 10, 25), "hour", "Europe/Madrid")
        assert len(found.buckets()) == 25
        assert len({found.shown(bucket).isoformat() for bucket in found.buckets()}) == 25

    def test_is_the_last_weeks_where_none_is_given(self) -> None:
        assert len(period(None, None, "day", "UTC").buckets()) == 30
        assert len(period(None, None, "hour", "UTC").buckets()) == 7 * 24

    @pytest.mark.parametrize(
        ("since", "until", "by", "zone"),
        [
            (date(2026, 3, 2), date(2026, 3, 1), "day", "UTC"),
            (date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=MOST_DAYS["day"]), "day", "UTC"),
            (date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=MOST_DAYS["hour"]), "hour", "UTC"),
            (date.max, date.max, "day", "UTC"),
            (date.min, date.min, "day", "Asia/Hong_Kong"),
            (None, date.min, "day", "UTC"),
            (None, None, "day", "Nowhere/At_All"),
            (None, None, "day", "../../etc/passwd"),
            (None, None, "day", "America"),
            (None, None, "day", ""),
        ],
    )
    def test_is_refused_where_there_is_no_such_one(
        self, since: date | None, until: date | None, by: By, zone: str
    ) -> None:
        with pytest.raises(BadRequest):
            period(since, until, by, zone)

    def test_may_have_as_many_days_as_are_told(self) -> None:
        last = date(2026, 1, 1) + timedelta(days=MOST_DAYS["day"] - 1)
        assert len(days("UTC", date(2026, 1, 1), last)) == MOST_DAYS["day"]
