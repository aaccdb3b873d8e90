"""The official OpenAI client and LangChain's send images to a gateway in front of a model that sees."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

import openai
import pytest
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI
from openai.types.chat import ChatCompletionMessageParam
from pydantic import SecretStr

from tests.integration.test_openai_client import listening
from tests.serve.engine.fake_model_server import FakeModelServer, Script, fake_model_server
from tests.vernacular.hostile_images import picture, png_that_claims
from vernacular.settings import EndpointSettings, GenerationSettings, Settings

pytestmark = pytest.mark.integration

SEEN = "A red picture with a dark corner."


@dataclass(frozen=True)
class Seeing:
    url: str
    key: str
    model: FakeModelServer


@pytest.fixture(scope="module")
def seeing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeing]:
    with fake_model_server(Script(tokens=("A red", " picture", " with a", " dark corner."))) as model:
        generation = GenerationSettings(endpoints=[EndpointSettings(url=model.url, vision=True)])
        settings = Settings(home=tmp_path_factory.mktemp("home"), generation=generation)
        with listening(settings) as (url, gateway):
            gateway.tenant("acme")
            gateway.put("acme", "pool", "The pool is closed on Mondays.", language="en")
            yield Seeing(url, gateway.key("acme", "public"), model)


@pytest.fixture
def client(seeing: Seeing) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=seeing.url, api_key=seeing.key, max_retries=0) as opened:
        yield opened


def asking(url: str) -> list[ChatCompletionMessageParam]:
    return [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is in this image?"},
                {"type": "image_url", "image_url": {"url": url, "detail": "high"}},
            ],
        }
    ]


def data_url(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


class TestOpenAI:
    def test_sends_an_image_to_the_model(self, client: openai.OpenAI, seeing: Seeing) -> None:
        answer = client.chat.completions.create(model="default", messages=asking(data_url(picture(640, 480))))
        assert str(answer.choices[0].message.content).startswith(SEEN)
        assert answer.model_extra is not None
        assert answer.model_extra["vernacular"]["from_image"] is True
        assert seeing.model.requests[-1]["messages"][-1]["content"][1]["type"] == "image_url"

    def test_streams_what_the_model_sees(self, client: openai.OpenAI) -> None:
        stream = client.chat.completions.create(model="default", messages=asking(data_url(picture())), stream=True)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices).startswith(SEEN)

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("https://images.example/a.png", "addresses are never fetched"),
            (data_url(png_that_claims(10_000, 5_000)), "the limit is 24 megapixels"),
            ("data:image/svg+xml;base64,PHN2Zy8+", "SVG images are not taken"),
        ],
    )
    def test_raises_its_own_error_with_our_sentence(self, client: openai.OpenAI, url: str, said: str) -> None:
        with pytest.raises(openai.BadRequestError, match=said):
            client.chat.completions.create(model="default", messages=asking(url))

    def test_sends_images_as_large_as_the_limit(self, client: openai.OpenAI) -> None:
        padded = picture() + b"\0" * 7_900_000
        answer = client.chat.completions.create(model="default", messages=asking(data_url(padded)))
        assert str(answer.choices[0].message.content).startswith(SEEN)


class TestLangChain:
    def test_sends_an_image_to_the_model(self, seeing: Seeing) -> None:
        chat = ChatOpenAI(base_url=seeing.url, api_key=SecretStr(seeing.key), model="default", max_retries=0)
        encoded = base64.b64encode(picture()).decode()
        parts: list[str | dict[str, object]] = [
            {"type": "text", "text": "What is in this image?"},
            {"type": "image", "base64": encoded, "mime_type": "image/png"},
        ]
        assert str(chat.invoke([HumanMessage(parts)]).content).startswith(SEEN)
