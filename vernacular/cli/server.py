"""uvicorn, ended by a flag instead of by the signal itself."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import uvicorn
from fastapi import FastAPI

GRACE_S = 5


class QuietServer(uvicorn.Server):
    """uvicorn raises the signal that ended it once more, which would end the process before its children are stopped."""

    @classmethod
    def over(cls, app: FastAPI) -> Self:
        return cls(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_S))

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self._end)
        yield
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)

    def _end(self) -> None:
        """Once: finish what is under way; twice: do not wait for it."""
        self.force_exit = self.should_exit
        self.should_exit = True
