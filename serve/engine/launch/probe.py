"""What a model server tells over HTTP: whether it is well, what it serves, how busy it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import httpx
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class ServedModel:
    """`context_tokens` 0: the server does not say. `parent`: of an adapter, the model it belongs to."""

    name: str
    context_tokens: int = 0
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a server is: requests, the share of its KV cache in use, and tokens since it started."""

    running: int
    waiting: int
    kv_use: float
    prompt_tokens: int
    generated_tokens: int


class Probe:
    """Asks one server, whose address ends in `/v1`. A proxy of the environment is not for the own machine: none is used."""

    def __init__(self, url: str, api_key: str = "", timeout_s: float = TIMEOUT_S) -> None:
        self._base = url.rstrip("/").removesuffix("/v1")
        headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.Client(timeout=timeout_s, trust_env=False, headers=headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def healthy(self) -> bool:
        return self._get("/health") is not None

    def models(self) -> list[ServedModel]:
        """Empty when it does not answer, or not to this key."""
        response = self._get("/v1/models")
        try:
            cards: list[dict[str, Any]] = response.json()["data"] if response else []
            return [
                ServedModel(str(card["id"]), int(card.get("max_model_len") or 0), str(card.get("parent") or ""))
                for card in cards
            ]
        except (ValueError, KeyError, TypeError):
            return []

    def load(self) -> Load | None:
        """None: it publishes no metrics."""
        response = self._get("/metrics")
        return parse_load(response.text) if response else None

    def _get(self, path: str) -> httpx.Response | None:
        try:
            response = self._client.get(f"{self._base}{path}")
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        return response if response.is_success else None


def parse_load(text: str) -> Load | None:
    """From Prometheus text of vLLM (`vllm:…`) or llama.cpp (`llamacpp:…`); sums over engines, means of shares."""
    try:
        samples = list(_samples(text))
    except ValueError:
        return None
    if not samples:
        return None
    shares = _values(samples, "kv_cache_usage_perc", "kv_cache_usage_ratio")
    return Load(
        int(sum(_values(samples, "num_requests_running", "requests_processing"))),
        int(sum(_values(samples, "num_requests_waiting", "requests_deferred"))),
        sum(shares) / len(shares) if shares else 0.0,
        int(sum(_values(samples, "prompt_tokens_total"))),
        int(sum(_values(samples, "generation_tokens_total", "tokens_predicted_total"))),
    )


def _samples(text: str) -> Iterator[Sample]:
    for family in text_string_to_metric_families(text):
        yield from (sample for sample in family.samples if sample.name.startswith(("vllm:", "llamacpp:")))


def _values(samples: list[Sample], *names: str) -> list[float]:
    return [sample.value for sample in samples if sample.name.partition(":")[2] in names]
