"""The models that answer: what the rest of the gateway knows of the servers behind it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import langsmith
from langchain_core.language_models import BaseChatModel
from prometheus_client import CollectorRegistry

from serve.engine.chat_model import OnUsage, PooledChatModel
from serve.engine.pool.adapters import AdapterKeeper
from serve.engine.pool.exposition import merged
from serve.engine.pool.figures import ModelFigures
from serve.engine.pool.pool import Pool
from serve.engine.pool.replica import Replica, State
from vernacular.settings import Settings

log = logging.getLogger(__name__)
CONTEXT_WHEN_UNKNOWN = 4096


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A model as one tenant's answer uses it. `context_tokens`: prompt and answer together."""

    name: str
    llm: BaseChatModel
    context_tokens: int
    vision: bool
    adapter: str | None = None


@dataclass(frozen=True, slots=True)
class ReplicaCard:
    """One server. `kv_usage`: share of its KV cache in use, None where it does not tell. `running` and `waiting` are its own
    count, `in_flight` is this gateway's."""

    name: str
    state: str
    reason: str
    in_flight: int
    running: int
    waiting: int
    kv_usage: float | None
    breaker: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model and the servers that answer with it. `name` is empty while no server has told what it serves."""

    name: str
    profile: str
    context_tokens: int
    vision: bool
    loras: bool
    waiting: int
    replicas: tuple[ReplicaCard, ...]

    @property
    def up(self) -> int:
        return sum(replica.state == State.UP for replica in self.replicas)


class Models:
    """All model servers, looked after from `start` to `close` in the gateway's event loop."""

    def __init__(self, settings: Settings, registry: CollectorRegistry | None = None) -> None:
        self.figures = ModelFigures(registry or CollectorRegistry())
        self._settings = settings
        self._pool = Pool(settings, self.figures)
        self._adapters = AdapterKeeper(self._pool)
        self._watches: tuple[asyncio.Task[None], ...] = ()

    async def start(self) -> None:
        """Open connections and look at every server once, briefly; from then on, every `health_every_s`.

        Raises:
            UnknownProfile: an endpoint of the settings names a profile that there is not.
            InvalidSetting: one has no address of a server's.
        """
        langsmith.configure(enabled=False)  # a variable in the environment would send every prompt to a service outside
        self._pool.refresh_members()
        await self._pool.open()
        await self._pool.look()
        # Two tasks: a server takes long to load an adapter, and may hang at it; the health of the others does not wait.
        self._watches = (
            asyncio.create_task(self._again_and_again(self._pool.look), name="model-health"),
            asyncio.create_task(self._again_and_again(self._adapters.reconcile), name="model-adapters"),
        )

    async def close(self) -> None:
        """Hang up on every server; answers under way end with ModelInterrupted."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        self._watches = ()
        await self._pool.close()

    async def look(self) -> None:
        """One round of health and of adapters, now."""
        await self._pool.look()
        await self._adapters.reconcile()

    def chat_model(
        self,
        *,
        model: str | None = None,
        adapter: str | None = None,
        cache_salt: str = "",
        vision: bool = False,
        tenant: str = "",
        on_usage: OnUsage | None = None,
    ) -> ChatModel | None:
        """The model named `model` (None: the configured one, else the first), for one tenant's answers.

        `adapter`: a LoRA adapter that was loaded with `load_adapter`. `cache_salt`: keeps the tenant's prefixes in the
        server's cache from others. `tenant`: whose turn in the queue it is. `on_usage` is told what each request took, in tokens read
        and written. `vision`: one that reads images is asked for, the named or default one if it does.

        None: no model is configured or running, or with `vision` none that reads images. A model that is down is given all
        the same; using it raises ModelUnavailable.
        """
        cards = self.cards()
        if vision:
            cards = [card for card in cards if card.vision]
        wanted = model or self._settings.generation.model
        card = next((card for card in cards if card.name == wanted), None)
        if card is None and not (wanted and not vision):
            card = next((card for card in cards if card.name), cards[0] if cards else None)
        if card is None:
            if not self._pool.replicas or vision:
                return None
            llm = self._llm(wanted, adapter=adapter, tenant=tenant, on_usage=on_usage)
            return ChatModel(wanted, llm, CONTEXT_WHEN_UNKNOWN, vision=False, adapter=adapter)
        return ChatModel(
            name=card.name,
            llm=self._llm(card.name, adapter=adapter, cache_salt=cache_salt, tenant=tenant, on_usage=on_usage),
            context_tokens=card.context_tokens or CONTEXT_WHEN_UNKNOWN,
            vision=card.vision,
            adapter=adapter,
        )

    def _llm(self, name: str, **own: Any) -> PooledChatModel:
        generation = self._settings.generation
        return PooledChatModel(
            pool=self._pool,
            model=name,
            max_tokens=generation.max_tokens,
            temperature=generation.temperature,
            **own,
        )

    def cards(self) -> list[ModelCard]:
        """Every model with its servers, in the order of the settings. May be called from any thread."""
        grouped: dict[str, list[Replica]] = {}
        for replica in self._pool.replicas:
            grouped.setdefault(replica.model, []).append(replica)
        return [self._card(name, replicas) for name, replicas in grouped.items()]

    def _card(self, name: str, replicas: list[Replica]) -> ModelCard:
        known = [replica.context_tokens for replica in replicas if replica.context_tokens]
        return ModelCard(
            name=name,
            profile=next((replica.endpoint.profile for replica in replicas if replica.endpoint.profile), ""),
            context_tokens=min(known, default=0),
            vision=any(replica.endpoint.vision for replica in replicas),
            loras=any(replica.endpoint.loras for replica in replicas),
            waiting=self._pool.waiting(name),
            replicas=tuple(_replica_card(replica) for replica in replicas),
        )

    async def load_adapter(self, base_model: str, name: str, path: str) -> int:
        """See that every replica of `base_model` has the adapter at `path`, now and when one comes (back) later.

        Returns how many have it now. `path` must never change its content, and must be readable where the servers run.

        Raises:
            AdapterRefused: a server does not take it; it is not tried again.
        """
        return await self._adapters.load(base_model, name, path)

    async def unload_adapter(self, base_model: str, name: str) -> None:
        """Take the adapter from every replica, now and from one that comes back later with it. Not having it is no error."""
        await self._adapters.unload(base_model, name)

    def adapters_on(self, base_model: str) -> set[str]:
        """Names of the adapters that at least one replica can answer with now. They may be any tenant's."""
        replicas = (one for one in self._pool.replicas if one.model == base_model and one.state is State.UP)
        return {name for replica in replicas for name in replica.offer.adapters}

    def adapter_replicas(self, base_model: str, name: str) -> tuple[int, int]:
        """How many replicas of `base_model` can answer with the adapter now, and how many are up. From any thread."""
        up = [one for one in self._pool.replicas if one.model == base_model and one.state is State.UP]
        return sum(name in replica.offer.adapters for replica in up), len(up)

    def note_fallback(self, reason: str) -> None:
        """Count a question that was answered without a model though one was asked. `reason`: an error's name."""
        self.figures.fallbacks.labels(reason).inc()

    def expositions(self) -> bytes:
        """The servers' own figures in Prometheus' text format, each sample with a label `replica`."""
        return merged({one.label: one.exposition for one in self._pool.replicas if one.exposition})

    async def _again_and_again(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(self._settings.generation.health_every_s)
            try:
                await work()
            except Exception:  # the edge of a task: one bad round must not end all later ones
                log.exception("looking after the model servers failed")


def _replica_card(replica: Replica) -> ReplicaCard:
    return ReplicaCard(
        name=replica.label,
        state=replica.state.value,
        reason=replica.reason,
        in_flight=replica.in_flight,
        running=replica.load.running,
        waiting=replica.load.waiting,
        kv_usage=replica.load.kv_usage,
        breaker=replica.breaker.state,
    )
