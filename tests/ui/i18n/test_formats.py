from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ui.i18n.formats import Formats

DAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class TestFormats:
    @pytest.mark.parametrize(
        ("tag", "number", "day", "money"),
        [
            ("en", "12,345.6", "Nov 22, 2026", "HK$425.00"),
            ("zh-Hans", "12,345.6", "2026年11月22日", "HK$425.00"),
            ("es", "12.345,6", "22 nov 2026", "425,00 HKD"),
            ("vi", "12.345,6", "22 thg 11, 2026", "425,00 HK$"),
        ],
    )
    def test_write_as_the_language_does(self, tag: str, number: str, day: str, money: str) -> None:
        formats = Formats(tag)
        assert formats.number(12345.6) == number
        assert formats.date(DAY) == day
        assert formats.money(425, "HKD").replace("\xa0", " ") == money

    def test_money_of_an_unknown_currency_keeps_its_name(self) -> None:
        assert Formats("en").money(3, "points") == "3 points"

    def test_sizes_and_times_take_the_unit_that_fits(self) -> None:
        formats = Formats("en")
        assert formats.bytes(999) == "999 byte"
        assert formats.bytes(1_240_000) == "1.2 MB"
        assert formats.milliseconds(345) == "345 ms"
        assert formats.milliseconds(2340) == "2.3 sec"
        assert formats.duration(150) == "2 minutes"

    def test_moments_are_told_from_now(self) -> None:
        assert Formats("es").ago(NOON - timedelta(hours=5), NOON) == "hace 5 horas"
        assert Formats("en").moment(NOON).replace("\u202f", " ") == "11/22/26, 12:00 PM"

    def test_a_language_that_is_not_known_is_written_as_english(self) -> None:
        assert Formats("tlh").number(1234.5) == "1,234.5"

    def test_lists_are_joined_as_the_language_does(self) -> None:
        assert Formats("es").list(["a", "b", "c"]) == "a, b y c"
