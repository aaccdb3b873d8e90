from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from starlette.requests import Request

from serve.chat.presence import EventStream, while_present
from vernacular.errors import ModelBusy, Unauthorized

SCOPE: dict[str, Any] = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}


class Caller:
    """Someone who leaves when `gone` is set."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.got = b""

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.got += message.get("body", b"")


async def let_in() -> None:
    """Someone whose rights stay."""
    await asyncio.Event().wait()


async def turned_away() -> None:
    raise Unauthorized("revoked")


class TestWhilePresent:
    def test_gives_what_the_work_comes_to(self) -> None:
        async def scenario() -> int | None:
            async def work() -> int:
                return 4

            return await while_present(Request(SCOPE, Caller().receive), work, let_in)

        assert asyncio.run(scenario()) == 4

    def test_raises_its_errors_as_they_are(self) -> None:
        async def scenario() -> None:
            async def work() -> None:
                raise ModelBusy("busy")

            await while_present(Request(SCOPE, Caller().receive), work, let_in)

        with pytest.raises(ModelBusy):
            asyncio.run(scenario())

    def test_stops_it_when_the_caller_leaves(self) -> None:
        stopped: list[bool] = []

        async def scenario() -> object:
            caller = Caller()

            async def work() -> None:
                caller.gone.set()
                try:
                    await asyncio.sleep(60)
                except asyncio.CancelledError:
                    stopped.append(True)
                    raise

            return await while_present(Request(SCOPE, caller.receive), work, let_in)

        assert asyncio.run(scenario()) is None
        assert stopped == [True]

    def test_stops_it_when_the_caller_is_turned_away(self) -> None:
        stopped: list[bool] = []

        async def scenario() -> None:
            async def work() -> None:
                try:
                    await asyncio.sleep(60)
                except asyncio.CancelledError:
                    stopped.append(True)
                    raise

            await while_present(Request(SCOPE, Caller().receive), work, turned_away)

        with pytest.raises(Unauthorized):
            asyncio.run(scenario())
        assert stopped == [True]


class TestEventStream:
    @staticmethod
    async def _run(leaves_before: bool, closed: list[str]) -> bytes:
        caller = Caller()

        async def content() -> AsyncGenerator[bytes]:
            try:
                yield b"one"
                caller.gone.set()
                await asyncio.sleep(60)
            finally:
                closed.append("content")

        async def close() -> None:
            closed.append("turn")

        async def refuse(_message: Any) -> None:
            raise OSError

        await EventStream(content(), close, let_in, "id")(
            SCOPE, caller.receive, refuse if leaves_before else caller.send
        )
        return caller.got

    def test_closes_what_it_sends_when_the_caller_leaves(self) -> None:
        closed: list[str] = []
        assert asyncio.run(self._run(False, closed)) == b"one"
        assert closed == ["content", "turn"]

    def test_closes_the_turn_when_nothing_could_be_sent(self) -> None:
        closed: list[str] = []
        asyncio.run(self._run(True, closed))
        assert closed == ["turn"]

    @pytest.mark.parametrize(
        ("error", "name"),
        [(Unauthorized("revoked"), "unauthorized"), (OperationalError("", {}, OSError()), "store_busy")],
    )
    def test_ends_with_the_error_when_the_caller_is_turned_away(self, error: Exception, name: str) -> None:
        closed: list[str] = []

        async def content() -> AsyncGenerator[bytes]:
            try:
                yield b"data: one\n\n"
                said.set()
                await asyncio.sleep(60)
            finally:
                closed.append("content")

        async def close() -> None:
            closed.append("turn")

        async def refuse() -> None:
            await said.wait()
            raise error

        async def scenario() -> bytes:
            caller = Caller()
            await EventStream(content(), close, refuse, "id")(SCOPE, caller.receive, caller.send)
            return caller.got

        said = asyncio.Event()
        first, last, rest = asyncio.run(scenario()).split(b"\n\n")
        assert (first, rest) == (b"data: one", b"")
        assert json.loads(last.removeprefix(b"data: "))["error"]["name"] == name
        assert closed == ["content", "turn"]
