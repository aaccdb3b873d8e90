"""The gateway's own way to vLLM, used as LangChain uses a chat model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage

from serve.engine.models import Models
from tests.vllm.conftest import Stack
from vernacular.settings import Settings

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(300)]
Result = TypeVar("Result")
ASKED = [HumanMessage("Which colour is the sky?")]
SCHEMA = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": ["blue", "green"]}, "certain": {"type": "boolean"}},
    "required": ["colour", "certain"],
    "additionalProperties": False,
}


def with_model(stack: Stack, use: Callable[[BaseChatModel], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        models = Models(Settings(home=stack.gateway.home))
        await models.start()
        try:
            found = models.chat_model()
            assert found is not None
            return await use(found.llm)
        finally:
            await models.close()

    return asyncio.run(run())


class TestStructuredOutput:
    def test_keeps_to_a_schema(self, stack: Stack) -> None:
        response_format = {"type": "json_schema", "json_schema": {"name": "sky", "schema": SCHEMA}}
        said = with_model(stack, lambda llm: llm.ainvoke(ASKED, response_format=response_format, max_tokens=60))
        found = json.loads(str(said.content))
        assert found["colour"] in {"blue", "green"}
        assert isinstance(found["certain"], bool)

    def test_keeps_to_a_choice(self, stack: Stack) -> None:
        said = with_model(stack, lambda llm: llm.ainvoke(ASKED, structured_outputs={"choice": ["yes", "no"]}))
        assert said.content in {"yes", "no"}


class TestStreaming:
    def test_streams_tokens_with_their_count_at_the_end(self, stack: Stack) -> None:
        async def stream(llm: BaseChatModel) -> list[object]:
            return [chunk async for chunk in llm.astream(ASKED, max_tokens=12, ignore_eos=True)]

        chunks = with_model(stack, stream)
        assert len(chunks) > 2
        usage = getattr(chunks[-1], "usage_metadata", None)
        assert usage is not None
        assert usage["output_tokens"] == 12
