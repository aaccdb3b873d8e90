"""A model server that says back what it is told: the worst model that attacks on prompts can meet."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

from aiohttp import web

Said = Literal["prompt", "question"]
MODEL: Final = "echo"
_QUESTION: Final = "\nQuestion: "
_PIECE: Final = 24


@dataclass
class EchoModel:
    """`says`: all of the last message, passages included, or the question in it alone. `url` ends in `/v1`."""

    says: Said
    url: str = ""
    asked: int = 0

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked += 1
        text = echo(str(body["messages"][-1]["content"]), self.says)
        if not body.get("stream"):
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            return web.json_response({"object": "chat.completion", "choices": [choice]})
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        for at in range(0, len(text), _PIECE):
            await _send(response, {"delta": {"content": text[at : at + _PIECE]}})
        await _send(response, {"delta": {}, "finish_reason": "stop"})
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response

    async def models(self, _request: web.Request) -> web.Response:
        entry = {"id": MODEL, "object": "model", "owned_by": "tests", "max_model_len": 32_768}
        return web.json_response({"object": "list", "data": [entry]})


def echo(message: str, says: Said) -> str:
    """Of a prompt as `serve.rag.prompting` builds it, what `says` means; of any other all."""
    if says == "prompt" or _QUESTION not in message:
        return message
    return message.rpartition(_QUESTION)[2].rpartition("\n")[0]


@contextmanager
def echo_model(says: Said) -> Iterator[EchoModel]:
    """It runs within the block, on 127.0.0.1, in a thread of its own."""
    server = EchoModel(says)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="echo-model", daemon=True)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(_start(server), loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _start(server: EchoModel) -> web.AppRunner:
    app = web.Application(client_max_size=8 * 1024 * 1024)
    app.router.add_post("/v1/chat/completions", server.chat)
    app.router.add_get("/v1/models", server.models)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    return runner


async def _send(response: web.StreamResponse, choice: dict[str, Any]) -> None:
    chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, **choice}]}
    await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
