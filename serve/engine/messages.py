"""LangChain's messages as OpenAI's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage, ChatMessage
from langchain_core.messages.utils import convert_to_openai_messages

ROLES = {"system": "system", "human": "user", "ai": "assistant", "AIMessageChunk": "assistant"}


def as_openai(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    """Text is passed on as it is; parts (text, images as `data:` URLs) in OpenAI's form, whichever they came in."""
    return [_one(message) for message in messages]


def _one(message: BaseMessage) -> dict[str, Any]:
    role = ROLES.get(message.type)
    if role is not None and isinstance(message.content, str) and not getattr(message, "tool_calls", None):
        return {"role": role, "content": message.content}
    if isinstance(message, ChatMessage) and isinstance(message.content, str):
        return {"role": message.role, "content": message.content}
    converted = convert_to_openai_messages(message)
    if not isinstance(converted, dict):
        raise TypeError(f"one message became {type(converted).__name__}")
    return converted
