"""The generator of a flood, and a decoy that answers it: processes of their own, which load next to nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final

SETTLE_S: Final = 0.5
PATHS: Final = {"search": "/v1/search", "chat": "/v1/chat/completions"}


@dataclass(frozen=True, slots=True)
class Caller:
    """A tenant's key, and the requests that it sends."""

    key: str
    questions: tuple[str, ...]

    def body(self, kind: str, number: int) -> bytes:
        question = self.questions[number % len(self.questions)]
        if kind == "search":
            return json.dumps({"query": question, "top_k": 10}).encode()
        return json.dumps({"model": "default", "messages": [{"role": "user", "content": question}]}).encode()

    def request(self, kind: str, number: int) -> bytes:
        body = self.body(kind, number)
        head = (
            f"POST {PATHS[kind]} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass(slots=True)
class Flooded:
    """What a generator did in a round: answers, their bytes, and the share of a processor that it took itself."""

    answers: int = 0
    bytes: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0

    @property
    def rate(self) -> float:
        return self.answers / self.seconds if self.seconds else 0.0


# -- the generator, in a process of its own ------------------------------------------------------------------------------


def _generate(port: int, caller: Caller, kind: str, connections: int, stop: Any, told: Connection) -> None:
    told.send(None)  # started: what that took is no part of a round
    told.send(asyncio.run(_flood(port, caller, kind, connections, stop)))


async def _flood(port: int, caller: Caller, kind: str, connections: int, stop: Any) -> Flooded:
    found = Flooded()
    began, cpu = time.perf_counter(), time.process_time()
    tasks = [asyncio.create_task(_keep_asking(port, caller, kind, n, found)) for n in range(connections)]
    await asyncio.to_thread(stop.wait)
    found.seconds, found.cpu_s = time.perf_counter() - began, time.process_time() - cpu
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, Exception) and not isinstance(ended, asyncio.CancelledError):
            raise ended
    return found


async def _keep_asking(port: int, caller: Caller, kind: str, number: int, found: Flooded) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    try:
        while True:
            writer.write(caller.request(kind, number))
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode("latin-1"))
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            found.answers, found.bytes, number = found.answers + 1, found.bytes + length, number + 97
    finally:
        writer.close()


@contextmanager
def generating(port: int, caller: Caller, kind: str, connections: int) -> Iterator[list[Flooded]]:
    """A generator while the block lasts; then its figures are in the list."""
    context = multiprocessing.get_context("spawn")
    stop, (mine, theirs) = context.Event(), context.Pipe(duplex=False)
    process = context.Process(target=_generate, args=(port, caller, kind, connections, stop, theirs))
    process.start()
    found: list[Flooded] = []
    try:
        mine.recv()
        time.sleep(SETTLE_S)
        yield found
        stop.set()
        found.append(mine.recv())
    finally:
        stop.set()
        process.join(30)


# -- the decoy -----------------------------------------------------------------------------------------------------------


def _serve_decoy(port: Any, wait_s: Any, length: Any) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]))
                await asyncio.sleep(wait_s.value)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length.value + b" " * length.value)

    async def main() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port.value = server.sockets[0].getsockname()[1]
        await server.serve_forever()

    asyncio.run(main())


@dataclass(frozen=True, slots=True)
class Decoy:
    port: Any
    wait_s: Any
    length: Any

    def imitate(self, flood: Flooded, connections: int) -> None:
        self.wait_s.value = connections / max(flood.rate, 1.0)
        self.length.value = flood.bytes // max(flood.answers, 1)


@contextmanager
def decoy() -> Iterator[Decoy]:
    context = multiprocessing.get_context("spawn")
    found = Decoy(context.Value("i", 0), context.Value("d", 0.0), context.Value("i", 0))
    process = context.Process(target=_serve_decoy, args=(found.port, found.wait_s, found.length), daemon=True)
    process.start()
    try:
        while not found.port.value:
            time.sleep(0.02)
        yield found
    finally:
        process.terminate()
        process.join()
