"""Whether the caller is still there, and still let in: work for one who has left is stopped, so that a model does not write for
nobody, and an answer to one whose rights were taken away is cut."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import anyio
from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from serve.error_handlers import error_body
from serve.responses import EVENT_STREAM, event
from vernacular.errors import StoreBusy, VernacularError

Result = TypeVar("Result")
UntilRefused = Callable[[], Coroutine[Any, Any, None]]
GONE: Final = 499
"""The status, seen in logs alone, of a request whose caller left."""


async def while_present(
    request: Request, work: Callable[[], Awaitable[Result]], until_refused: UntilRefused
) -> Result | None:
    """What `work` comes to; None: the caller left, and it was cancelled. Its errors, and those of `until_refused`, which never
    ends otherwise, are raised as they are."""
    done: list[Result] = []
    with _plain_errors():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_cancel_when_gone, request.receive, tasks.cancel_scope)
            tasks.start_soon(until_refused)
            done.append(await work())
            tasks.cancel_scope.cancel()
    return done[0] if done else None


class EventStream(StreamingResponse):
    """Server-sent events. However it ends, `content` is closed before the response is, and then `close` is called.

    (Closing a generator that was never begun runs none of it.) Once `until_refused` raises an error, that is the last event.
    """

    def __init__(
        self,
        content: AsyncGenerator[bytes],
        close: Callable[[], Awaitable[None]],
        until_refused: UntilRefused,
        request_id: str,
    ) -> None:
        super().__init__(content, media_type=EVENT_STREAM)
        self._content, self._close, self._until_refused = content, close, until_refused
        self._request_id = request_id
        self._refusal: VernacularError | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with _plain_errors():
            async with anyio.create_task_group() as tasks:
                speaking = anyio.CancelScope()
                tasks.start_soon(_cancel_when_gone, receive, tasks.cancel_scope)
                tasks.start_soon(self._cut_when_refused, speaking)
                try:
                    with speaking:
                        await self.stream_response(send)
                except OSError:
                    pass  # a server's way to say that the caller has left
                finally:
                    with anyio.CancelScope(shield=True):
                        await self._content.aclose()
                        await self._close()
                if self._refusal is not None:
                    last = event(error_body(self._refusal, self._request_id))
                    await send({"type": "http.response.body", "body": last, "more_body": False})
                tasks.cancel_scope.cancel()

    async def _cut_when_refused(self, speaking: anyio.CancelScope) -> None:
        try:
            await self._until_refused()
        except VernacularError as error:
            self._refusal = error
        except OperationalError:
            self._refusal = StoreBusy("The database is busy or out of reach.")
        speaking.cancel()


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
