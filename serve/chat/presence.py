"""Whether the caller is still there: work for one who has left is stopped, so that a model does not write for nobody."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import anyio
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from serve.responses import EVENT_STREAM

Result = TypeVar("Result")
GONE: Final = 499
"""The status, seen in logs alone, of a request whose caller left."""


async def while_present(request: Request, work: Callable[[], Awaitable[Result]]) -> Result | None:
    """What `work` comes to; None: the caller left, and it was cancelled. Its errors are raised as they are."""
    done: list[Result] = []
    with _plain_errors():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_cancel_when_gone, request.receive, tasks.cancel_scope)
            done.append(await work())
            tasks.cancel_scope.cancel()
    return done[0] if done else None


class EventStream(StreamingResponse):
    """Server-sent events. However it ends, `content` is closed before the response is, and then `close` is called.

    (Closing a generator that was never begun runs none of it.)
    """

    def __init__(self, content: AsyncGenerator[bytes], close: Callable[[], Awaitable[None]]) -> None:
        super().__init__(content, media_type=EVENT_STREAM)
        self._content, self._close = content, close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with _plain_errors():
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_cancel_when_gone, receive, tasks.cancel_scope)
                try:
                    await self.stream_response(send)
                except OSError:
                    pass  # a server's way to say that the caller has left
                finally:
                    with anyio.CancelScope(shield=True):
                        await self._content.aclose()
                        await self._close()
                tasks.cancel_scope.cancel()


@contextmanager
def _plain_errors() -> Iterator[None]:
    """A task group wraps what its body raises; the handlers of errors know it without."""
    try:
        yield
    except ExceptionGroup as group:
        raise group.exceptions[0] from None


async def _cancel_when_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
