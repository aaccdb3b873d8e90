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
from starlette.datastructures import State

from serve.bootstrap import Services

GRACE_S = 5
ANSWERS_S = 3
"""What answers under way get to end by themselves; then they are cut short, and say so."""


class QuietServer(uvicorn.Server):
    """uvicorn raises the signal that ended it once more, which would end the process before its children are stopped."""

    @classmethod
    def over(cls, app: FastAPI) -> Self:
        server = cls(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_S))
        server._state = app.state
        return server

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self._state: State | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        cutting = asyncio.create_task(self._cut_answers_short())
        await super().shutdown(sockets)
        cutting.cancel()

    async def _cut_answers_short(self) -> None:
        """Hang up on the models in good time, so that each answer can still be ended in order."""
        await asyncio.sleep(ANSWERS_S)
        services: Services | None = getattr(self._state, "services", None)
        if services is not None:
            await services.models.close()

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
