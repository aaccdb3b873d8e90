"""A chat model that says what a test has written down, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

Turn = Sequence[str | Exception]


class ScriptedModel(BaseChatModel):
    """Each call takes the next of `turns`: pieces of text, and errors where they come."""

    turns: list[Turn]
    asked: list[list[BaseMessage]] = Field(default_factory=list)
    options: list[dict[str, Any]] = Field(default_factory=list)
    prompt_tokens: int = 100
    closed: int = 0

    @property
    def _llm_type(self) -> str:
        return "scripted"

    async def _astream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        self.asked.append(messages)
        self.options.append(kwargs)
        try:
            for piece in self.turns.pop(0):
                if isinstance(piece, Exception):
                    raise piece
                yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
            usage = {"input_tokens": self.prompt_tokens, "output_tokens": 5, "total_tokens": self.prompt_tokens + 5}
            last = AIMessageChunk(content="", usage_metadata=usage, response_metadata={"finish_reason": "stop"})  # type: ignore[arg-type]
            yield ChatGenerationChunk(message=last)
        finally:
            self.closed += 1

    async def _agenerate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        text = "".join([str(chunk.text) async for chunk in self._astream(messages, **kwargs)])
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])

    def _generate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        raise NotImplementedError
