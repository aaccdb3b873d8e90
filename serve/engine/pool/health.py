"""A look at one server: does it live, what does it offer, how much has it to do."""

from __future__ import annotations

import dataclasses
import logging
import math
import re
from typing import Any

import orjson

from serve.engine.pool.client import ModelClient
from serve.engine.pool.replica import Load, Offer, Replica, State
from vernacular.endpoints import ModelEndpoint

log = logging.getLogger(__name__)
LOOK_S = 5.0
STRIKES = 3
"""Looks in a row that time out before a replica is down: a busy server may be late. A refused connection is enough at once."""
_GAUGE = re.compile(
    rb"^vllm:(num_requests_running|num_requests_waiting|kv_cache_usage_perc)(?:\{[^}]*\})? (\S+)$", re.M
)


class NotWell(Exception):
    """The server answers, but not as one that could serve."""


async def look(client: ModelClient, replica: Replica) -> None:
    """Bring `replica` up to date. A vLLM answers the three questions in 6 ms."""
    try:
        await _look(client, replica)
    except TimeoutError:
        replica.strikes += 1
        if replica.strikes >= STRIKES:
            _take_down(replica, "it does not answer in time")
    except (OSError, NotWell) as error:
        _take_down(replica, str(error) or type(error).__name__)
    else:
        replica.strikes = 0
        if replica.state is State.DOWN:
            replica.state, replica.reason = State.UP, ""
            log.info("model server up", extra={"fields": {"replica": replica.label, "model": replica.model}})


async def _look(client: ModelClient, replica: Replica) -> None:
    endpoint = replica.endpoint
    status, _ = await client.get(endpoint, "/health", LOOK_S)
    if status >= 500:
        raise NotWell(f"its health check says {status}")
    replica.offer = await read_offer(client, endpoint)
    if endpoint.model and replica.offer.vllm and endpoint.model not in replica.offer.models:
        raise NotWell(f"it does not offer the model {endpoint.model!r}")
    if not replica.model:
        raise NotWell("it lists no model; name one in its endpoint")
    if status == 200:
        await _read_load(client, replica)


async def read_offer(client: ModelClient, endpoint: ModelEndpoint) -> Offer:
    """
    Raises:
        NotWell: the list cannot be had.
        OSError: no answer.
    """
    status, body = await client.get(endpoint, "/v1/models", LOOK_S)
    if status == 404 and endpoint.model:
        return Offer((endpoint.model,))
    if status in {401, 403}:
        raise NotWell("it does not take the key")
    if status != 200:
        raise NotWell(f"its list of models says {status}")
    try:
        return _offer(orjson.loads(body)["data"], endpoint.model)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise NotWell("its list of models cannot be read") from error


def _offer(cards: list[dict[str, Any]], wanted: str) -> Offer:
    """vLLM lists adapters among the models: those have a parent, and their `root` is the path they came from."""
    base = [card for card in cards if not card.get("parent")]
    card = next((card for card in base if card["id"] == wanted), base[0] if base else {})
    adapters = {card["id"]: str(card.get("root") or "") for card in cards if card.get("parent")}
    if not all(isinstance(card["id"], str) for card in cards):
        raise TypeError("a name that is no text")
    return Offer(
        models=tuple(card["id"] for card in base),
        adapters=adapters,
        context_tokens=max(0, int(card.get("max_model_len") or (card.get("meta") or {}).get("n_ctx_train") or 0)),
        vllm=card.get("owned_by") == "vllm",
    )


async def _read_load(client: ModelClient, replica: Replica) -> None:
    """Figures are worth having, but a server that does not tell them is no worse for it."""
    try:
        status, body = await client.get(replica.endpoint, "/metrics", LOOK_S)
    except OSError:  # a timeout is one, too
        return
    if status != 200:
        return
    sums: dict[bytes, float] = {}
    for name, value in _GAUGE.findall(body):
        sums[name] = sums.get(name, 0.0) + _number(value)
    replica.exposition = body
    usage = sums.get(b"kv_cache_usage_perc")
    replica.load = Load(int(sums.get(b"num_requests_running", 0)), int(sums.get(b"num_requests_waiting", 0)), usage)


def _number(text: bytes) -> float:
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0


def _take_down(replica: Replica, reason: str) -> None:
    if replica.state is State.UP:
        log.warning("model server down", extra={"fields": {"replica": replica.label, "reason": reason}})
    if replica.state is not State.DRAINING:
        replica.state = State.DOWN
    replica.reason, replica.load, replica.exposition = reason, Load(), b""
    if replica.offer.adapters:
        replica.offer = dataclasses.replace(replica.offer, adapters={})
    replica.refused.clear()
