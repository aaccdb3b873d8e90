from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the visitor's zone, both included."""

    since: date
    until: date
    by: Literal["day", "hour"] = "day"

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def before(self) -> Period:
        """As many days that end where this one begins."""
        return Period(self.since - timedelta(self.days), self.since - timedelta(1), self.by)


def last_days(days: int, zone: tzinfo, by: Literal["day", "hour"] = "day") -> Period:
    """Today is the last of them."""
    today = datetime.now(zone).date()
    return Period(today - timedelta(days - 1), today, by)
