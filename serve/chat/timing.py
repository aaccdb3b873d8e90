"""How long people wait for an answer: kept with it, for the figures of its tenant."""

from __future__ import annotations

import time
from collections.abc import Callable


class Timing:
    """Begins when it is made: when a checked request begins to be worked on."""

    def __init__(self, *, streamed: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._streamed, self._clock, self._began = streamed, clock, clock()
        self._first_ms: int | None = None

    def sent(self, text: str) -> None:
        """Text of the answer leaves here."""
        if text and self._streamed and self._first_ms is None:
            self._first_ms = self._elapsed_ms()

    def details(self, *, cut_off: bool) -> dict[str, int | None]:
        """`took_ms` to this moment, null where the answer was cut off; `first_ms` to the first text that was sent: of an answer that
        is not streamed that is all of it."""
        took_ms = None if cut_off else self._elapsed_ms()
        return {"took_ms": took_ms, "first_ms": self._first_ms if self._streamed else took_ms}

    def _elapsed_ms(self) -> int:
        return round((self._clock() - self._began) * 1000)
