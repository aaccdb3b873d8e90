"""Whose turn it is in a worker: jobs of several tenants are under way at once, and take turns batch by batch."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

HALF_LIFE_S: Final = 60.0
PATIENCE_S: Final = 2.0
"""How long a batch waits for others, which may be waiting for something themselves: a page, a model."""
LONG_S: Final = 1.0
"""A job that is under way for so long does not keep those of other tenants from beginning."""
MOST_JOBS: Final = 32
HANDED_S: Final = 5.0
"""A job that was handed over and has not begun by then was begun by another worker, or waits for its tenant's other one."""


class Turns:
    """`places` batches run at once; the next place goes to the tenant that had least time of late."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._spent: dict[str, tuple[float, float]] = {}
        self._waiting: Counter[str] = Counter()
        self._changed = threading.Condition()

    @contextmanager
    def take(self, tenant_id: str) -> Iterator[None]:
        """Wait for a place, and hold it for a batch."""
        self._enter(tenant_id)
        began = time.monotonic()
        try:
            yield
        finally:
            self._leave(tenant_id, time.monotonic() - began)

    def spent(self, tenant_id: str) -> float:
        """Seconds of late; they are forgotten by half every minute."""
        seconds, at = self._spent.get(tenant_id, (0.0, 0.0))
        return seconds * math.exp2((at - time.monotonic()) / HALF_LIFE_S)

    def _enter(self, tenant_id: str) -> None:
        with self._changed:
            self._waiting[tenant_id] += 1
            self._changed.wait_for(lambda: self._is_next(tenant_id), PATIENCE_S)
            self._waiting -= Counter([tenant_id])
            self._places -= 1
            self._changed.notify_all()

    def _leave(self, tenant_id: str, seconds: float) -> None:
        with self._changed:
            self._places += 1
            self._spent[tenant_id] = (self.spent(tenant_id) + seconds, time.monotonic())
            self._changed.notify_all()

    def _is_next(self, tenant_id: str) -> bool:
        return self._places > 0 and min(self._waiting, key=self.spent) == tenant_id


class Handing:
    """Which jobs that wait should be begun here now: one of each tenant, those who had least first.

    A worker takes as many as it has places. When all that it has under way take long, one more of another tenant may begin beside them,
    whose batches then take turns with theirs. (It does not take all that wait at once: other workers may be idle.)
    """

    def __init__(self, places: int, turns: Turns) -> None:
        self._places, self._turns = places, turns
        self._handed: dict[str, tuple[str, float]] = {}
        self._begun: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Jobs under way."""
        return len(self._begun)

    def begin(self, tenant_id: str, job_id: str) -> None:
        with self._lock:
            self._handed.pop(job_id, None)
            self._begun[job_id] = tenant_id, time.monotonic()

    def end(self, job_id: str) -> None:
        with self._lock:
            self._begun.pop(job_id, None)

    def choose(self, waiting: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Those of `waiting`, ids of jobs and of their tenants, that are to be handed over now."""
        with self._lock:
            now = time.monotonic()
            self._handed = {job: told for job, told in self._handed.items() if now - told[1] < HANDED_S}
            busy = {tenant for tenant, _ in (*self._handed.values(), *self._begun.values())}
            left = [each for each in waiting if each[0] not in self._handed and each[0] not in self._begun]
            others = sorted((each for each in left if each[1] not in busy), key=lambda each: self._turns.spent(each[1]))
            chosen = others[: self._room(now)]
            if not others and not self._handed:
                chosen = left[:1]  # the same tenant's next one waits ready for the end of this one
            self._handed.update((job, (tenant, now)) for job, tenant in chosen)
            return chosen

    def _room(self, now: float) -> int:
        free = self._places - len(self._begun) - len(self._handed)
        if free > 0:
            return free
        long = all(now - began > LONG_S for _, began in self._begun.values())
        return 1 if long and not self._handed and len(self._begun) < MOST_JOBS else 0
