"""HTTP to model servers. One session, kept-alive connections, and one request that streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson

from serve.engine.pool.failures import Failure, Kind, from_status
from vernacular.endpoints import ModelEndpoint

CONNECT_S = 5.0
KEPT_ALIVE_S = 3.0
"""Less than the 5 s after which vLLM and other uvicorn servers hang up: a request must not meet a connection closing."""
LONGEST_BODY = 32 * 1024 * 1024


class ModelClient:
    """For one event loop, between `open` and `close`."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_ALIVE_S)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=True)

    async def close(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    @asynccontextmanager
    async def completion(self, endpoint: ModelEndpoint, body: bytes) -> AsyncGenerator[aiohttp.ClientResponse]:
        """A streaming chat completion. Leaving before its end hangs up, so that the server stops generating.

        Raises:
            Failure: no connection, or an answer other than 200.
        """
        try:
            response = await self._open_session.post(
                f"{endpoint.url}/chat/completions", data=body, headers=_headers(endpoint), allow_redirects=False
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:  # the last for credentials both in address and key
            raise Failure(Kind.BROKEN, f"{type(error).__name__}: {error}") from error
        try:
            if response.status != 200:
                raise from_status(response.status, await _read(response), response.headers.get("Retry-After"))
            yield response
        finally:
            if not response.content.at_eof():
                response.close()
            response.release()

    async def get(self, endpoint: ModelEndpoint, path: str, timeout_s: float) -> tuple[int, bytes]:
        """Status and body of `path` beneath the server's root.

        Raises:
            OSError: no answer within `timeout_s`.
        """
        return await self._request("GET", endpoint, path, timeout_s)

    async def post(
        self, endpoint: ModelEndpoint, path: str, content: Mapping[str, Any], timeout_s: float
    ) -> tuple[int, bytes]:
        """
        Raises:
            OSError: no answer within `timeout_s`.
        """
        return await self._request("POST", endpoint, path, timeout_s, orjson.dumps(content))

    async def _request(
        self, method: str, endpoint: ModelEndpoint, path: str, timeout_s: float, body: bytes | None = None
    ) -> tuple[int, bytes]:
        url = endpoint.url.removesuffix("/v1") + path
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._open_session.request(
                    method, url, data=body, headers=_headers(endpoint), allow_redirects=False
                ) as response,
            ):
                return response.status, await _read(response)
        except (aiohttp.ClientError, ValueError) as error:
            raise ConnectionError(f"{type(error).__name__}: {error}") from error

    @property
    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise Failure(Kind.BROKEN, "the gateway is not running")
        return self._session


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body, as much as may be believed to be one."""
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > LONGEST_BODY:
            raise aiohttp.ClientPayloadError("the answer has no end")
        parts.append(part)
    return b"".join(parts)


def _headers(endpoint: ModelEndpoint) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    if endpoint.api_key:
        headers["Authorization"] = f"Bearer {endpoint.api_key}"
    return headers
