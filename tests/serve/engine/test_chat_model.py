from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from pydantic import SecretStr

from serve.engine.models import Models
from tests.serve.engine.driving import chosen, settings_for, with_models
from tests.serve.engine.fake_model_server import FakeModelServer, Script, fake_model_server
from vernacular.errors import BadRequest

IMAGE = "data:image/png;base64,iVBORw0KGgo="
ANSWER = "Hello world."


def body_of(
    home: Path, messages: Any, server: FakeModelServer, wishes: dict[str, Any], **params: Any
) -> dict[str, Any]:
    """What the server gets for these messages and parameters."""

    async def use(models: Models) -> None:
        await chosen(models, **wishes).llm.ainvoke(messages, **params)

    with_models(settings_for(home, [server]), use)
    return server.requests[-1]


class TestStreaming:
    def test_is_langchains_and_ends_with_reason_and_usage(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            llm = chosen(models).llm
            assert isinstance(llm, BaseChatModel)
            chunks = [chunk async for chunk in llm.astream("hi")]
            assert "".join(str(chunk.content) for chunk in chunks) == "Yes, [1]"
            assert all(isinstance(chunk, AIMessageChunk) for chunk in chunks)
            last = chunks[-1]
            assert last.response_metadata["finish_reason"] == "length"
            assert last.usage_metadata is not None
            assert last.usage_metadata["output_tokens"] == 3
            assert sum(chunk.usage_metadata is not None for chunk in chunks) == 1

        with fake_model_server(Script(tokens=("Yes", ",", " [1]"), finish_reason="length")) as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_merges_tokens_that_come_close_together(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            chunks = [chunk async for chunk in chosen(models).llm.astream("hi")]
            assert "".join(str(chunk.content) for chunk in chunks) == "ab" * 500
            assert len(chunks) < 250

        with fake_model_server(Script(tokens=["a", "b"] * 500)) as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_is_a_part_of_chains(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            prompt = ChatPromptTemplate.from_messages([("system", "Be {how}."), ("human", "{question}")])
            chain = prompt | chosen(models).llm | StrOutputParser()
            assert await chain.ainvoke({"how": "kind", "question": "Who?"}) == ANSWER
            assert server.requests[-1]["messages"][0] == {"role": "system", "content": "Be kind."}

        with fake_model_server() as server:
            with_models(settings_for(tmp_path, [server]), use)


class TestWhole:
    def test_answers_have_reason_and_usage_too(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            message = await chosen(models).llm.ainvoke("hi")
            assert message.content == ANSWER
            assert message.response_metadata["finish_reason"] == "stop"
            assert message.usage_metadata is not None
            assert message.usage_metadata["total_tokens"] == 10

        with fake_model_server() as server:
            with_models(settings_for(tmp_path, [server]), use)

    def test_can_be_had_from_other_threads_and_without_a_loop(self, tmp_path: Path) -> None:
        async def use(models: Models) -> BaseChatModel:
            llm = chosen(models).llm
            assert (await asyncio.to_thread(llm.invoke, "hi")).content == ANSWER
            return llm

        with fake_model_server() as server:
            llm = with_models(settings_for(tmp_path, [server]), use)
            assert llm.invoke("hi").content == ANSWER
            assert [chunk.content for chunk in llm.stream("hi")] == [ANSWER]

    def test_is_refused_in_the_loops_own_thread_which_would_stand_still(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            with pytest.raises(RuntimeError, match="asynchronous"):
                chosen(models).llm.invoke("hi")

        with fake_model_server() as server:
            with_models(settings_for(tmp_path, [server]), use)


class TestRequest:
    def test_has_the_settings_parameters_unless_the_call_says_otherwise(self, tmp_path: Path) -> None:
        with fake_model_server() as server:
            plain = body_of(tmp_path, "hi", server, {})
            assert (plain["max_tokens"], plain["temperature"], "stop" in plain) == (700, 0.2, False)
            own = body_of(tmp_path, "hi", server, {}, max_tokens=9, temperature=0, stop=["END"], seed=3, top_p=0.5)
        assert (own["max_tokens"], own["temperature"], own["stop"], own["seed"], own["top_p"]) == (
            9,
            0,
            ["END"],
            3,
            0.5,
        )
        assert own["stream_options"] == {"include_usage": True}

    def test_has_a_schema(self, tmp_path: Path) -> None:
        schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
        with fake_model_server() as server:
            assert body_of(tmp_path, "hi", server, {}, response_format=schema)["response_format"] == schema

    def test_tells_vllm_alone_what_only_vllm_knows(self, tmp_path: Path) -> None:
        params, wishes = {"ignore_eos": True, "structured_outputs": {"choice": ["a"]}}, {"cache_salt": "tenant"}
        with fake_model_server() as vllm, fake_model_server(vllm=False) as other:
            told = body_of(tmp_path, "hi", vllm, wishes, **params)
            kept = body_of(tmp_path, "hi", other, wishes, **params)
        assert (told["cache_salt"], told["ignore_eos"], told["structured_outputs"]) == (
            "tenant",
            True,
            {"choice": ["a"]},
        )
        assert not {"cache_salt", "ignore_eos", "structured_outputs"} & kept.keys()

    def test_takes_messages_of_every_role_and_images(self, tmp_path: Path) -> None:
        parts: list[str | dict[str, Any]] = [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": IMAGE}},
        ]
        messages = [SystemMessage("s"), HumanMessage("h"), AIMessage("a"), HumanMessage(content=parts)]
        with fake_model_server() as server:
            sent = body_of(tmp_path, messages, server, {})["messages"]
        assert [one["role"] for one in sent] == ["system", "user", "assistant", "user"]
        assert sent[3]["content"] == parts

    def test_sends_the_key_and_never_shows_it(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            llm = chosen(models, cache_salt="salt").llm
            await llm.ainvoke("hi")
            assert "k-secret" not in repr(llm) + str(llm) + str(llm.dict())
            assert "salt" not in repr(llm)

        with fake_model_server(api_key="k-secret") as server:
            settings = settings_for(tmp_path, [server])
            settings.generation.endpoints[0].api_key = SecretStr("k-secret")
            with_models(settings, use)
            assert server.headers[-1]["Authorization"] == "Bearer k-secret"

    def test_is_refused_with_a_parameter_that_there_is_not(self, tmp_path: Path) -> None:
        async def use(models: Models) -> None:
            with pytest.raises(BadRequest, match="'tools'"):
                await chosen(models).llm.ainvoke("hi", tools=[])

        with fake_model_server() as server:
            with_models(settings_for(tmp_path, [server]), use)
            assert server.requests == []
