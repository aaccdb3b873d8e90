"""A model server for tests: speaks OpenAI's API (and vLLM's additions) on 127.0.0.1, and does what the test scripts.

    with fake_model_server(Script(tokens=("Yes", ".", " [1]"))) as server:
        settings.generation.endpoints = [EndpointSettings(url=server.url)]

It runs in a thread of its own, so that it serves tests with and without an event loop. `server.requests` holds the bodies
that came, `server.hung_up` counts the clients that left before the end of their answer, `server.scripts` the answers to come:
each is used once, and after the last one `server.script` holds for all.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Script:
    """How an answer goes. `die_after`: tokens after which the connection breaks off. `status`: an HTTP error instead.
    `hold`: nothing is sent before `server.go` is set. `raw`: bytes sent as the body, as they are. `error_after`: tokens after
    which an error comes in the stream."""

    tokens: Sequence[str] = ("Hello", " world", ".")
    delay_s: float = 0.0
    status: int = 200
    error: str = "no"
    retry_after: str = ""
    hold: bool = False
    die_after: int | None = None
    error_after: int | None = None
    raw: bytes | None = None
    reasoning: str = ""
    finish_reason: str = "stop"


@dataclass
class FakeModelServer:
    """What the test changes and reads; `url` ends in `/v1`."""

    script: Script = Script()
    scripts: deque[Script] = field(default_factory=deque)
    model: str = "fake-model"
    context_tokens: int = 4096
    vllm: bool = True
    healthy: bool = True
    has_health: bool = True
    loads_adapters: bool = True
    models_body: str = ""
    api_key: str = ""
    url: str = ""
    metrics: str = ""
    adapters: dict[str, str] = field(default_factory=dict)
    refused_adapters: set[str] = field(default_factory=set)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    active: int = 0
    hung_up: int = 0
    sent: int = 0
    go: threading.Event = field(default_factory=threading.Event)
    hangs: threading.Event = field(default_factory=threading.Event)
    hangs_at_loading: threading.Event = field(default_factory=threading.Event)

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        if self.api_key and request.headers.get("Authorization") != f"Bearer {self.api_key}":
            return _refusal(401, "no such key")
        if body["model"] not in {self.model, *self.adapters}:
            return _refusal(404, "The model does not exist.")
        script = self.scripts.popleft() if self.scripts else self.script
        if script.status != 200:
            headers = {"Retry-After": script.retry_after} if script.retry_after else {}
            return _refusal(script.status, script.error, headers)
        self.active += 1
        try:
            return await self._answer(request, body, script)
        except (ConnectionError, asyncio.CancelledError):
            self.hung_up += 1
            raise
        finally:
            self.active -= 1

    async def _answer(self, request: web.Request, body: dict[str, Any], script: Script) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        while script.hold and not self.go.is_set():
            await asyncio.sleep(0.005)
            self._notice(request)
        if script.raw is not None:
            await response.write(script.raw)
            return response
        await self._event(response, {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]})
        if script.reasoning:
            await self._event(response, {"choices": [{"index": 0, "delta": {"reasoning_content": script.reasoning}}]})
        for number, token in enumerate(script.tokens):
            if number == script.die_after:
                self._break_off(request)
                return response
            if number == script.error_after:
                await self._event(response, {"error": {"message": "EngineDeadError", "code": 500}})
                return response
            await self._event(response, {"choices": [{"index": 0, "delta": {"content": token}}]})
            self.sent += 1
            await asyncio.sleep(script.delay_s)
            self._notice(request)
        await self._event(response, {"choices": [{"index": 0, "delta": {}, "finish_reason": script.finish_reason}]})
        usage = {"prompt_tokens": 7, "completion_tokens": len(script.tokens), "total_tokens": 7 + len(script.tokens)}
        await self._event(response, {"choices": [], "usage": usage})
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response

    @staticmethod
    async def _event(response: web.StreamResponse, event: dict[str, Any]) -> None:
        await response.write(f"data: {json.dumps({'object': 'chat.completion.chunk', **event})}\n\n".encode())

    @staticmethod
    def _notice(request: web.Request) -> None:
        if request.transport is None or request.transport.is_closing():
            raise ConnectionResetError

    @staticmethod
    def _break_off(request: web.Request) -> None:
        if request.transport is not None:
            request.transport.abort()

    async def models(self, _request: web.Request) -> web.Response:
        if self.models_body:
            return web.Response(text=self.models_body)
        owner = "vllm" if self.vllm else "someone"
        base: dict[str, Any] = {
            "id": self.model,
            "object": "model",
            "owned_by": owner,
            "root": self.model,
            "parent": None,
        }
        if self.vllm:
            base["max_model_len"] = self.context_tokens
        loras = [
            {"id": name, "object": "model", "owned_by": owner, "root": path, "parent": self.model}
            for name, path in self.adapters.items()
        ]
        return web.json_response({"object": "list", "data": [base, *loras]})

    async def health(self, _request: web.Request) -> web.Response:
        while self.hangs.is_set():  # noqa: ASYNC110 - set in another thread
            await asyncio.sleep(0.005)
        if not self.has_health:
            return web.Response(status=404)
        return web.Response(status=200 if self.healthy else 503)

    async def show_metrics(self, _request: web.Request) -> web.Response:
        return web.Response(text=self.metrics) if self.metrics else web.Response(status=404)

    async def load_adapter(self, request: web.Request) -> web.Response:
        body = await request.json()
        while self.hangs_at_loading.is_set():  # noqa: ASYNC110 - set in another thread
            await asyncio.sleep(0.005)
        if not self.loads_adapters:
            return web.Response(status=404)
        if body["lora_name"] in self.refused_adapters:
            return _refusal(400, "rank too large")
        if body["lora_name"] in self.adapters:
            return _refusal(400, "has already been loaded")
        self.adapters[body["lora_name"]] = body["lora_path"]
        return web.Response(text="Success")

    async def unload_adapter(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self.adapters.pop(body["lora_name"], None) is None:
            return _refusal(404, "cannot be found")
        return web.Response(text="Success")


def _refusal(status: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response({"error": {"message": message, "code": status}}, status=status, headers=headers)


@contextmanager
def fake_model_server(script: Script | None = None, port: int = 0, **attributes: Any) -> Iterator[FakeModelServer]:
    """A server that runs within the block; `attributes` are those of `FakeModelServer`. `port`: one it had before."""
    server = FakeModelServer(script or Script(), **attributes)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="fake-model-server", daemon=True)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(_start(server, port), loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _start(server: FakeModelServer, port: int) -> web.AppRunner:
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.chat)
    app.router.add_get("/v1/models", server.models)
    app.router.add_get("/health", server.health)
    app.router.add_get("/metrics", server.show_metrics)
    app.router.add_post("/v1/load_lora_adapter", server.load_adapter)
    app.router.add_post("/v1/unload_lora_adapter", server.unload_adapter)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    return runner
