"""Whose turn it is in the threads that all requests share: those who have had the least of them lately go first.

Start-time fair queueing (Goyal, Vin, Cheng 1996) in short: what a tenant's work took of late, in seconds, is forgotten by half every
`HALF_LIFE_S`, and the next thread goes to the one with the least. That alone does not do in Python, where a thread that computes holds up
all others, so there is more:

- No more work runs at once than keeps the process busy (`_Pressure`): further threads would add nothing but waiting. Where work waits for
  servers, that is as many as there are threads; where it computes, one or two.
- Someone who had clearly less than all that runs begins at once beyond that number, and those others stop, at the next place
  where they `breathe`, until it is done. So does someone who had little, beside others who have more waiting: who floods is known by that at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import time
from collections import deque
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition
from types import TracebackType
from typing import Final

from anyio import CapacityLimiter, CapacityLimiterStatistics, WouldBlock
from anyio._backends._asyncio import _default_thread_limiter

from vernacular.errors import TooManyRequests
from vernacular.pace import put_gate

HALF_LIFE_S: Final = 3.0
CLEARLY: Final = 2.0
"""How many times as much as another someone must have had to stop for it."""
NOTICED_S: Final = 0.05
LONGEST_PAUSE_S: Final = 0.25
LET_OUT_S: Final = 0.002
"""For an answer to leave the process, or for its next step to begin, before others go on."""
FEW: Final = 4
"""As long as no more may run at once, work computes rather than waits, and stops for others."""
MAX_WAITING: Final = 500
FORGET_S: Final = 60.0
_TASKS: Final = Path("/proc/self/task")

_whose: ContextVar[str] = ContextVar("whose", default="")


def work_for(tenant_id: str) -> None:
    """What this request does from now on in threads is that tenant's."""
    _whose.set(tenant_id)


@dataclass(slots=True, eq=False)
class _Share:
    """What a tenant has of the threads. `spent`: seconds of work that has ended, as of `at`; `began`: the sum of the times at which
    what runs began. Changed in the event loop alone; threads may look."""

    at: float
    spent: float = 0.0
    running: int = 0
    began: float = 0.0
    waiting: deque[asyncio.Future[float]] = field(default_factory=deque)

    def had(self, now: float) -> float:
        return self._faded(now) + self.running * now - self.began

    def clearly_less(self, other: _Share, now: float, little: float) -> bool:
        """Than one who had `CLEARLY` times as much, or who keeps others waiting while this one had `little` at most."""
        mine = self.had(now)
        return mine * CLEARLY < other.had(now) or (bool(other.waiting) and not self.waiting and mine < little)

    def charge(self, seconds: float, now: float) -> None:
        self.spent, self.at = self._faded(now) + max(0.0, seconds), now

    def _faded(self, now: float) -> float:
        return self.spent * math.exp2((self.at - now) / HALF_LIFE_S)

    def forgotten(self, now: float) -> bool:
        return not self.running and not self.waiting and now - self.at > FORGET_S


@dataclass(slots=True)
class _Work:
    share: _Share
    began: float
    paused: float = 0.0


class _Pressure:
    """How many pieces of work may run at once: fewer while the process computes all the time, more while it waits.

    Measured by the clock as the time that its threads computed or waited for a processor, whenever somebody asks and some time has passed.
    (Without that waiting, a process that gets half a processor would look idle.)
    """

    EVERY_S: Final = 0.1
    BUSY, IDLE = 0.8, 0.6
    LEAST: Final = 1

    def __init__(self, most: int) -> None:
        self.most = most
        self.allowed = min(2, most)
        self._at, self._demand = time.monotonic(), demand_s()

    def look(self, now: float, wanted: bool) -> None:
        """`wanted`: more would run if it might."""
        if now - self._at < self.EVERY_S:
            return
        demand = demand_s()
        busy = (demand - self._demand) / (now - self._at)
        self._at, self._demand = now, demand
        if busy > self.BUSY:
            self.allowed = max(self.LEAST, self.allowed // 2)
        elif busy < self.IDLE and wanted:
            self.allowed = min(self.most, self.allowed + 1)


def demand_s() -> float:
    """Seconds that this process's threads have computed, or waited for a processor to do so: the latter where Linux tells it."""
    found = 0
    for thread in os.scandir(_TASKS) if _TASKS.exists() else ():
        with contextlib.suppress(OSError, ValueError):  # it has ended meanwhile, or the kernel does not tell
            computed, waited, _turns = Path(thread.path, "schedstat").read_bytes().split()
            found += int(computed) + int(waited)
    return found / 1e9 or time.process_time()


class FairThreads(CapacityLimiter):
    """Stands where anyio's own limiter does: before every thread that a request's work runs in. For one event loop.

    `slots`: threads in all; `per_tenant`: those that one tenant has at most, 0: as many as there are.
    """

    def __new__(cls, *_args: object, **_more: object) -> FairThreads:
        return object.__new__(cls)  # anyio's makes one of its own kind

    def __init__(self, slots: int, per_tenant: int = 0) -> None:
        self._slots = slots
        self._per_tenant = per_tenant or slots
        self._pressure = _Pressure(slots)
        self._shares: dict[str, _Share] = {}
        self._active: tuple[_Share, ...] = ()
        self._running = 0
        self._works: dict[object, _Work] = {}
        self._quiet = Condition()
        self._pausing = 0
        self._little = 0.0
        self.waiting = 0

    def install(self) -> None:
        """Take the place of anyio's limiter in the running event loop."""
        _default_thread_limiter.set(self)  # type: ignore[arg-type]  # what `to_thread.run_sync` waits for; it has no other way in

    # -- what anyio calls ------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> None:
        await self.acquire()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    @property
    def total_tokens(self) -> float:
        return self._slots

    @total_tokens.setter
    def total_tokens(self, value: float) -> None:
        self._slots = self._pressure.most = int(value)
        self._hand_out(time.monotonic())

    @property
    def borrowed_tokens(self) -> int:
        return self._running

    @property
    def available_tokens(self) -> float:
        return self._slots - self._running

    def statistics(self) -> CapacityLimiterStatistics:
        return CapacityLimiterStatistics(self._running, self._slots, tuple(self._works), self.waiting)

    async def acquire(self) -> None:
        await self.acquire_on_behalf_of(asyncio.current_task())

    def acquire_nowait(self) -> None:
        self.acquire_on_behalf_of_nowait(asyncio.current_task())

    def acquire_on_behalf_of_nowait(self, borrower: object) -> None:
        share, now = self._share(), time.monotonic()
        self._pressure.look(now, wanted=False)
        if share.waiting or not self._may_begin(share, now):
            raise WouldBlock
        self._reserve(share, now)
        self._begin(share, borrower, now)

    async def acquire_on_behalf_of(self, borrower: object) -> None:
        """
        Raises:
            TooManyRequests: the tenant has more waiting than is good for anyone.
        """
        try:
            self.acquire_on_behalf_of_nowait(borrower)
        except WouldBlock:
            share = self._share()
            self._begin(share, borrower, await self._wait(share))

    def release(self) -> None:
        self.release_on_behalf_of(asyncio.current_task())

    def release_on_behalf_of(self, borrower: object) -> None:
        work = self._works.pop(borrower)
        put_gate(None)
        self._give_back(work.share, work.began, work.paused, time.monotonic())

    # -- whose turn it is ------------------------------------------------------------------------------------------------

    def _share(self) -> _Share:
        whose = _whose.get()
        found = self._shares.get(whose)
        if found is None:
            now = time.monotonic()
            kept = {name: share for name, share in self._shares.items() if not share.forgotten(now)}
            found = _Share(at=now)
            self._shares = {**kept, whose: found}
        return found

    def _may_begin(self, share: _Share, now: float) -> bool:
        if self._running >= self._slots or share.running >= self._per_tenant:
            return False
        if self._running < self._pressure.allowed:
            return True
        return not share.running and all(share.clearly_less(other, now, self._little) for other in self._active)

    def _reserve(self, share: _Share, now: float) -> None:
        self._running += 1
        share.running += 1
        share.began += now
        self._look_round(now)

    def _give_back(self, share: _Share, began: float, paused: float, now: float) -> None:
        self._running -= 1
        share.running -= 1
        share.began -= began
        share.charge(now - began - paused, now)
        self._look_round(now)
        if self._pausing or self._is_light(share, now):
            asyncio.get_running_loop().call_later(LET_OUT_S, self._go_on)
        else:
            self._hand_out(now)

    def _look_round(self, now: float) -> None:
        """Who is at work; and how much is little: half of what each would have had of one thread, had all that were there had the same."""
        shares = self._shares.values()
        self._active = tuple(each for each in shares if each.running)
        there = sum(1 for each in shares if each.running or each.waiting or each.had(now) > NOTICED_S)
        self._little = HALF_LIFE_S / math.log(2) / max(2, there) / 2

    def _is_light(self, share: _Share, now: float) -> bool:
        """Whether it had clearly less than those who wait, so that they may as well wait for its next step, too."""
        return self.waiting > 0 and all(
            share.clearly_less(other, now, self._little) for other in self._shares.values() if other.waiting
        )

    def _go_on(self) -> None:
        with self._quiet:
            self._quiet.notify_all()
        self._hand_out(time.monotonic())

    def _begin(self, share: _Share, borrower: object, began: float) -> None:
        work = self._works[borrower] = _Work(share, began)
        put_gate(lambda: self._breathe(work))

    async def _wait(self, share: _Share) -> float:
        """Until there is a place; when that was given."""
        if len(share.waiting) >= MAX_WAITING:
            raise TooManyRequests("Too many requests of this tenant are waiting already.")
        place: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        share.waiting.append(place)
        self.waiting += 1
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._give_back(share, place.result(), 0.0, time.monotonic())
            else:
                share.waiting.remove(place)
            raise
        finally:
            self.waiting -= 1

    def _hand_out(self, now: float) -> None:
        """Give places to those who wait, the one who had least first."""
        self._pressure.look(now, self.waiting > 0)
        while waiting := [share for share in self._shares.values() if share.waiting]:
            share = min(waiting, key=lambda each: (each.running >= self._per_tenant, each.had(now)))
            if not self._may_begin(share, now):
                return
            place = share.waiting.popleft()
            if not place.done():
                self._reserve(share, now)
                place.set_result(now)

    # -- in the threads themselves -----------------------------------------------------------------------------------------

    def _breathe(self, work: _Work) -> None:
        if not self._must_pause(work):
            return
        began = time.monotonic()
        with self._quiet:
            self._pausing += 1
            self._quiet.wait_for(lambda: not self._must_pause(work), LONGEST_PAUSE_S)
            self._pausing -= 1
        work.paused += time.monotonic() - began

    def _must_pause(self, work: _Work) -> bool:
        if self._running < 2 or self._pressure.allowed > FEW:
            return False
        now = time.monotonic()
        return any(each is not work.share and each.clearly_less(work.share, now, self._little) for each in self._active)
