"""Images on their way from a request to a model that sees, and what the answer says of them."""

from __future__ import annotations

import base64
import io
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from serve.chat.service import DECODING
from tests.serve.chat.test_endpoints import chunks
from tests.serve.engine.fake_model_server import FakeModelServer, Script, fake_model_server
from tests.serve.gateway import Gateway, running_gateway
from tests.vernacular import hostile_images as hostile

BIKES = "Residents may rent a bicycle at any station of the town. A bicycle costs 4 crowns an hour. Helmets are free."
NOTE = "What carries no number was seen by the model in the image you sent; it is not from the documents."
Part = dict[str, Any]


def image(data: bytes, declared: str = "image/png") -> Part:
    return image_at(f"data:{declared};base64,{base64.b64encode(data).decode()}")


def image_at(url: str) -> Part:
    return {"type": "image_url", "image_url": {"url": url, "detail": "auto"}}


def text(said: str) -> Part:
    return {"type": "text", "text": said}


@pytest.fixture
def server() -> Iterator[FakeModelServer]:
    with fake_model_server() as running:
        yield running


@contextmanager
def opened(home: Path, server: FakeModelServer, threads: int = 8, **endpoint: Any) -> Iterator[tuple[Gateway, str]]:
    generation = {"endpoints": [{"url": server.url, **endpoint}], "wait_s": 0.2}
    with running_gateway(home, generation=generation, threads=threads) as gateway:
        gateway.tenant("acme", languages=["en", "zh-Hant"])
        gateway.put("acme", "bikes", BIKES, title="Bicycle rental", language="en")
        yield gateway, gateway.key("acme", "public")


@pytest.fixture
def seeing(home: Path, server: FakeModelServer) -> Iterator[tuple[Gateway, str]]:
    """A gateway whose model reads images, and a key to it."""
    with opened(home, server, vision=True) as found:
        yield found


def says(server: FakeModelServer, said: str) -> None:
    server.script = Script(tokens=tuple(said[at : at + 4] for at in range(0, len(said), 4)))


def seen(server: FakeModelServer) -> list[Part]:
    """The parts of the last message that reached the model."""
    content: list[Part] = server.requests[-1]["messages"][-1]["content"]
    return content


class TestAnImageThatReachesTheModel:
    def test_stands_beside_the_question_and_the_passages(
        self, seeing: tuple[Gateway, str], server: FakeModelServer
    ) -> None:
        gateway, key = seeing
        says(server, "The sign shows a bicycle. A bicycle costs 4 crowns an hour [1].")
        answer = gateway.ask(key, [text("What does this bicycle cost an hour?"), image(hostile.picture())])
        assert answer.status_code == 200
        asked, shown = seen(server)
        assert "What does this bicycle cost an hour?" in asked["text"]
        assert "A bicycle costs 4 crowns an hour." in asked["text"]
        assert shown["image_url"]["url"].startswith("data:image/png;base64,")

    def test_was_encoded_anew_and_tells_nothing_of_its_sender(
        self, seeing: tuple[Gateway, str], server: FakeModelServer
    ) -> None:
        gateway, key = seeing
        sent = hostile.photo_with_exif(6, 3000, 1000)
        gateway.ask(key, [text("What is this?"), image(sent, "image/jpeg")])
        reached = base64.b64decode(seen(server)[1]["image_url"]["url"].partition(",")[2])
        assert b"Secret" in sent
        assert b"ecret" not in reached
        assert Image.open(io.BytesIO(reached)).size == (683, 2048)

    def test_keeps_no_one_waiting_who_sends_none(
        self, home: Path, server: FakeModelServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        decoders = threading.Semaphore(0)
        monkeypatch.setattr("vernacular.images._DECODERS", decoders)
        with opened(home, server, threads=2, vision=True) as (gateway, key), ThreadPoolExecutor(4) as people:
            pictured = [
                people.submit(gateway.ask, key, [text("What is this?"), image(hostile.picture())]) for _ in range(4)
            ]
            while DECODING.borrowed_tokens < 2:
                time.sleep(0.01)
            assert gateway.ask(key, "What does a bicycle cost an hour?").status_code == 200
            decoders.release(100)
            assert {each.result().status_code for each in pictured} == {200}

    def test_is_only_that_of_the_last_message(self, seeing: tuple[Gateway, str], server: FakeModelServer) -> None:
        gateway, key = seeing
        messages = [
            {"role": "user", "content": [text("What is this?"), image_at("https://images.example/never-fetched.png")]},
            {"role": "assistant", "content": "A bicycle."},
            {"role": "user", "content": [text("And this bicycle?"), image(hostile.picture())]},
        ]
        response = gateway.call("POST", "/v1/chat/completions", key, json={"model": "default", "messages": messages})
        assert response.status_code == 200
        sent = str(server.requests[-1])
        assert sent.count("data:image/") == 1
        assert "never-fetched" not in sent

    def test_alone_asks_what_it_shows_in_the_tenants_language(
        self, seeing: tuple[Gateway, str], server: FakeModelServer
    ) -> None:
        gateway, key = seeing
        says(server, "A red picture with a dark corner.")
        body = gateway.ask(key, [image(hostile.picture())]).json()
        assert "Question: What does this image show?" in seen(server)[0]["text"]
        assert body["choices"][0]["message"]["content"].startswith("A red picture with a dark corner.")
        chinese = gateway.ask(key, [image(hostile.picture())], vernacular={"dialect": "zh-Hant"})
        assert chinese.status_code == 200
        assert "這張圖片顯示了什麼？" in seen(server)[0]["text"]


class TestAnAnswerFromAnImage:
    def test_says_that_it_is_from_the_image_and_cites_nothing(
        self, seeing: tuple[Gateway, str], server: FakeModelServer
    ) -> None:
        gateway, key = seeing
        says(server, "The form is titled Parking Permit. It has three fields [1].")
        body = gateway.ask(key, [text("What does this form say?"), image(hostile.picture())]).json()
        message, about = body["choices"][0]["message"], body["vernacular"]
        assert message["content"] == f"The form is titled Parking Permit. It has three fields.\n\n{NOTE}"
        assert message["annotations"] == []
        assert (about["answered"], about["from_image"]) == (True, True)
        flagged = [message["content"][start:end] for start, end in about["unsupported"]]
        assert flagged == ["The form is titled Parking Permit.", "It has three fields."]

    def test_streams_the_same(self, seeing: tuple[Gateway, str], server: FakeModelServer) -> None:
        gateway, key = seeing
        says(server, "The form is titled Parking Permit.")
        got = chunks(gateway.ask(key, [text("What is it?"), image(hostile.picture())], stream=True).text)
        said = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in got)
        assert said == f"The form is titled Parking Permit.\n\n{NOTE}"
        assert got[-1]["vernacular"]["from_image"] is True

    def test_tells_apart_what_the_documents_say(self, seeing: tuple[Gateway, str], server: FakeModelServer) -> None:
        gateway, key = seeing
        says(server, "The picture shows a bicycle. A bicycle costs 4 crowns an hour [1].")
        body = gateway.ask(key, [text("What does this bicycle cost an hour?"), image(hostile.picture())]).json()
        message, about = body["choices"][0]["message"], body["vernacular"]
        [cited] = message["annotations"]
        assert cited["quote"] == "A bicycle costs 4 crowns an hour."
        assert "A bicycle costs 4 crowns an hour [1]." in message["content"]
        assert [message["content"][start:end] for start, end in about["unsupported"]] == [
            "The picture shows a bicycle."
        ]
        assert about["from_image"] is True

    def test_that_rests_on_documents_alone_needs_no_such_word(
        self, seeing: tuple[Gateway, str], server: FakeModelServer
    ) -> None:
        gateway, key = seeing
        says(server, "A bicycle costs 4 crowns an hour [1].")
        body = gateway.ask(key, [text("What does this bicycle cost an hour?"), image(hostile.picture())]).json()
        assert NOTE not in body["choices"][0]["message"]["content"]
        assert body["vernacular"]["from_image"] is False

    def test_is_declined_when_neither_image_nor_documents_answer(
        self, seeing: tuple[Gateway, str], server: FakeModelServer
    ) -> None:
        gateway, key = seeing
        says(server, "NO_ANSWER")
        about = gateway.ask(key, [text("Who is this?"), image(hostile.picture())]).json()["vernacular"]
        assert (about["answered"], about["from_image"]) == (False, False)


class TestRefusals:
    @pytest.mark.parametrize(
        ("part", "said", "hint"),
        [
            (image(hostile.SVG, "image/svg+xml"), "SVG images are not taken", "Save it as PNG."),
            (image(hostile.SVG), "SVG images are not taken", "Save it as PNG."),
            (image(hostile.png_that_claims(10_000, 5_000)), "10,000 × 5,000 pixels, and the limit is 24 megapixels", "Scale"),
            (image(hostile.gif_that_claims(60_000, 60_000, 2_000), "image/gif"), "the limit is 24 megapixels", "Scale it down"),
            (image_at("https://images.example/a.png"), "addresses are never fetched", "inside the request"),
            (image_at("file:///etc/passwd"), "addresses are never fetched", "inside the request"),
            (image(hostile.picture()[:60]), "The PNG image is damaged", "Save it again"),
            (image(b"%PDF-1.7"), "no image of a type that is read here", "Save it as PNG or JPEG."),
        ],
        ids=["svg", "svg as png", "50 megapixels", "film bomb", "address", "file", "cut off", "pdf"],
    )  # fmt: skip
    def test_name_what_is_wrong_and_what_to_do_and_ask_no_model(
        self, seeing: tuple[Gateway, str], server: FakeModelServer, part: Part, said: str, hint: str
    ) -> None:
        gateway, key = seeing
        response = gateway.ask(key, [text("What is this?"), part])
        error = response.json()["error"]
        assert (response.status_code, error["name"]) == (400, "image_refused")
        assert said in error["message"]
        assert hint in error["hint"]
        assert server.requests == []

    def test_of_more_images_than_the_limit(self, seeing: tuple[Gateway, str]) -> None:
        gateway, key = seeing
        error = gateway.ask(key, [text("?"), *[image(hostile.picture())] * 5]).json()["error"]
        assert error["message"] == "The message has 5 images, and the limit is 4."

    def test_come_before_a_stream_begins(self, seeing: tuple[Gateway, str]) -> None:
        gateway, key = seeing
        response = gateway.ask(key, [text("?"), image_at("https://images.example/a.png")], stream=True)
        assert (response.status_code, response.json()["error"]["name"]) == (400, "image_refused")

    def test_where_the_model_reads_text_only(self, home: Path, server: FakeModelServer) -> None:
        with opened(home, server) as (gateway, key):
            response = gateway.ask(key, [text("What is this?"), image(hostile.picture())])
            assert (response.status_code, response.json()["error"]["name"]) == (400, "no_vision")
            assert response.json()["error"]["hint"] == "Describe in words what the image shows."
            assert server.requests == []
            assert gateway.call("GET", "/v1/tenant", key).json()["vision"] is False

    def test_where_there_is_no_model(self, whole: Gateway) -> None:
        response = whole.ask(whole.key("acme"), [text("What is this?"), image(hostile.picture())])
        assert (response.status_code, response.json()["error"]["name"]) == (400, "no_vision")

    def test_where_the_model_that_sees_is_down(self, seeing: tuple[Gateway, str], server: FakeModelServer) -> None:
        gateway, key = seeing
        server.script = Script(status=500)
        response = gateway.ask(key, [text("What is this?"), image(hostile.picture())])
        assert (response.status_code, response.json()["error"]["name"]) == (503, "model_unavailable")


class TestTenant:
    def test_is_told_that_its_assistant_sees(self, seeing: tuple[Gateway, str]) -> None:
        gateway, key = seeing
        shown = gateway.call("GET", "/v1/tenant", key).json()
        assert (shown["vision"], shown["max_images"], shown["max_image_mb"]) == (True, 4, 8.0)
