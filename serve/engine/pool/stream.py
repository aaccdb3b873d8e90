"""One try: a request to one replica, as pieces of text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp

from serve.engine.pool.client import ModelClient
from serve.engine.pool.failures import Failure, Kind, from_status
from serve.engine.pool.sse import BadStream, ErrorInStream, StreamReader, Usage
from vernacular.endpoints import ModelEndpoint

LAST_BYTES_S = 0.05
"""For the end of the body after `[DONE]`; with it the connection can be used again."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text, never cut within a token; the last piece has `finish_reason`, and `usage` if the server tells it."""

    text: str
    finish_reason: str | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """`first_token_s`: until the first token, and between two later ones. `until`: end of all, in the loop's time; then the
    connection is closed even if nobody reads on, so that a client that stands still does not hold a replica."""

    first_token_s: float
    until: float


class Stream:
    """Reads one streamed completion. `begun` tells whether a token has come.

    After the first token, what comes within `merge_s` leaves together: one piece costs what many tokens do.
    """

    def __init__(
        self, client: ModelClient, endpoint: ModelEndpoint, body: bytes, patience: Patience, merge_s: float
    ) -> None:
        self._client = client
        self._endpoint = endpoint
        self._body = body
        self._patience = patience
        self._merge_s = merge_s
        self._reader = StreamReader()

    @property
    def begun(self) -> bool:
        return self._reader.begun

    async def pieces(self) -> AsyncGenerator[Piece]:
        """
        Raises:
            Failure: before the first token of any kind, later BROKEN or SLOW.
        """
        try:
            async for piece in self._pieces():
                yield piece
        except TimeoutError as error:
            late = asyncio.get_running_loop().time() >= self._patience.until
            raise Failure(Kind.LATE if late and self.begun else Kind.SLOW, "no token in time") from error
        except (aiohttp.ClientError, OSError, BadStream) as error:
            raise Failure(Kind.BROKEN, f"{type(error).__name__}: {error}") from error
        except ErrorInStream as error:
            raise from_status(error.code, str(error).encode(), None) from error

    async def _pieces(self) -> AsyncGenerator[Piece]:
        reader, first = self._reader, self._deadline()
        async with (
            AsyncExitStack() as stack
        ):  # no timeout may span a yield: the time of a slow client is not the model's
            async with asyncio.timeout_at(first):
                response = await stack.enter_async_context(self._client.completion(self._endpoint, self._body))
            stack.callback(asyncio.get_running_loop().call_at(self._patience.until, response.close).cancel)
            content = response.content
            pause = _Pause(content)
            while not reader.done:
                data = await _read(content, self._deadline() if reader.begun else first)
                if not data:
                    break
                reader.feed(data)
                if reader.begun and not reader.done:
                    if text := reader.take():
                        yield Piece(text)
                    await pause.wait(self._merge_s)
            await pause.wait(LAST_BYTES_S)
            if reader.finish_reason is None:
                raise BadStream("it ended in the middle")
            yield Piece(reader.take(), reader.finish_reason, reader.usage)

    def _deadline(self) -> float:
        return min(asyncio.get_running_loop().time() + self._patience.first_token_s, self._patience.until)


async def _read(content: aiohttp.StreamReader, deadline: float) -> bytes:
    """What has come, once something has."""
    if asyncio.get_running_loop().time() >= deadline:  # where there is always something, no timeout would ever strike
        raise TimeoutError
    try:
        async with asyncio.timeout_at(deadline):
            return await content.readany()
    except RuntimeError as error:  # aiohttp's word for a connection that was closed on this side
        raise ConnectionError(str(error)) from error


class _Pause:
    """Waits some time, or until the server has sent everything."""

    def __init__(self, content: aiohttp.StreamReader) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = False
        self._waiting: asyncio.Future[None] | None = None
        content.on_eof(self._end)

    async def wait(self, seconds: float) -> None:
        if self._ended:
            return
        self._waiting = self._loop.create_future()
        handle = self._loop.call_later(seconds, _wake, self._waiting)
        try:
            await self._waiting
        finally:
            handle.cancel()

    def _end(self) -> None:
        self._ended = True
        if self._waiting is not None:
            _wake(self._waiting)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
