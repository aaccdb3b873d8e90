from __future__ import annotations

from datetime import UTC, datetime

import pytest

from vernacular.cli.output import plain, print_table


class TestPlain:
    @pytest.mark.parametrize(
        "text",
        [
            "\x1b[31mred\x1b[0m",
            "\x1b]8;;http://evil.example\x07x\x1b]8;;\x07",
            "\x9b2J",
            "a\rb",
            "\u202egnp.exe",
            "\U000e0061x",
            "\x07",
        ],
    )
    def test_lets_no_text_steer_the_terminal(self, text: str) -> None:
        assert not {"\x1b", "\x9b", "\r", "\x07", "\u202e", "\U000e0061"} & set(plain(text))

    @pytest.mark.parametrize("text", ["a\tb\nc", "费用", "می\u200cشود", "\u2068x\u2069", "🙂"])
    def test_keeps_what_is_written(self, text: str) -> None:
        assert plain(text) == text


class TestPrintTable:
    def test_shows_cells_as_they_are(self, capsys: pytest.CaptureFixture[str]) -> None:
        print_table([{"title": "[link=http://evil.example]x[/link] [/nothing] \x1b[2J"}], ("title",), "none")
        shown = capsys.readouterr().out
        assert "[link=http://evil.example]x[/link] [/nothing] [2J" in shown
        assert "\x1b" not in shown

    def test_writes_moments_and_truth_for_people(self, capsys: pytest.CaptureFixture[str]) -> None:
        at = datetime(2026, 11, 21, 9, 30, 5, 123456, UTC)
        print_table([{"at": at, "enabled": True, "revoked": False}], ("at", "enabled", "revoked"), "none")
        assert capsys.readouterr().out.splitlines()[1].split() == ["2026-11-21", "09:30", "UTC", "yes", "no"]
