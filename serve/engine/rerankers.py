"""Cross-encoders: in this process by way of sentence-transformers, or on a server with vLLM's `/v1/rerank`."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Sequence
from typing import Any, Final

import httpx

from vernacular.embeddings.sentence_transformers import (
    EXTRA_HINT,
    failed,
    missing,
    to_half_precision,
    without_progress_bars,
)
from vernacular.errors import InvalidSetting, ModelUnavailable, VernacularError
from vernacular.settings import RerankSettings

logger = logging.getLogger(__name__)

_ANSWER_S: Final = 5.0
_CONNECT_S: Final = 2.0
_LONGEST: Final = 512
"""Tokens of question and passage together that are read; the models take more, at a cost that grows with it."""


class CrossEncoderScorer:
    """Loads the model with the first question. On a GPU it runs in half precision."""

    def __init__(self, model: str, *, device: str = "", download: bool = False) -> None:
        self._model = model
        self._device = device
        self._download = download
        self._lock = threading.Lock()
        self._loaded: Any = None
        self._failed: VernacularError | None = None

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        with self._lock:  # tokenizers are not safe with threads
            model = self._get()
            try:
                scores = model.predict([(query, passage) for passage in passages], show_progress_bar=False)
            except RuntimeError as error:
                raise failed(self._model, error) from error
        return [float(score) for score in scores]

    def close(self) -> None:
        with self._lock:
            self._loaded = None

    def _get(self) -> Any:
        if self._failed is not None:
            raise self._failed
        if self._loaded is None:
            try:
                self._loaded = self._load()
            except VernacularError as error:
                self._failed = error
                raise
        return self._loaded

    def _load(self) -> Any:
        try:
            from sentence_transformers import CrossEncoder  # noqa: PLC0415 - takes seconds and 400 MB
        except ImportError as error:
            raise InvalidSetting(f"sentence-transformers cannot be loaded: {error}.", EXTRA_HINT) from None
        without_progress_bars()
        try:
            model = CrossEncoder(
                self._model,
                device=self._device or None,
                local_files_only=not self._download,
                trust_remote_code=False,
                max_length=_LONGEST,
            )
        except (OSError, ValueError) as error:
            raise missing(self._model, "VERNACULAR_RERANK", error) from error
        to_half_precision(model)
        logger.info("%s is loaded on %s", self._model, model.device)
        return model


class ServerScorer:
    """`POST {url}/rerank`, as vLLM, Jina and Cohere have it. `transport`: instead of the network, for tests."""

    def __init__(
        self, model: str, url: str, *, api_key: str = "", transport: httpx.BaseTransport | None = None
    ) -> None:
        self._model = model
        self._url = f"{url.rstrip('/')}/rerank"
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
        self._client = httpx.Client(headers=headers, timeout=timeout, transport=transport, trust_env=False)

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        body = {"model": self._model, "query": query, "documents": list(passages)}
        try:
            # Passages that the model cannot read whole are cut rather than refused.
            response = self._client.post(self._url, json={**body, "truncate_prompt_tokens": -1})
            if response.status_code == httpx.codes.BAD_REQUEST:
                response = self._client.post(self._url, json=body)
            response.raise_for_status()
            return _scores(response.json(), len(passages))
        except (httpx.HTTPError, ValueError, KeyError, TypeError, IndexError) as error:
            raise ModelUnavailable(f"The reranking server gave no scores: {error}.") from None

    def close(self) -> None:
        self._client.close()


def open_scorer(settings: RerankSettings) -> CrossEncoderScorer | ServerScorer | None:
    """The reranking model that `settings` ask for; None: reranking is lexical. Nothing is loaded or sent before its use.

    Raises:
        InvalidSetting: the settings lack something.
    """
    if settings.backend == "none":
        return None
    if not settings.model:
        raise InvalidSetting(
            "VERNACULAR_RERANK__MODEL is empty, and reranking needs a model.",
            "Set it to a name or a folder, e.g. BAAI/bge-reranker-v2-m3, or the backend to `none`.",
        )
    if settings.backend == "sentence_transformers":
        return CrossEncoderScorer(settings.model, device=settings.device, download=settings.download)
    if not settings.url:
        raise InvalidSetting(
            "VERNACULAR_RERANK__URL is empty, and backend `vllm` needs the address of a server.",
            "Set it, e.g. http://127.0.0.1:8002/v1.",
        )
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    return ServerScorer(settings.model, settings.url, api_key=key)


def _scores(answer: Any, wanted: int) -> list[float]:
    scores = {int(each["index"]): float(each["relevance_score"]) for each in answer["results"]}
    if sorted(scores) != list(range(wanted)):
        raise ValueError(f"{len(scores)} scores for {wanted} passages")
    if not all(map(math.isfinite, scores.values())):
        raise ValueError("a score that is no number")
    return [scores[at] for at in range(wanted)]
