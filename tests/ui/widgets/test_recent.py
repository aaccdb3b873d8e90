from __future__ import annotations

from typing import Any

import pytest

from ui.widgets import recent as module
from ui.widgets.recent import recent, recent_of


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What Streamlit keeps of a visit."""
    kept: dict[str, Any] = {}
    monkeypatch.setattr("streamlit.session_state", kept)
    return kept


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


class TestRecent:
    def test_asks_again_only_after_a_while(self, visit: dict[str, Any], clock: Clock) -> None:
        asked: list[float] = []

        def ask() -> float:
            asked.append(clock.now)
            return clock.now

        assert [recent("jobs", ask), recent("jobs", ask)] == [1000.0, 1000.0]
        clock.now += 31
        assert recent("jobs", ask) == 1031.0
        assert asked == [1000.0, 1031.0]

    def test_lets_go_of_what_a_long_visit_looked_at(self, visit: dict[str, Any], clock: Clock) -> None:
        for number in range(50):
            recent(f"documents:text:{number}", lambda: "a long text")
            clock.now += 60
        recent_of({"sources": lambda: ()})
        (held,) = visit.values()
        assert len(held) <= 12
