"""Streamlit's scripts and styles, sent packed: 0.8 MB in place of 2.7 for a first visit."""

from __future__ import annotations

import gzip
import posixpath
from dataclasses import dataclass
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PREFIX: Final = "/static/"
_SUFFIXES: Final = (".js", ".css")


@dataclass(frozen=True, slots=True)
class _Packed:
    headers: list[tuple[bytes, bytes]]
    body: bytes


class PackedStatics:
    """ASGI middleware: packs each of those files once, for browsers that take gzip, and keeps it.

    Streamlit itself sends them unpacked, because packing them for every visitor costs more time than it saves. Their names
    change with their content, so that what is kept never grows old, and there are only as many as Streamlit has.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._packed: dict[str, _Packed] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _can_be_packed(scope):
            await self._app(scope, receive, send)
            return
        packed = self._packed.get(scope["path"])
        if packed is None:
            await self._app(scope, receive, _Packing(self._packed, scope["path"], send))
            return
        await send({"type": "http.response.start", "status": 200, "headers": packed.headers})
        await send({"type": "http.response.body", "body": packed.body})


class _Packing:
    """Sends what the file's response becomes when packed. Anything but the whole file goes through as it is."""

    def __init__(self, packed: dict[str, _Packed], path: str, send: Send) -> None:
        self._packed = packed
        self._path = path
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            self._start = message
            return
        if message["type"] != "http.response.body" or self._start is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if not message.get("more_body"):
            await self._send_packed(self._start)

    async def _send_packed(self, start: Message) -> None:
        body = await run_in_threadpool(gzip.compress, bytes(self._body), 6)
        headers = MutableHeaders(raw=list(start["headers"]))
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body))
        headers.add_vary_header("Accept-Encoding")
        for name in ("accept-ranges", "etag", "last-modified", "date"):
            if name in headers:
                del headers[name]
        self._packed[self._path] = _Packed(headers.raw, body)
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})


def _can_be_packed(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    path, headers = str(scope["path"]), Headers(scope=scope)
    return (
        path.startswith(_PREFIX)
        and path.endswith(_SUFFIXES)
        # `/static/./a.js` is the same file under one of endless names: whoever asks for it so would fill the memory.
        and posixpath.normpath(path) == path
        and "range" not in headers
        and "gzip" in headers.get("accept-encoding", "")
    )
