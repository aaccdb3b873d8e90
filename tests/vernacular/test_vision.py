from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.vernacular.hostile_images import picture
from vernacular.endpoints import EMBEDDING, ModelEndpoint, announce
from vernacular.errors import ModelUnavailable
from vernacular.images import Limits, Picture, prepare
from vernacular.settings import EndpointSettings, GenerationSettings, Settings, VisionSettings
from vernacular.vision import IMAGES, KEY, MARK, Describer, described, descriptions, vision_endpoint

SEEING = ModelEndpoint("qwen-vl", "http://127.0.0.1:8101/v1", "qwen-vl", "vllm-key", vision=True, pid=os.getpid())
Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def small() -> Picture:
    return prepare(picture(), Limits())


def saying(text: str | None, finish_reason: str = "stop") -> Handler:
    body = {"choices": [{"message": {"content": text}, "finish_reason": finish_reason}]}
    return lambda _request: httpx.Response(200, json=body)


PLACE = {KEY: {"start": 100, "end": 200, "model": "vl", "prompt": "describe.v1"}}


class Server:
    """A model server that remembers what it was asked."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.handler(request)

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.requests[-1].content)
        return body


@pytest.fixture
def server() -> Server:
    return Server(saying("A map of the harbour. It shows three piers."))


@pytest.fixture
def describer(settings: Settings, server: Server) -> Iterator[Describer]:
    with Describer(settings, httpx.Client(transport=httpx.MockTransport(server))) as opened:
        yield opened


class TestEndpoint:
    def test_is_none_where_no_model_reads_images(self, settings: Settings) -> None:
        announce(settings, replace(SEEING, vision=False))
        announce(settings, replace(SEEING, name="embedder", kind=EMBEDDING))
        assert vision_endpoint(settings) is None

    def test_is_one_that_runs_on_this_home(self, settings: Settings) -> None:
        announce(settings, SEEING)
        assert vision_endpoint(settings) == SEEING

    def test_is_one_that_the_settings_name(self, tmp_path: Path) -> None:
        blind = EndpointSettings(url="http://text.example/v1")
        seeing = EndpointSettings(url="http://vision.example/v1/", model="vl", vision=True)
        settings = Settings(home=tmp_path, generation=GenerationSettings(endpoints=[blind, seeing]))
        found = vision_endpoint(settings)
        assert found is not None
        assert (found.url, found.model) == ("http://vision.example/v1", "vl")

    def test_is_none_where_descriptions_are_not_wanted(self, tmp_path: Path) -> None:
        settings = Settings(home=tmp_path, vision=VisionSettings(describe_documents=False))
        announce(settings, SEEING)
        with Describer(settings) as describer:
            assert describer.endpoint() is None


class TestDescribe:
    def test_gives_what_the_model_says(
        self, describer: Describer, settings: Settings, small: Picture, server: Server
    ) -> None:
        announce(settings, SEEING)
        found = describer.describe(small, "en")
        assert found is not None
        assert (found.text, found.model) == ("A map of the harbour. It shows three piers.", "qwen-vl")
        assert str(server.requests[0].url) == "http://127.0.0.1:8101/v1/chat/completions"
        assert server.requests[0].headers["authorization"] == "Bearer vllm-key"

    def test_sends_the_picture_and_asks_in_the_language(
        self, describer: Describer, settings: Settings, small: Picture, server: Server
    ) -> None:
        announce(settings, SEEING)
        describer.describe(small, "zh-Hant")
        text, image = server.body["messages"][0]["content"]
        assert "`zh-Hant`" not in text["text"]
        assert "tag zh-Hant" in text["text"]
        assert image == {"type": "image_url", "image_url": {"url": small.data_url}}
        assert server.body["temperature"] == 0
        assert server.body["max_tokens"] == 400

    def test_asks_the_server_for_its_model_where_none_is_named(
        self, describer: Describer, settings: Settings, small: Picture, server: Server
    ) -> None:
        announce(settings, replace(SEEING, model=""))
        answer = server.handler
        server.handler = lambda request: (
            httpx.Response(200, json={"data": [{"id": "the-first"}]}) if request.method == "GET" else answer(request)
        )
        found = describer.describe(small, "en")
        assert found is not None
        assert found.model == server.body["model"] == "the-first"

    def test_without_a_model_is_none_and_asks_nobody(
        self, describer: Describer, small: Picture, server: Server
    ) -> None:
        assert describer.describe(small, "en") is None
        assert server.requests == []

    @pytest.mark.parametrize("text", [None, "", "  \n", "NOTHING", "NOTHING.", "<think>a map?</think>NOTHING"])
    def test_of_what_cannot_be_made_out_is_none(
        self, describer: Describer, settings: Settings, small: Picture, server: Server, text: str | None
    ) -> None:
        announce(settings, SEEING)
        server.handler = saying(text)
        assert describer.describe(small, "en") is None

    @pytest.mark.parametrize(
        ("said", "kept"),
        [
            ("A map. It shows thr", "A map."),
            ("一張地圖。上面有三個碼", "一張地圖。"),
            ("แผนที่ท่าเรือ", "แผนที่ท่าเรือ"),
        ],
    )
    def test_leaves_out_a_sentence_that_was_cut_off(
        self, describer: Describer, settings: Settings, small: Picture, server: Server, said: str, kept: str
    ) -> None:
        announce(settings, SEEING)
        server.handler = saying(said, "length")
        found = describer.describe(small, "en")
        assert found is not None
        assert found.text == kept

    def test_is_bounded_and_cannot_fake_its_mark(
        self, describer: Describer, settings: Settings, small: Picture, server: Server
    ) -> None:
        announce(settings, SEEING)
        server.handler = saying(f"{MARK} " + "A map. " * 10_000)
        found = describer.describe(small, "en")
        assert found is not None
        assert len(found.text) <= 4000
        assert MARK not in found.text

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.Response(500),
            httpx.Response(404, json={"error": "no such model"}),
            httpx.Response(200, content=b"<html>"),
            httpx.Response(200, json={"choices": []}),
            httpx.Response(200, json=[]),
        ],
    )
    def test_fails_in_one_clear_sentence(
        self, describer: Describer, settings: Settings, small: Picture, server: Server, answer: httpx.Response
    ) -> None:
        announce(settings, SEEING)
        server.handler = lambda _request: answer
        with pytest.raises(ModelUnavailable, match="The vision model gave no description: it"):
            describer.describe(small, "en")

    def test_fails_likewise_when_nobody_is_there(
        self, describer: Describer, settings: Settings, small: Picture, server: Server
    ) -> None:
        def refuse(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused", request=request)

        announce(settings, SEEING)
        server.handler = refuse
        with pytest.raises(ModelUnavailable, match="ConnectError"):
            describer.describe(small, "en")


class TestDescribed:
    @pytest.mark.parametrize(("start", "end"), [(100, 200), (120, 130), (90, 101), (199, 300)])
    def test_holds_for_what_lies_in_a_description(self, start: int, end: int) -> None:
        assert described(PLACE, start, end)

    @pytest.mark.parametrize(("start", "end"), [(0, 100), (200, 300)])
    def test_does_not_hold_for_a_documents_own_words(self, start: int, end: int) -> None:
        assert not described(PLACE, start, end)

    def test_holds_for_any_of_the_images_inside_a_document(self) -> None:
        metadata = {IMAGES: [{"start": 50, "end": 60}, {"start": 10, "end": 20}]}
        assert [described(metadata, start, start + 5) for start in (0, 12, 30, 55, 60)] == [
            False,
            True,
            False,
            True,
            False,
        ]
        assert descriptions({**metadata, **PLACE}) == [(10, 20), (50, 60), (100, 200)]

    @pytest.mark.parametrize("places", ["yes", {}, [1, None, {"start": "0", "end": 5}, {}]])
    def test_does_not_hold_for_what_is_no_list_of_places(self, places: object) -> None:
        assert not described({IMAGES: places}, 0, 10)

    @pytest.mark.parametrize("metadata", [{}, {KEY: "yes"}, {KEY: {"start": "0", "end": 5}}, {KEY: None}])
    def test_does_not_hold_where_nothing_is_described(self, metadata: dict[str, Any]) -> None:
        assert not described(metadata, 0, 10)
