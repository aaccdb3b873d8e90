"""Which worker is which: a number that no other living worker of the same database has.

A worker's jobs are recorded under its number, so a number without a worker tells which jobs nobody works on any more. On
SQLite the one worker of a home has the number 0, and a locked file keeps it; on PostgreSQL a session's advisory lock does, which
ends with the session, wherever the worker ran.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from vernacular.db.locks import SessionLocks
from vernacular.errors import Conflict, StoreBusy
from vernacular.jobs import worker_lock
from vernacular.settings import Settings

PATIENCE_S: Final = 10.0
MOST_WORKERS: Final = 1000
_NAME: Final = "worker-"
_LOCKS: Final = 0x7665726B  # any constant of our own: the first of the two numbers that PostgreSQL names these locks by


class Number(Protocol):
    """A worker's number for as long as it runs; `name` is what its jobs are recorded under."""

    @property
    def name(self) -> str: ...

    def held(self) -> bool:
        """Whether it is still this worker's; if not, its jobs may be someone else's by now."""

    @contextmanager
    def abandoned(self, name: str) -> Iterator[bool]:
        """Whether the worker of that name has gone; no other takes its number within the block."""


@contextmanager
def taken_number(settings: Settings) -> Iterator[Number]:
    """The lowest number that is free. Where there can be one worker only, waits a little for another to go.

    Raises:
        Conflict: another worker runs, and the settings allow for one.
        StoreBusy: PostgreSQL is out of reach.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as stack:
        if make_url(settings.jobs_url).get_backend_name() == "sqlite":
            _lock_file(stack, settings.home, 0)
            yield OnlyNumber()
            return
        locks = stack.enter_context(SessionLocks(settings.jobs_url, _LOCKS))
        number = _lowest_free(locks, 1 if settings.vectors.mode == "edge" else MOST_WORKERS)
        _lock_file(stack, settings.home, number)
        yield SharedNumber(locks, number)


@dataclass(frozen=True, slots=True)
class OnlyNumber:
    """That of the one worker of a home."""

    name: str = "local"

    def held(self) -> bool:
        return True

    @contextmanager
    def abandoned(self, name: str) -> Iterator[bool]:
        yield False


@dataclass(frozen=True, slots=True)
class SharedNumber:
    """That of one of many workers on a PostgreSQL."""

    _locks: SessionLocks
    _number: int

    @property
    def name(self) -> str:
        return f"{_NAME}{self._number}"

    def held(self) -> bool:
        """A session that was cut off is made anew: the number may still be free."""
        try:
            return self._locks.alive() or self._locks.lock(self._number)
        except OperationalError:
            return True  # no one takes anything from a server that is out of reach

    @contextmanager
    def abandoned(self, name: str) -> Iterator[bool]:
        digits = name.removeprefix(_NAME)
        if name == self.name or not digits.isdecimal() or not self._locks.lock(int(digits)):
            yield False
            return
        try:
            yield True
        finally:
            self._locks.unlock(int(digits))


def _lowest_free(locks: SessionLocks, most: int) -> int:
    give_up = time.monotonic() + PATIENCE_S
    while True:
        try:
            number = next((number for number in range(most) if locks.lock(number)), None)
        except OperationalError as error:
            raise StoreBusy("PostgreSQL is out of reach.") from error
        if number is not None:
            return number
        if time.monotonic() > give_up:
            raise Conflict(
                "A worker already runs on this database.",
                "With the embedded index there can be one; VERNACULAR_VECTORS__MODE=server allows for many.",
            )
        time.sleep(0.1)


def _lock_file(stack: ExitStack, home: Path, number: int) -> None:
    """For those who look whether a worker runs on this home."""
    lock = stack.enter_context(worker_lock(home, number).open("w", encoding="utf-8"))
    give_up = time.monotonic() + PATIENCE_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up:
                raise Conflict(
                    f"A worker already runs on {home}.", "It takes all jobs of this home; wait, or stop it."
                ) from None
            time.sleep(0.1)
        else:
            return
