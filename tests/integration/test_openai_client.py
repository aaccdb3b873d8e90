"""The official OpenAI client and LangChain's talk to a gateway that listens on a socket of this machine."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import openai
import pytest
import uvicorn
from fastapi.testclient import TestClient
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_openai import ChatOpenAI
from openai.types.chat import ChatCompletionMessageParam
from pydantic import SecretStr

from serve.app import create_app
from tests.serve.gateway import Gateway, memory_services
from vernacular.settings import Settings

pytestmark = pytest.mark.integration

QUESTION = "How much does a parking permit for a private car cost?"
FEE = "A parking permit for a private car costs 450 dollars a month."
TEXT = f"The permit office opens at nine in the morning. {FEE} A lost permit is replaced for 95 dollars."
OTHERS = ["Books are lent for three weeks.", "The pool is closed on Mondays.", "A dog licence lasts three years."]
ASKED: list[ChatCompletionMessageParam] = [{"role": "user", "content": QUESTION}]


@dataclass(frozen=True)
class Served:
    url: str
    key: str


@contextmanager
def listening(settings: Settings) -> Iterator[tuple[str, Gateway]]:
    """A gateway under uvicorn on a free port."""
    app = create_app(settings, memory_services())
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    with socket.socket(proto=socket.IPPROTO_TCP) as bound:  # else asyncio leaves Nagle on
        bound.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield f"http://127.0.0.1:{bound.getsockname()[1]}/v1", Gateway(TestClient(app), app.state.services)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A gateway whose tenant has a few documents, and a key to it."""
    with listening(Settings(home=tmp_path_factory.mktemp("home"))) as (url, gateway):
        gateway.tenant("acme")
        gateway.put("acme", "permits", TEXT, title="Parking permits", language="en")
        for number, text in enumerate(OTHERS):
            gateway.put("acme", f"other{number}", text, language="en")
        yield Served(url, gateway.key("acme", "public"))


@pytest.fixture
def client(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=served.url, api_key=served.key, max_retries=0) as opened:
        yield opened


@pytest.fixture
def chat(served: Served) -> ChatOpenAI:
    return ChatOpenAI(base_url=served.url, api_key=SecretStr(served.key), model="default", max_retries=0)


class TestOpenAI:
    def test_lists_the_models(self, client: openai.OpenAI) -> None:
        assert [model.id for model in client.models.list()] == ["default"]

    def test_gets_a_cited_answer(self, client: openai.OpenAI) -> None:
        completion = client.chat.completions.create(model="default", messages=ASKED)
        message = completion.choices[0].message
        assert FEE in (message.content or "")
        assert "[1]" in (message.content or "")
        extra = completion.model_extra or {}
        assert extra["vernacular"]["answered"] is True
        quotes = [note["quote"] for note in completion.to_dict()["choices"][0]["message"]["annotations"]]  # type: ignore[index]
        assert FEE in quotes[0]
        assert all(quote in TEXT for quote in quotes)
        assert completion.usage is not None
        assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens

    def test_streams_the_same_answer(self, client: openai.OpenAI) -> None:
        whole = client.chat.completions.create(model="default", messages=ASKED)
        stream = client.chat.completions.create(
            model="default", messages=ASKED, stream=True, stream_options={"include_usage": True}
        )
        chunks = list(stream)
        said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert said == whole.choices[0].message.content
        assert chunks[-1].usage == whole.usage
        ending = chunks[-2]
        assert ending.choices[0].finish_reason == "stop"
        assert (ending.model_extra or {})["vernacular"]["answered"] is True
        assert (ending.choices[0].delta.model_extra or {})["annotations"][0]["type"] == "file_citation"

    def test_hands_on_the_extension(self, client: openai.OpenAI) -> None:
        completion = client.chat.completions.create(
            model="default", messages=ASKED, extra_body={"vernacular": {"filters": {"kind": "none of that kind"}}}
        )
        assert (completion.model_extra or {})["vernacular"]["answered"] is False

    def test_raises_its_own_errors_with_our_sentences(self, client: openai.OpenAI, served: Served) -> None:
        with pytest.raises(openai.NotFoundError, match="There is no model named 'gpt-9'"):
            client.chat.completions.create(model="gpt-9", messages=ASKED)
        with pytest.raises(openai.BadRequestError, match="The question is empty"):
            client.chat.completions.create(model="default", messages=[{"role": "user", "content": " "}], stream=True)
        with (
            openai.OpenAI(base_url=served.url, api_key="wrong", max_retries=0) as stranger,
            pytest.raises(openai.AuthenticationError, match="This API key is not valid"),
        ):
            stranger.models.list()

    def test_streams_to_the_asynchronous_client_too(self, served: Served) -> None:
        async def ask() -> str:
            async with openai.AsyncOpenAI(base_url=served.url, api_key=served.key, max_retries=0) as client:
                stream = await client.chat.completions.create(model="default", messages=ASKED, stream=True)
                return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])

        assert FEE in asyncio.run(ask())


class TestLangChain:
    def test_gets_an_answer(self, chat: ChatOpenAI) -> None:
        answer = chat.invoke(QUESTION)
        assert isinstance(answer, AIMessage)
        assert FEE in str(answer.content)
        assert answer.usage_metadata is not None
        assert answer.usage_metadata["total_tokens"] > 0

    def test_streams_the_same_answer(self, chat: ChatOpenAI) -> None:
        pieces = [str(chunk.content) for chunk in chat.stream(QUESTION)]
        assert len([piece for piece in pieces if piece]) > 3
        assert "".join(pieces) == chat.invoke(QUESTION).content

    def test_follows_up(self, chat: ChatOpenAI) -> None:
        turns: list[BaseMessage] = [HumanMessage(QUESTION)]
        turns += [chat.invoke(turns), HumanMessage("And to replace a lost one?")]
        assert "95 dollars" in str(chat.invoke(turns).content)
