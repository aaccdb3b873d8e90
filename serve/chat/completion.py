"""A turn in the two shapes of OpenAI's: one completion, or a stream of chunks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from serve.chat.pieces import pieces
from serve.chat.service import Turn
from serve.responses import event


def completion(turn: Turn) -> dict[str, Any]:
    """In the shape of `ChatCompletion`."""
    message = {"role": "assistant", "content": turn.answer.text, "annotations": turn.annotations}
    return {
        "id": turn.id,
        "object": "chat.completion",
        "created": turn.created,
        "model": turn.model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": turn.usage,
        "vernacular": turn.about,
    }


async def events(turn: Turn, include_usage: bool) -> AsyncIterator[bytes]:
    """Server-sent events: the text in pieces, then a chunk with the annotations and `vernacular`, usage, and the end."""
    yield event(_chunk(turn, {"role": "assistant", "content": ""}))
    for piece in pieces(turn.answer.text):
        yield event(_chunk(turn, {"content": piece}))
    last = _chunk(turn, {"annotations": turn.annotations}, "stop")
    yield event({**last, "vernacular": turn.about})
    if include_usage:
        yield event({**_chunk(turn, {}), "choices": [], "usage": turn.usage})
    yield b"data: [DONE]\n\n"


def _chunk(turn: Turn, delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {
        "id": turn.id,
        "object": "chat.completion.chunk",
        "created": turn.created,
        "model": turn.model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }
