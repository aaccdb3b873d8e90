"""Who gets a replica next: the least burdened one at once, or a place in the queue before a model's replicas."""

from __future__ import annotations

import asyncio
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from serve.engine.pool.figures import ModelFigures
from serve.engine.pool.replica import Replica
from vernacular.errors import ModelBusy, ModelUnavailable
from vernacular.settings import GenerationSettings

SHORTEST_RETRY_S, LONGEST_RETRY_S = 1, 60
DURATION_GUESS_S = 2.0
SMOOTHING = 0.1


class Lease:
    """A place on a replica; `release` gives it back, once."""

    def __init__(self, replica: Replica, released: Callable[[], None]) -> None:
        self.replica = replica
        self.probe = replica.breaker.begin()
        self._released = released
        self._held = True
        replica.in_flight += 1

    def release(self) -> None:
        if self._held:
            self._held = False
            self.replica.in_flight -= 1
            self.replica.breaker.abandon(self.probe)
            self._released()


@dataclass(slots=True, eq=False)
class _Waiter:
    adapter: str | None
    avoid: frozenset[Replica]
    tenant: str
    place: asyncio.Future[Lease]


class Admission:
    """The queue before the replicas of one model. A free place goes to the tenant that has the fewest, of those with as many to the one
    who was served longest ago, and within a tenant to who came first; save that a request for an adapter which no free replica holds
    does not keep back those behind it. When the queue is full, whoever has the most in it gives way to whoever has less.

    `per_tenant`: places that one tenant has at most; 0: as many as there are.
    """

    def __init__(
        self,
        model: str,
        settings: GenerationSettings,
        replicas: Callable[[], Iterable[Replica]],
        figures: ModelFigures,
        *,
        per_tenant: int = 0,
    ) -> None:
        self.model = model
        self._settings = settings
        self._replicas = replicas
        self._figures = figures
        self._per_tenant = per_tenant or sys.maxsize
        self._waiters: list[_Waiter] = []
        self._held: Counter[str] = Counter()
        self._served: dict[str, int] = {}
        self._turns = 0
        self._duration_s = DURATION_GUESS_S

    @property
    def waiting(self) -> int:
        return len(self._waiters)

    async def take(self, adapter: str | None, avoid: frozenset[Replica] = frozenset(), tenant: str = "") -> Lease:
        """A place on the least burdened replica, one not in `avoid` if there is any.

        Raises:
            ModelUnavailable: no replica is up that serves this.
            ModelBusy: the queue is full, or the wait was too long.
        """
        able = self._able(adapter)
        if not able:
            raise ModelUnavailable(f"No server that could answer with {self._what(adapter)} is up.")
        waiter = _Waiter(adapter, avoid, tenant, asyncio.get_running_loop().create_future())
        if not self._waiters and (lease := self._place(able, waiter)):
            return lease
        if self._settings.wait_s == 0 or (
            len(self._waiters) >= self._settings.max_waiting and not self._give_way(tenant)
        ):
            raise self.busy("The model's queue is full.")
        return await self._wait(waiter)

    def _give_way(self, tenant: str) -> bool:
        """Turn away the last of the tenant that has the most in the queue, if it is clearly more than `tenant` would have."""
        there = [waiter for waiter in self._waiters if not waiter.place.done()]
        waiting = Counter(waiter.tenant for waiter in there)
        if not waiting:
            return False
        crowd, count = waiting.most_common(1)[0]
        if count <= waiting[tenant] + 1:
            return False
        last = next(waiter for waiter in reversed(there) if waiter.tenant == crowd)
        self._waiters.remove(last)
        last.place.set_exception(self.busy("The model's queue is full, and others wait as well."))
        return True

    async def _wait(self, waiter: _Waiter) -> Lease:
        self._waiters.append(waiter)
        self.hand_out()  # those before it may wait for an adapter that the free replicas do not hold
        self._figures.waiting.labels(self.model).set(len(self._waiters))
        lease: Lease | None = None
        try:
            async with asyncio.timeout(self._settings.wait_s):
                lease = await waiter.place
                return lease
        except TimeoutError:
            raise self.busy(f"The model was not free within {self._settings.wait_s:g} s.") from None
        finally:
            if lease is None:
                self._leave(waiter)
            self._figures.waiting.labels(self.model).set(len(self._waiters))

    def _leave(self, waiter: _Waiter) -> None:
        """Timed out, cancelled or told that it is hopeless; a place that was given in that very moment goes to the next."""
        if waiter in self._waiters:
            self._waiters.remove(waiter)
        place = waiter.place
        if place.done() and not place.cancelled() and place.exception() is None:
            place.result().release()

    def hand_out(self) -> None:
        """Give free places to those who wait; called whenever a place or a replica becomes free, or a replica goes."""
        while given := self._give_next():
            self._waiters.remove(given)

    def _give_next(self) -> _Waiter | None:
        """Whoever had a place given, or was told that there will be none; None: nobody can be served now."""
        for waiter in sorted(self._waiters, key=lambda one: (self._held[one.tenant], self._served.get(one.tenant, 0))):
            if waiter.place.done():
                continue
            able = self._able(waiter.adapter)
            if not able:
                what = self._what(waiter.adapter)
                waiter.place.set_exception(ModelUnavailable(f"The last server that could answer with {what} is gone."))
                return waiter
            if lease := self._place(able, waiter):
                waiter.place.set_result(lease)
                return waiter
        return None

    def observe_duration(self, seconds: float) -> None:
        self._duration_s += SMOOTHING * (seconds - self._duration_s)

    def busy(self, message: str, at_least_s: float = 0) -> ModelBusy:
        """The error that says when a place should be free: by the answers of late, the queue, and the places there are."""
        places = sum(self._settings.max_running for _ in self._able(None)) or 1
        expected = self._duration_s * (1 + len(self._waiters) / places)
        retry_after = min(max(math.ceil(max(expected, at_least_s)), SHORTEST_RETRY_S), LONGEST_RETRY_S)
        return ModelBusy(message, f"Try again in {retry_after} s.", retry_after)

    def _able(self, adapter: str | None) -> list[Replica]:
        return [one for one in self._replicas() if one.takes_requests() and one.serves(self.model, adapter)]

    def _place(self, able: list[Replica], waiter: _Waiter) -> Lease | None:
        tenant = waiter.tenant
        if self._held[tenant] >= self._per_tenant:
            return None
        preferred = [one for one in able if one not in waiter.avoid] or able
        free = [one for one in preferred if one.in_flight < self._settings.max_running]
        if not free:
            return None
        self._held[tenant] += 1
        self._turns += 1
        self._served[tenant] = self._turns
        return Lease(min(free, key=lambda one: one.burden), lambda: self._released(tenant))

    def _released(self, tenant: str) -> None:
        self._held[tenant] -= 1
        if not self._held[tenant]:
            del self._held[tenant]
        if not self._held and not self._waiters:
            self._served.clear()
        self.hand_out()

    def _what(self, adapter: str | None) -> str:
        return f"the model {self.model!r}" + (" and this adapter" if adapter else "")
