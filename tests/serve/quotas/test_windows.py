from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits.errors import StorageError

from serve.quotas import windows
from serve.quotas.windows import Span, Window, Windows, wait_s
from vernacular.errors import InvalidSetting
from vernacular.settings import QuotaSettings

NOON = 1_795_000_000 // 86_400 * 86_400 + 43_200.0


class Clock:
    """The time that windows go by."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOON
        monkeypatch.setattr(time, "time", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def minute(limit: int, key: str = "k") -> Window:
    return Window("tenant", Span.MINUTE, key, limit)


async def taken(counted: Windows, window: Window, times: int, cost: int = 1) -> int:
    return sum([await counted.take(window, cost) for _ in range(times)])


class TestWindow:
    def test_lets_as_many_through_as_its_limit(self, clock: Clock) -> None:
        async def main() -> None:
            counted = Windows(QuotaSettings())
            assert await taken(counted, minute(5), 9) == 5
            assert await taken(counted, minute(5, "other"), 9) == 5

        asyncio.run(main())

    def test_lets_no_more_through_when_all_come_at_once(self) -> None:
        async def main() -> None:
            counted = Windows(QuotaSettings())
            found = await asyncio.gather(*(counted.take(minute(20)) for _ in range(200)))
            assert sum(found) == 20

        asyncio.run(main())

    def test_slides(self, clock: Clock) -> None:
        async def main() -> None:
            counted = Windows(QuotaSettings())
            assert await taken(counted, minute(10), 10) == 10
            clock.now += 60 + 30  # half of the minute before still counts
            assert await taken(counted, minute(10), 10) == 5
            clock.now += 120
            assert await taken(counted, minute(10), 99) == 10

        asyncio.run(main())

    def test_counts_by_cost_and_takes_back(self, clock: Clock) -> None:
        async def main() -> None:
            counted, day = Windows(QuotaSettings()), Window("tenant", Span.DAY, "k", 100)
            assert await counted.take(day, 90)
            assert not await counted.take(day, 11)
            assert await counted.take(day, -30)
            assert (await counted.standing(day)).remaining == 40
            assert await counted.take(day, 40)
            assert not await counted.take(day, 1)

        asyncio.run(main())

    def test_keeps_what_was_used_when_its_limit_is_changed(self, clock: Clock) -> None:
        async def main() -> None:
            counted = Windows(QuotaSettings())
            await taken(counted, minute(5), 5)
            assert await taken(counted, minute(7), 5) == 2

        asyncio.run(main())

    def test_forgets_what_no_longer_counts(self, clock: Clock) -> None:
        async def main() -> None:
            counted = Windows(QuotaSettings())
            for number in range(50):
                await counted.take(minute(5, f"visitor {number}"))
            clock.now += 300
            await counted.take(minute(5))
            storage: Any = counted._memory.storage
            assert len(storage.storage) == 1

        asyncio.run(main())

    def test_knows_what_was_used_before_this_process(self, clock: Clock) -> None:
        async def main() -> None:
            counted, day = Windows(QuotaSettings()), Window("tenant", Span.DAY, "k", 100)
            await counted.remember(day, before=80, now=30)  # at noon half of yesterday's count
            assert (await counted.standing(day)).remaining == 30

        asyncio.run(main())


class TestWait:
    @given(
        limit=st.integers(1, 50),
        steps=st.lists(st.tuples(st.floats(0, 70), st.integers(1, 30)), max_size=6),
        cost=st.integers(1, 50),
    )
    def test_is_as_long_as_it_has_to_be(self, limit: int, steps: list[tuple[float, int]], cost: int) -> None:
        """Whoever waits for it is let through, and a second less would not have done."""
        with pytest.MonkeyPatch.context() as patch:
            clock = Clock(patch)

            async def main() -> None:
                counted, window = Windows(QuotaSettings()), minute(limit)
                for pause, spent in steps:
                    clock.now += pause
                    await counted.take(window, min(spent, limit))
                if cost > limit or await counted.take(window, cost):
                    return
                wait = (await counted.standing(window, cost)).wait_s
                began = clock.now
                clock.now = began + wait - 1.01
                if wait > 1:
                    assert not await counted.take(window, cost)
                clock.now = began + wait
                assert await counted.take(window, cost)

            asyncio.run(main())

    def test_of_what_never_fits_is_a_whole_window(self) -> None:
        assert wait_s(minute(5), 6, (0, 0.0, 0, 0.0)) == 60


class Failing:
    """A Redis that is gone, and comes back."""

    def __init__(self) -> None:
        self.gone = True
        self.asked = 0
        self.storage = self

    async def hit(self, *_: Any, **__: Any) -> bool:
        self.asked += 1
        if self.gone:
            raise StorageError(ConnectionError("refused"))
        return True

    async def get_sliding_window(self, *_: Any) -> tuple[int, float, int, float]:
        await self.hit()
        return 0, 0.0, 1, 90.0


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[Windows, Failing]]:
    def made() -> tuple[Windows, Failing]:
        counted = Windows(QuotaSettings())
        failing = Failing()
        monkeypatch.setattr(counted, "_redis", failing)
        return counted, failing

    return made


class TestRedis:
    def test_that_is_gone_does_not_stop_anyone_and_is_told(self, redis: Callable[[], tuple[Windows, Failing]]) -> None:
        async def main() -> None:
            counted, failing = redis()
            assert counted.state == "redis"
            assert await taken(counted, minute(3), 5) == 3
            assert failing.asked == 1  # not every request waits for it
            assert counted.state == "redis does not answer: counted in this process"

        asyncio.run(main())

    def test_is_used_again_once_it_is_back(
        self, redis: Callable[[], tuple[Windows, Failing]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def main() -> None:
            counted, failing = redis()
            await counted.take(minute(3))
            failing.gone = False
            monkeypatch.setattr(windows, "AGAIN_S", 0.0)
            counted._away_until = 0.0
            assert (await counted.standing(minute(3))).remaining == 2
            assert counted.durable

        asyncio.run(main())

    @pytest.mark.parametrize("url", [None, "", "http://cache", "memcached://cache"])
    def test_needs_an_address(self, url: str | None) -> None:
        settings = QuotaSettings.model_validate({"storage": "redis", "redis_url": url})
        with pytest.raises(InvalidSetting, match="REDIS_URL"):
            Windows(settings)
