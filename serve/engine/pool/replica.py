from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import urlsplit

from serve.engine.pool.breaker import CircuitBreaker
from vernacular.endpoints import ModelEndpoint


class State(StrEnum):
    UP = "up"
    DOWN = "down"
    DRAINING = "draining"
    """Withdrawn: it ends what it has begun and gets nothing more."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a server tells of itself: requests running and waiting there, and the share of its KV cache in use."""

    running: int = 0
    waiting: int = 0
    kv_usage: float | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a server lists: its base models, its adapters (name → path), and how much context it takes (0: unknown)."""

    models: tuple[str, ...] = ()
    adapters: Mapping[str, str] = field(default_factory=dict)
    context_tokens: int = 0
    vllm: bool = False


@dataclass(slots=True, eq=False)
class Replica:
    """One server as the pool knows it. Changed in the pool's event loop alone; other threads may look."""

    endpoint: ModelEndpoint
    state: State = State.DOWN
    reason: str = "not reached yet"
    offer: Offer = Offer()
    load: Load = Load()
    in_flight: int = 0
    strikes: int = 0
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    exposition: bytes = b""
    refused: dict[str, str] = field(default_factory=dict)
    """Adapters that it would not load, and why. It is asked again once it was down."""

    @property
    def model(self) -> str:
        """The base model it answers with; empty while that is not known."""
        return self.endpoint.model or next(iter(self.offer.models), "")

    @property
    def label(self) -> str:
        """Its name in logs, figures and the admin's view: never with credentials in it."""
        if "://" not in self.endpoint.name:
            return self.endpoint.name
        return urlsplit(self.endpoint.name).netloc.rpartition("@")[2]

    @property
    def context_tokens(self) -> int:
        return self.offer.context_tokens or self.endpoint.context_tokens

    def takes_requests(self) -> bool:
        return self.state is State.UP and self.breaker.allows()

    def serves(self, model: str, adapter: str | None) -> bool:
        return self.model == model and (adapter is None or adapter in self.offer.adapters)

    @property
    def burden(self) -> int:
        """What the least-load choice goes by."""
        return self.in_flight + self.load.waiting

    def forget(self, adapter: str | None) -> None:
        """The server said that it does not have this adapter, or (None) its model. The next look tells."""
        if adapter is None:
            self.state, self.reason = State.DOWN, "it no longer offers its model"
        else:
            kept = {name: path for name, path in self.offer.adapters.items() if name != adapter}
            self.offer = replace(self.offer, adapters=kept)
