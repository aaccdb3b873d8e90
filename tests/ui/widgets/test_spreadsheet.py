from __future__ import annotations

import csv
import io

import pytest

from ui.widgets.spreadsheet import csv_bytes


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


class TestCsv:
    @pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u3000=1", "\n=1"])
    def test_has_no_formula(self, cell: str) -> None:
        assert read(csv_bytes(["name"], [[cell]]))[1][0].startswith("'")

    def test_keeps_numbers_as_they_are(self) -> None:
        assert read(csv_bytes(["day", "n"], [["2026-03-01", -4], ["2026-03-02", None]])) == [
            ["day", "n"],
            ["2026-03-01", "-4"],
            ["2026-03-02", ""],
        ]

    def test_is_read_as_unicode(self) -> None:
        content = csv_bytes(["name"], [["陳大文, “x”"]])
        assert content.startswith(b"\xef\xbb\xbf")
        assert read(content)[1] == ["陳大文, “x”"]
