"""One contract, every embedder; what needs a real model is in `tests/models`."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest

from tests.contracts.embedder import EmbedderContract
from tests.contracts.fakes import FakeEmbedder
from vernacular.embeddings.factory import open_embedder
from vernacular.embeddings.openai_compatible import OpenAIEmbedder
from vernacular.embeddings.presets import EmbeddingModel
from vernacular.embeddings.protocol import Embedder
from vernacular.embeddings.sentence_transformers import SentenceTransformersEmbedder
from vernacular.errors import InvalidSetting, ModelUnavailable, WeightsMissing
from vernacular.settings import EmbeddingSettings

MODEL = EmbeddingModel("some/model", "ask: ", "tell: ")


class FakeServer:
    """`/v1/embeddings`, with `FakeEmbedder`'s vectors twice as long; `longest` 0: any text is taken."""

    def __init__(self, longest: int = 0, as_base64: bool = True) -> None:
        self.embedder = FakeEmbedder()
        self.requests: list[dict[str, Any]] = []
        self.headers: list[httpx.Headers] = []
        self.failures: list[int] = []
        self._longest = longest
        self._base64 = as_base64

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.requests.append(body)
        self.headers.append(request.headers)
        if self.failures:
            return httpx.Response(self.failures.pop(), text="no")
        if self._longest and "truncate_prompt_tokens" not in body and max(map(len, body["input"])) > self._longest:
            return httpx.Response(400, json={"error": {"message": "The input is too long."}})
        vectors = 2 * self.embedder.encode_documents([text.partition(": ")[2] or text for text in body["input"]])
        data = [{"index": at, "embedding": self._written(vector)} for at, vector in enumerate(vectors)]
        return httpx.Response(200, json={"data": data[::-1]})

    def _written(self, vector: np.ndarray[Any, Any]) -> Any:
        return base64.b64encode(vector.astype("<f4").tobytes()).decode() if self._base64 else vector.tolist()


def asking(server: Callable[[httpx.Request], httpx.Response], model: EmbeddingModel = MODEL) -> OpenAIEmbedder:
    return OpenAIEmbedder(model, "http://models/v1/", api_key="k", batch=2, transport=httpx.MockTransport(server))


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr("vernacular.embeddings.openai_compatible.time.sleep", waited.append)
    return waited


class TestFake(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return FakeEmbedder()


class TestOpenAI(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return asking(FakeServer())


class TestOpenAIWithoutBase64(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return asking(FakeServer(as_base64=False))


class TestServer:
    def test_is_sent_prefixes_batches_and_the_key(self) -> None:
        server = FakeServer()
        embedder = asking(server)
        embedder.encode_documents(["a", "b", "c"])
        embedder.encode_query("d")
        sent = sorted(tuple(body["input"]) for body in server.requests)
        assert sent == [("ask: d",), ("tell: a", "tell: b"), ("tell: c",)]
        assert {body["model"] for body in server.requests} == {"some/model"}
        assert server.headers[0]["authorization"] == "Bearer k"

    def test_is_asked_again_for_passages(self, no_waiting: list[float]) -> None:
        server = FakeServer()
        server.failures = [503, 429]
        assert asking(server).encode_documents(["a"]).shape == (1, 32)
        assert len(no_waiting) == 2

    def test_is_given_up_after_a_few_tries(self, no_waiting: list[float]) -> None:
        server = FakeServer()
        server.failures = [503] * 10
        with pytest.raises(ModelUnavailable):
            asking(server).encode_documents(["a"])
        assert len(server.requests) == 4

    def test_is_asked_once_for_a_question(self) -> None:
        server = FakeServer()
        server.failures = [503] * 10
        with pytest.raises(ModelUnavailable):
            asking(server).encode_query("a")
        assert len(server.requests) == 1

    def test_cuts_what_is_too_long_if_it_can(self) -> None:
        server = FakeServer(longest=20)
        embedder = asking(server)
        embedder.encode_documents(["word " * 10])
        embedder.encode_documents(["word " * 10])
        assert ["truncate_prompt_tokens" in body for body in server.requests] == [False, True, True]

    def test_that_refuses_the_model_is_not_asked_again(self) -> None:
        with pytest.raises(InvalidSetting, match="no such model"):
            asking(lambda _: httpx.Response(404, json={"message": "no such model"})).encode_documents(["a"])

    @pytest.mark.parametrize(
        "answer", [{}, {"data": []}, {"data": [{"index": 0, "embedding": "%"}]}, {"data": [{"index": 0}]}, []]
    )
    def test_that_answers_nonsense_is_as_one_that_is_away(self, answer: Any, no_waiting: list[float]) -> None:
        with pytest.raises(ModelUnavailable):
            asking(lambda _: httpx.Response(200, json=answer)).encode_documents(["a"])

    def test_that_cannot_be_reached_is_away(self) -> None:
        def refuse(_: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused")

        with pytest.raises(ModelUnavailable):
            asking(refuse).encode_query("a")

    def test_vectors_are_shortened_and_normalised_here(self) -> None:
        short = asking(FakeServer(), EmbeddingModel("some/model", dimension=8)).encode_documents(["a b c d e f"])
        assert short.shape == (1, 8)
        assert np.linalg.norm(short) == pytest.approx(1)
        long = asking(FakeServer(), EmbeddingModel("some/model", normalize=False)).encode_query("a")
        assert np.linalg.norm(long) == pytest.approx(2, rel=1e-3)

    def test_cannot_give_more_dimensions_than_it_has(self) -> None:
        with pytest.raises(InvalidSetting, match="32"):
            asking(FakeServer(), EmbeddingModel("some/model", dimension=64)).encode_query("a")

    def test_a_number_that_is_none_is_refused(self, no_waiting: list[float]) -> None:
        answer = {"data": [{"index": 0, "embedding": base64.b64encode(b"\0\0\xc0\x7f").decode()}]}
        with pytest.raises(ModelUnavailable, match="finite"):
            asking(lambda _: httpx.Response(200, json=answer)).encode_query("a")


class TestInProcess:
    def test_without_the_extra_it_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "sentence_transformers", None)
        with pytest.raises(InvalidSetting) as caught:
            SentenceTransformersEmbedder(MODEL).encode_query("a")
        assert "vernacular[models]" in caught.value.hint

    def test_code_of_a_model_is_never_run(self) -> None:
        with pytest.raises(InvalidSetting, match="code"):
            SentenceTransformersEmbedder(EmbeddingModel("a", own_code=True)).encode_query("a")

    def test_fails_at_once_the_second_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tried: list[int] = []

        def fail(_: object) -> None:
            tried.append(1)
            raise WeightsMissing("There are none.")

        monkeypatch.setattr(SentenceTransformersEmbedder, "_load", fail)
        embedder = SentenceTransformersEmbedder(MODEL)
        for _ in range(2):
            with pytest.raises(WeightsMissing):
                embedder.encode_query("a")
        assert tried == [1]


class TestOpening:
    def test_there_is_none_unless_one_is_configured(self) -> None:
        assert open_embedder(EmbeddingSettings()) is None

    def test_nothing_is_loaded_or_sent(self) -> None:
        before = set(sys.modules)
        for settings in (
            EmbeddingSettings(backend="sentence_transformers", model="BAAI/bge-m3"),
            EmbeddingSettings(backend="openai", model="BAAI/bge-m3", url="http://127.0.0.1:9/v1"),
        ):
            embedder = open_embedder(settings)
            assert embedder is not None
            assert embedder.fingerprint.startswith("BAAI/bge-m3#")
            embedder.close()
        assert not {"torch", "sentence_transformers"} & (set(sys.modules) - before)

    @pytest.mark.parametrize(
        "settings",
        [
            EmbeddingSettings(backend="openai", model="m"),
            EmbeddingSettings(backend="openai", url="http://x/v1"),
            EmbeddingSettings(backend="sentence_transformers"),
        ],
    )
    def test_what_is_missing_is_named(self, settings: EmbeddingSettings) -> None:
        with pytest.raises(InvalidSetting, match="VERNACULAR_EMBEDDINGS__"):
            open_embedder(settings)
