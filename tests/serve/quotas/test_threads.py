from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from anyio import to_thread
from fastapi.concurrency import run_in_threadpool

from serve.quotas import threads
from serve.quotas.threads import FairThreads, work_for
from vernacular.errors import TooManyRequests
from vernacular.pace import breathe

PATIENCE_S = 10.0


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(main(), PATIENCE_S))


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110
        await asyncio.sleep(0.001)


def installed(slots: int, *, allowed: int | None = None, per_tenant: int = 0) -> FairThreads:
    """In the running loop; `allowed`: how many may run at once, whatever the process does meanwhile."""
    fair = FairThreads(slots, per_tenant)
    fair.install()
    if allowed is not None:
        fair._pressure.allowed = allowed
        fair._pressure.EVERY_S = 3600.0  # type: ignore[misc]
    return fair


async def of(tenant: str, work: Callable[[], Any]) -> Any:
    work_for(tenant)
    return await run_in_threadpool(work)


def spend(fair: FairThreads, tenant: str, seconds: float) -> None:
    work_for(tenant)
    fair._share().charge(seconds, time.monotonic())


@pytest.fixture(autouse=True)
def _own_pressure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads._Pressure, "EVERY_S", 3600.0)


class TestPlaces:
    def test_are_as_many_as_there_are_threads(self) -> None:
        async def main() -> None:
            fair, most, lock = installed(3, allowed=3), [0], threading.Lock()

            def work() -> None:
                with lock:
                    most[0] = max(most[0], fair._running)
                time.sleep(0.005)

            await asyncio.gather(*(of(f"tenant {n}", work) for n in range(12)))
            assert most[0] == 3
            assert (fair.borrowed_tokens, fair.waiting) == (0, 0)

        run(main)

    def test_of_one_tenant_may_be_fewer(self) -> None:
        async def main() -> None:
            fair, most = installed(8, allowed=8, per_tenant=2), [0]

            def work() -> None:
                most[0] = max(most[0], fair._running)
                time.sleep(0.005)

            await asyncio.gather(*(of("one", work) for _ in range(8)))
            assert most[0] == 2

        run(main)

    def test_are_given_back_by_whoever_is_cancelled_while_waiting(self) -> None:
        async def main() -> None:
            fair, gate = installed(1, allowed=1), threading.Event()
            running = asyncio.create_task(of("one", gate.wait))
            await until(lambda: fair._running == 1)
            waiting = [asyncio.create_task(of("one", breathe)) for _ in range(3)]
            await until(lambda: fair.waiting == 3)
            waiting[0].cancel()
            gate.set()
            await asyncio.gather(running, *waiting, return_exceptions=True)
            assert (fair._running, fair.waiting) == (0, 0)
            assert await of("one", lambda: "done") == "done"

        run(main)

    def test_are_what_anyio_gives_work_of_nobody_too(self) -> None:
        async def main() -> None:
            fair = installed(2, allowed=2)
            assert await to_thread.run_sync(lambda: fair.statistics().borrowed_tokens) == 1

        run(main)

    def test_are_not_waited_for_by_more_than_is_good(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(threads, "MAX_WAITING", 1)

        async def main() -> None:
            fair, gate = installed(1, allowed=1), threading.Event()
            held = [asyncio.create_task(of("one", gate.wait)) for _ in range(2)]
            await until(lambda: fair.waiting == 1)
            with pytest.raises(TooManyRequests):
                await of("one", breathe)
            other = asyncio.create_task(of("other", lambda: "served"))
            gate.set()
            assert await other == "served"
            await asyncio.gather(*held)

        run(main)


class TestTurn:
    def order(self, work: Callable[[FairThreads, Callable[[str], Awaitable[None]]], Awaitable[None]]) -> list[str]:
        """In which order work is done for which one place is there, held until `work` has brought all of it."""
        found: list[str] = []

        async def main() -> None:
            fair, gate = installed(1, allowed=1), threading.Event()
            tasks = [asyncio.create_task(of("holder", gate.wait))]
            await until(lambda: fair._running == 1)

            async def bring(tenant: str) -> None:
                tasks.append(asyncio.create_task(of(tenant, lambda: found.append(tenant))))
                await until(lambda: fair.waiting == len(tasks) - 1)

            fair._pressure.allowed = 0
            await work(fair, bring)
            fair._pressure.allowed = 1
            gate.set()
            await asyncio.gather(*tasks)

        run(main)
        return found

    def test_is_that_of_whoever_had_least(self) -> None:
        async def work(fair: FairThreads, bring: Callable[[str], Awaitable[None]]) -> None:
            for tenant, seconds in (("much", 5.0), ("some", 1.0), ("holder", 9.0)):
                asyncio.get_running_loop()
                spend(fair, tenant, seconds)
            for tenant in ("much", "much", "some", "holder"):
                await bring(tenant)

        assert self.order(work) == ["some", "much", "much", "holder"]

    def test_does_not_come_later_for_what_others_bring(self) -> None:
        async def work(fair: FairThreads, bring: Callable[[str], Awaitable[None]]) -> None:
            spend(fair, "flooder", 2.0)
            spend(fair, "neighbour", 1.0)
            for _ in range(20):
                await bring("flooder")
            await bring("neighbour")

        assert self.order(work)[0] == "neighbour"


class TestPause:
    def test_work_stops_for_someone_who_had_clearly_less_and_goes_on_after(self) -> None:
        async def main() -> None:
            fair, began, told, gate = installed(4, allowed=1), threading.Event(), list[str](), threading.Event()
            spend(fair, "flooder", 10.0)

            def long() -> None:
                began.set()
                gate.wait()
                breathe()
                told.append("flooder")

            def short() -> None:
                gate.set()
                time.sleep(0.05)
                told.append("neighbour")

            flooder = asyncio.create_task(of("flooder", long))
            await until(began.is_set)
            await asyncio.gather(of("neighbour", short), flooder)
            assert told == ["neighbour", "flooder"]

        run(main)

    def test_who_floods_is_known_at_once(self) -> None:
        """Before either had much: by the work that waits."""

        async def main() -> None:
            fair, gate = installed(4, allowed=1), threading.Event()
            spend(fair, "neighbour", 0.5)
            flood = [asyncio.create_task(of("flooder", gate.wait)) for _ in range(5)]
            await until(lambda: fair.waiting == 4)
            assert await of("neighbour", lambda: "at once") == "at once"
            gate.set()
            await asyncio.gather(*flood)

        run(main)

    def test_nobody_stops_for_an_equal(self) -> None:
        async def main() -> None:
            fair, began, gate = installed(4, allowed=1), threading.Event(), threading.Event()
            spend(fair, "one", 10.0)
            spend(fair, "other", 9.0)

            def long() -> None:
                began.set()
                gate.wait()

            first = asyncio.create_task(of("one", long))
            await until(began.is_set)
            second = asyncio.create_task(of("other", lambda: "done"))
            await until(lambda: fair.waiting == 1)
            gate.set()
            await first
            assert await second == "done"

        run(main)

    def test_nothing_breathes_after_its_end(self) -> None:
        async def main() -> None:
            installed(2, allowed=2)
            await of("one", breathe)
            breathe()

        run(main)


class TestPressure:
    def test_lets_fewer_run_while_the_process_computes_and_more_while_it_waits(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cpu = [0.0]
        monkeypatch.setattr(threads, "demand_s", lambda: cpu[0])
        monkeypatch.setattr(threads._Pressure, "EVERY_S", 0.1)
        now = time.monotonic()
        pressure = threads._Pressure(16)
        for _ in range(3):
            now, cpu[0] = now + 1, cpu[0] + 1.0
            pressure.look(now, wanted=True)
        assert pressure.allowed == 1
        for _ in range(5):
            now, cpu[0] = now + 1, cpu[0] + 0.1
            pressure.look(now, wanted=True)
        assert pressure.allowed == 6
        now += 1
        pressure.look(now, wanted=False)
        assert pressure.allowed == 6

    def test_is_what_threads_compute(self) -> None:
        began, until = threads.demand_s(), time.thread_time() + 0.05
        while time.thread_time() < until:
            pass
        assert threads.demand_s() - began > 0.03
