from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

FAILURES = 3
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0


class CircuitBreaker:
    """Keeps requests from a replica that fails them.

    After `FAILURES` in a row it opens; when its pause is over one request may try (half open): success closes it, another
    failure doubles the pause.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._pause_s = 0.0
        self._until = 0.0
        self._probing = False

    @property
    def state(self) -> Literal["closed", "open", "half_open"]:
        if self._pause_s == 0:
            return "closed"
        return "open" if self._clock() < self._until else "half_open"

    def allows(self) -> bool:
        """Whether a request may go out now."""
        state = self.state
        return state == "closed" or (state == "half_open" and not self._probing)

    def begin(self) -> bool:
        """A request goes out. True: it is the one that tries; pass that on to `fail` or `abandon`."""
        self._probing = self.state == "half_open"
        return self._probing

    def succeed(self) -> None:
        self._failures, self._pause_s, self._probing = 0, 0.0, False

    def fail(self, probe: bool = False) -> bool:
        """True: this failure opened it. Requests that were under way as it opened do not make the pause longer."""
        if probe:
            self._probing = False
        elif self._pause_s:
            return False
        self._failures += 1
        if self._failures < FAILURES and not probe:
            return False
        self._pause_s = min(max(FIRST_PAUSE_S, 2 * self._pause_s), LONGEST_PAUSE_S)
        self._until = self._clock() + self._pause_s
        return True

    def abandon(self, probe: bool) -> None:
        """The request ended without telling anything about the replica."""
        if probe:
            self._probing = False
