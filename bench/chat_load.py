"""A light client that keeps a number of streamed chat completions going, and what it saw of them.

It speaks HTTP over plain sockets and looks at no more than the bytes of each event, so that it takes little of the processors
that it shares with the servers, and the same on both sides of a comparison.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

_SAID: Final = re.compile(rb'"content":\s?"(?!")')
_MARKED: Final = re.compile(rb'"content":\s?"[^"]*\]')
_TOKENS: Final = re.compile(rb'"completion_tokens":\s?(\d+)')
_ERROR: Final = (b'data: {"error"', b'data: {"object":"error"')
LINE_BYTES: Final = 1 << 20


@dataclass(slots=True)
class Seen:
    """One answer: seconds until its first text, until its first citation and to its end; tokens as the server counted them."""

    first_s: float = 0.0
    cited_s: float = 0.0
    total_s: float = 0.0
    tokens: int = 0


@dataclass(slots=True)
class Round:
    """Requests that were sent together, and how long all of them took."""

    wall_s: float
    seen: list[Seen] = field(default_factory=list)

    @property
    def tokens_per_s(self) -> float:
        return sum(one.tokens for one in self.seen) / self.wall_s


@dataclass(frozen=True, slots=True)
class Target:
    """A server that speaks OpenAI's API: its address ending in `/v1`, and its key."""

    url: str
    key: str

    def request(self, body: dict[str, Any]) -> bytes:
        parts, content = urlsplit(self.url), json.dumps(body).encode()
        head = (
            f"POST {parts.path}/chat/completions HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content


def p50(values: Sequence[float]) -> float:
    return statistics.median(values) if values else 0.0


async def run(target: Target, bodies: Sequence[dict[str, Any]], concurrency: int) -> Round:
    """Send `bodies`, `concurrency` of them at a time, over as many connections.

    Raises:
        RuntimeError: a server answered with anything but 200.
    """
    waiting = [target.request(body) for body in reversed(bodies)]
    seen: list[Seen] = []
    begin = time.perf_counter()
    await asyncio.gather(*(_worker(target, waiting, seen) for _ in range(concurrency)))
    return Round(time.perf_counter() - begin, seen)


async def _worker(target: Target, waiting: list[bytes], seen: list[Seen]) -> None:
    parts = urlsplit(target.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=LINE_BYTES)
    try:
        while waiting:
            seen.append(await _ask(reader, writer, waiting.pop()))
    finally:
        writer.close()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> Seen:
    found = Seen()
    begin = time.perf_counter()
    writer.write(request)
    await writer.drain()
    status = await reader.readline()
    if b" 200 " not in status:
        raise RuntimeError(f"{status!r} {(await reader.read(2000))!r}")
    async for line in reader:
        if not line.startswith(b"data: "):
            continue
        if line.startswith(b"data: [DONE]"):
            break
        if line.startswith(_ERROR):
            raise RuntimeError(line.decode("utf-8", "replace"))
        if not found.first_s and _SAID.search(line):
            found.first_s = time.perf_counter() - begin
        if not found.cited_s and _MARKED.search(line):
            found.cited_s = time.perf_counter() - begin
        if told := _TOKENS.search(line):
            found.tokens = int(told[1])
    while (await reader.readline()) != b"0\r\n":  # the end of the chunked body
        pass
    await reader.readline()
    found.total_s = time.perf_counter() - begin
    return found
