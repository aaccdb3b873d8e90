from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from serve.engine.rerankers import CrossEncoderScorer, ServerScorer, open_scorer
from vernacular.errors import InvalidSetting, ModelUnavailable
from vernacular.settings import RerankSettings

PASSAGES = ["a", "much longer", "middling"]
Answer = Callable[[httpx.Request], httpx.Response]


def asking(answer: Answer) -> ServerScorer:
    return ServerScorer("judge", "http://models/v1", api_key="k", transport=httpx.MockTransport(answer))


def by_length(request: httpx.Request) -> httpx.Response:
    """Scores passages by their length, and answers best first as vLLM does."""
    body = json.loads(request.content)
    results = [{"index": at, "relevance_score": len(text) / 100} for at, text in enumerate(body["documents"])]
    return httpx.Response(200, json={"results": sorted(results, key=lambda each: -each["relevance_score"])})


class TestServer:
    def test_gives_each_passage_its_score(self) -> None:
        assert asking(by_length).score("?", PASSAGES) == pytest.approx([0.01, 0.11, 0.08])

    def test_is_sent_model_key_and_path(self) -> None:
        seen: list[httpx.Request] = []

        def recorded(request: httpx.Request) -> httpx.Response:
            seen.append(request)
            return by_length(request)

        asking(recorded).score("?", PASSAGES)
        assert seen[0].url == "http://models/v1/rerank"
        assert seen[0].headers["authorization"] == "Bearer k"
        assert json.loads(seen[0].content)["model"] == "judge"

    def test_that_cannot_cut_passages_is_asked_without(self) -> None:
        def plain(request: httpx.Request) -> httpx.Response:
            if "truncate_prompt_tokens" in json.loads(request.content):
                return httpx.Response(400, json={"error": {"message": "unknown field"}})
            return by_length(request)

        assert len(asking(plain).score("?", PASSAGES)) == 3

    @pytest.mark.parametrize(
        "answer",
        [{}, [], {"results": []}, {"results": [{"index": 0, "relevance_score": 1}] * 3}, {"results": [{"index": "x"}]},
         {"results": [{"index": at, "relevance_score": "nan"} for at in range(3)]}],
    )  # fmt: skip
    def test_that_answers_nonsense_is_as_one_that_is_away(self, answer: Any) -> None:
        with pytest.raises(ModelUnavailable):
            asking(lambda _: httpx.Response(200, json=answer)).score("?", PASSAGES)

    def test_that_fails_is_away(self) -> None:
        with pytest.raises(ModelUnavailable):
            asking(lambda _: httpx.Response(503)).score("?", PASSAGES)


class TestInProcess:
    def test_without_the_extra_it_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "sentence_transformers", None)
        with pytest.raises(InvalidSetting) as caught:
            CrossEncoderScorer("judge").score("?", PASSAGES)
        assert "vernacular[models]" in caught.value.hint


class TestOpening:
    def test_there_is_none_unless_one_is_configured(self) -> None:
        assert open_scorer(RerankSettings()) is None

    @pytest.mark.parametrize(
        ("settings", "kind"),
        [
            (RerankSettings(backend="vllm", model="m", url="http://x/v1"), ServerScorer),
            (RerankSettings(backend="sentence_transformers", model="m"), CrossEncoderScorer),
        ],
    )
    def test_opens_what_is_asked_for(self, settings: RerankSettings, kind: type) -> None:
        opened = open_scorer(settings)
        assert opened is not None
        assert isinstance(opened, kind)
        opened.close()

    @pytest.mark.parametrize(
        "settings", [RerankSettings(backend="vllm", model="m"), RerankSettings(backend="sentence_transformers")]
    )
    def test_what_is_missing_is_named(self, settings: RerankSettings) -> None:
        with pytest.raises(InvalidSetting, match="VERNACULAR_RERANK__"):
            open_scorer(settings)
