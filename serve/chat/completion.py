"""A turn in the two shapes of OpenAI's: one completion, or a stream of chunks."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from serve.chat.pieces import pieces
from serve.chat.turn import Told, Turn
from serve.error_handlers import error_body
from serve.rag.answering import Piece
from serve.responses import event
from vernacular.errors import VernacularError


async def completion(turn: Turn) -> dict[str, Any]:
    """In the shape of `ChatCompletion`, when the answer is complete."""
    said: list[str] = []
    told: Told | None = None
    async with aclosing(turn.events()) as events:
        async for each in events:
            if isinstance(each, Piece):
                said.append(each.text)
            else:
                told = each
    if told is None:
        raise RuntimeError("a turn ended without its end")
    message = {"role": "assistant", "content": "".join(said), "annotations": told.annotations}
    return {
        "id": turn.id,
        "object": "chat.completion",
        "created": turn.created,
        "model": turn.assistant,
        "choices": [{"index": 0, "message": message, "finish_reason": told.finish_reason}],
        "usage": told.usage,
        "vernacular": told.about,
    }


async def stream(turn: Turn, include_usage: bool) -> AsyncGenerator[bytes]:
    """Server-sent events: the text as it comes, then a chunk with the annotations and `vernacular`, usage, and the end."""
    yield event(_chunk(turn, {"role": "assistant", "content": ""}))
    try:
        async with aclosing(_events(turn, include_usage)) as events:
            async for each in events:
                yield each
    except VernacularError as error:  # the response has begun: its last event says why there is no more
        yield event(error_body(error, turn.trace_id))
    yield b"data: [DONE]\n\n"


async def _events(turn: Turn, include_usage: bool) -> AsyncGenerator[bytes]:
    async with aclosing(turn.events()) as events:
        async for each in events:
            if isinstance(each, Piece):
                for text in pieces(each.text) if each.whole else [each.text]:
                    yield event(_chunk(turn, {"content": text}))
                continue
            last = _chunk(turn, {"annotations": each.annotations}, each.finish_reason)
            yield event({**last, "vernacular": each.about})
            if include_usage:
                yield event({**_chunk(turn, {}), "choices": [], "usage": each.usage})


def _chunk(turn: Turn, delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {
        "id": turn.id,
        "object": "chat.completion.chunk",
        "created": turn.created,
        "model": turn.assistant,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }
