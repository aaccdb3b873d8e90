"""Images through a real gateway to a real vLLM, whose tiny model tells of which colour a picture is."""

from __future__ import annotations

import base64
import io
import os
import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.vernacular import hostile_images as hostile
from tests.vllm.conftest import ROOT
from tests.vllm.processes import Answer, GatewayServer, ModelServer, Tenant, until

pytestmark = pytest.mark.vllm

PROFILE = "qwen2.5-vl-7b"
SHADES = {"red": (215, 35, 30), "green": (35, 205, 45), "blue": (30, 40, 220)}
Part = dict[str, Any]


@dataclass(frozen=True)
class Seeing:
    gateway: GatewayServer
    model: ModelServer
    harbour: Tenant


@pytest.fixture(scope="module")
def seeing(vllm: Path, options: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeing]:
    """A gateway in front of a vLLM that sees, the model made and trained on the spot."""
    home, weights = tmp_path_factory.mktemp("seeing"), tmp_path_factory.mktemp("weights") / "nano-vl"
    make = [str(vllm.with_name("python")), "-m", "bench.nano.vision", str(weights)]
    subprocess.run(make, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}, check=True)
    model = ModelServer(home, weights, options, PROFILE, ("--context", "8192"))
    gateway = GatewayServer(home, options)
    try:
        gateway.wait()
        harbour = gateway.tenant("harbour")
        model.wait()
        until(lambda: bool(harbour.call("GET", "/v1/tenant").json()["vision"]), "a gateway that knows of the model", 30)
        yield Seeing(gateway, model, harbour)
    finally:
        gateway.stop()
        model.stop()


def drawn(colour: str, kind: str) -> bytes:
    """A picture that no one has seen before."""
    shade = tuple(min(255, max(0, level + random.randint(-25, 25))) for level in SHADES[colour])
    size = (random.choice((120, 300, 640)), random.choice((120, 240, 480)))
    buffer = io.BytesIO()
    Image.new("RGB", size, shade).save(buffer, kind)
    return buffer.getvalue()


def parts(data: bytes, media_type: str, question: str = "What does this picture show?") -> list[Part]:
    url = f"data:{media_type};base64,{base64.b64encode(data).decode()}"
    return [{"type": "text", "text": question}, {"type": "image_url", "image_url": {"url": url}}]


def ask(tenant: Tenant, content: list[Part], **more: Any) -> Answer:
    body = {"model": "default", "messages": [{"role": "user", "content": content}], **more}
    response = tenant.call("POST", "/v1/chat/completions", json=body)
    assert response.status_code == 200, response.text
    return Answer(response.json())


class TestImages:
    @pytest.mark.parametrize("colour", SHADES)
    @pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")])  # fmt: skip
    def test_are_seen_and_told_of(self, seeing: Seeing, colour: str, kind: str, media_type: str) -> None:
        answer = ask(seeing.harbour, parts(drawn(colour, kind), media_type))
        assert answer.text.startswith(f"The picture is {colour}.")
        assert answer.about["from_image"] is True
        assert answer.about["mode"] == "generative"
        assert "not from the documents" in answer.text
        assert answer.citations == []

    def test_cost_tokens_by_their_size(self, seeing: Seeing) -> None:
        """A picture is scaled to 224 pixels a side at most, of which 28 by 28 make a token."""
        small = ask(seeing.harbour, parts(hostile.picture(56, 56), "image/png"))
        large = ask(seeing.harbour, parts(hostile.picture(224, 224), "image/png"))
        difference = large.body["usage"]["prompt_tokens"] - small.body["usage"]["prompt_tokens"]
        assert difference == 8 * 8 - 2 * 2

    def test_reach_vllm_as_images(self, seeing: Seeing) -> None:
        before = seeing.model.metric("mm_cache_queries_total")
        ask(seeing.harbour, parts(drawn("red", "PNG"), "image/png"))
        assert seeing.model.metric("mm_cache_queries_total") == before + 1

    def test_are_told_of_in_a_stream(self, seeing: Seeing) -> None:
        messages = [{"role": "user", "content": parts(drawn("blue", "PNG"), "image/png")}]
        body = {"model": "default", "messages": messages, "stream": True}
        streamed = seeing.harbour.call("POST", "/v1/chat/completions", json=body)
        assert streamed.headers["content-type"].startswith("text/event-stream")
        assert "blue" in streamed.text
        assert '"from_image":true' in streamed.text.replace(" ", "")

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (parts(hostile.SVG, "image/svg+xml"), "SVG images are not taken"),
            (parts(hostile.encoded(Image.new("L", (10_000, 5_000)), "PNG"), "image/png"), "the limit is 24 megapixels"),
            ([{"type": "image_url", "image_url": {"url": "https://images.example/a.png"}}], "never fetched"),
        ],
        ids=["svg", "50 megapixels", "address"],
    )
    def test_that_are_not_taken_never_reach_vllm(self, seeing: Seeing, content: list[Part], said: str) -> None:
        before = seeing.model.metric("request_success_total")
        messages = [{"role": "user", "content": content}]
        refused = seeing.harbour.call("POST", "/v1/chat/completions", json={"model": "default", "messages": messages})
        assert (refused.status_code, refused.json()["error"]["name"]) == (400, "image_refused")
        assert said in refused.json()["error"]["message"]
        assert refused.json()["error"]["hint"]
        assert seeing.model.metric("request_success_total") == before


class TestDocuments:
    def test_that_are_pictures_are_described_by_the_model_and_found_by_that(self, seeing: Seeing) -> None:
        files = {"file": ("lighthouse.png", drawn("green", "PNG"), "image/png")}
        sent = seeing.harbour.call("POST", "/v1/documents", files=files)
        job = f"/v1/jobs/{sent.json()['job_id']}"
        until(lambda: seeing.harbour.call("GET", job).json()["state"] == "succeeded", "the picture", 60)
        found = seeing.harbour.call("POST", "/v1/search", json={"query": "a picture that is green"}).json()["hits"]
        assert found[0]["source_id"] == "lighthouse.png"
        assert "[Description of the image, made by a model]" in found[0]["text"]
        assert "The picture is green." in found[0]["text"]
        assert found[0]["metadata"]["image_description"]["model"] == PROFILE
