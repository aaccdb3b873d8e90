"""The days or hours that figures are of, by a clock of the caller's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from serve.statistics.schemas import By
from vernacular.errors import BadRequest

MOST_DAYS: Final[dict[By, int]] = {"day": 400, "hour": 31}
_DEFAULT_DAYS: Final[dict[By, int]] = {"day": 30, "hour": 7}
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Period:
    """The days `since` to `until`, from the moment `begin` to before `end`."""

    since: date
    until: date
    by: By
    zone: ZoneInfo
    begin: datetime
    end: datetime

    def bucket(self, at: datetime) -> datetime:
        """When the day or the hour of that moment begins; two hours of one name, as clocks are put back, are two."""
        local = at.astimezone(self.zone)
        if self.by == "day":
            return _midnight(local.date(), self.zone)
        return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)

    def buckets(self) -> list[datetime]:
        """All of them, in order."""
        step = _DAY if self.by == "day" else _HOUR
        found: dict[datetime, None] = {}
        moment = self.begin + (_DAY / 2 if self.by == "day" else timedelta())  # noon: no clock is put over it
        while moment < self.end:
            found[self.bucket(moment)] = None
            moment += step
        return list(found)

    def shown(self, bucket: datetime) -> datetime:
        return bucket.astimezone(self.zone)


def period(since: date | None, until: date | None, by: By, tz: str) -> Period:
    """Up to today, where no end is given, and by day the last 30 days, by hour the last 7, where no beginning is.

    Raises:
        BadRequest: the days are too many or in the wrong order, or there is no such time zone.
    """
    zone = _zone(tz)
    try:
        last = until or datetime.now(zone).date()
        first = since or last - _DAY * (_DEFAULT_DAYS[by] - 1)
        found = Period(first, last, by, zone, _midnight(first, zone), _midnight(last + _DAY, zone))
    except OverflowError:
        raise BadRequest("The calendar has no such days.") from None
    if last < first:
        raise BadRequest("`until` is before `since`.")
    if (last - first).days >= MOST_DAYS[by]:
        raise BadRequest(f"By {by} at most {MOST_DAYS[by]} days are told.", "Choose a shorter period.")
    return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):  # of what is no name, of one that nobody bears, and of a folder's
        raise BadRequest(f"There is no time zone {name[:80]!r}.", "Give a name such as `Asia/Hong_Kong`.") from None
