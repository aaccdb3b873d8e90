"""Whose page is drawn next. Whoever waits does so in the event loop: the threads of all requests are never taken up by pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from anyio import CapacityLimiter, to_thread

from vernacular.errors import TooManyRequests

MOST_WAITING: Final = 50
"""Pages of one tenant that are asked for at once: each takes a fraction of a second, if the file is no trap."""
Done = TypeVar("Done")


@dataclass(slots=True)
class _Line:
    """Of one tenant: the first in it stands in the line of all."""

    first: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))
    long: int = 0


class Turns:
    """One at a time, of each tenant in turn. For one event loop."""

    def __init__(self) -> None:
        self._drawing = CapacityLimiter(1)
        self._lines: dict[str, _Line] = {}

    async def take(self, tenant_id: str, draw: Callable[[], Done]) -> Done:
        """What `draw` returns, which runs in a thread of its own.

        Raises:
            TooManyRequests: the tenant has as many pages waiting as may be.
        """
        line = self._lines.setdefault(tenant_id, _Line())
        if line.long >= MOST_WAITING:
            raise TooManyRequests("Too many pages of documents are being drawn already.")
        line.long += 1
        try:
            async with line.first:
                return await to_thread.run_sync(draw, limiter=self._drawing)
        finally:
            line.long -= 1
            if not line.long:
                del self._lines[tenant_id]
