"""Numbers, dates, times and money as people of a language write them; by Babel, from Unicode's CLDR."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from babel import Locale, UnknownLocaleError, dates, lists, numbers, units
from babel.core import parse_locale

_UNITS: Final = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")
_LATIN: Final = "latn"


@dataclass(frozen=True, slots=True)
class Formats:
    """For the language `tag` of the interface, and the visitor's time zone. Digits are Latin ones in all languages, as quotes and figures of documents are
    mostly written so."""

    tag: str
    zone: tzinfo = UTC

    @property
    def locale(self) -> Locale:
        return locale_of(self.tag)

    def number(self, value: float, digits: int | None = None) -> str:
        """`digits`: after the point; None: as many as there are, three at most."""
        shape = None if digits is None else f"#,##0.{'0' * digits}" if digits else "#,##0"
        return numbers.format_decimal(value, shape, locale=self.locale, numbering_system=_LATIN)

    def percent(self, share: float, digits: int = 0) -> str:
        """`share` of 1."""
        shape = f"#,##0.{'0' * digits}%" if digits else "#,##0%"
        return numbers.format_percent(share, shape, locale=self.locale, numbering_system=_LATIN)

    def money(self, amount: float, currency: str) -> str:
        """`currency`: an ISO 4217 code; what is not one stands behind the number as it is."""
        if numbers.is_currency(currency.upper()):
            return numbers.format_currency(amount, currency.upper(), locale=self.locale, numbering_system=_LATIN)
        return f"{self.number(amount)} {currency}".strip()

    def date(self, day: date, shape: str = "medium") -> str:
        return dates.format_date(day, shape, locale=self.locale)

    def moment(self, at: datetime, shape: str = "short") -> str:
        """Day and time in the visitor's zone."""
        return dates.format_datetime(_aware(at), shape, tzinfo=self.zone, locale=self.locale)

    def ago(self, at: datetime, now: datetime | None = None) -> str:
        """`5 minutes ago`, `in 3 days`."""
        passed = _aware(at) - (now or datetime.now(UTC))
        return dates.format_timedelta(passed, add_direction=True, locale=self.locale)

    def duration(self, seconds: float) -> str:
        """Roughly: `3 minutes`."""
        return dates.format_timedelta(timedelta(seconds=max(1.0, seconds)), threshold=1.2, locale=self.locale)

    def milliseconds(self, value: float) -> str:
        """In seconds from one on."""
        if value >= 1000:
            return self._unit(value / 1000, "second", 1)
        return self._unit(value, "millisecond", 0)

    def bytes(self, size: float) -> str:
        """In units of 1,000."""
        step = 0
        while size >= 1000 and step < len(_UNITS) - 1:
            size, step = size / 1000, step + 1
        return self._unit(size, f"digital-{_UNITS[step]}", 1 if step and size < 100 else 0)

    def list(self, items: Sequence[str]) -> str:
        """`a, b and c`."""
        return lists.format_list(list(items), locale=self.locale)

    def _unit(self, value: float, unit: str, digits: int) -> str:
        shape = f"#,##0.{'0' * digits}" if digits else "#,##0"
        return units.format_unit(value, unit, "short", shape, locale=self.locale, numbering_system=_LATIN)


@functools.cache
def locale_of(tag: str) -> Locale:
    """Babel's locale that is nearest to a BCP 47 tag; English for what it does not know."""
    parts = tag.split("-")
    for length in range(len(parts), 0, -1):
        try:
            return Locale.parse("_".join(parts[:length]))
        except (ValueError, UnknownLocaleError):
            continue
    return Locale(*parse_locale("en")[:1])


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
