"""LoRA adapters on every replica of their base model, those included that come (back) later."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

from serve.engine.pool.failures import said_in
from serve.engine.pool.health import NotWell, read_offer
from serve.engine.pool.pool import Pool
from serve.engine.pool.replica import Replica, State
from vernacular.errors import AdapterRefused

log = logging.getLogger(__name__)
LOAD_S = 120.0
LOAD, UNLOAD = "/v1/load_lora_adapter", "/v1/unload_lora_adapter"


@dataclass
class _Wanted:
    """Of one base model: adapters that are to be loaded (name → path), and those that are to be gone."""

    loaded: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)


class AdapterKeeper:
    """Keeps what is wanted, and brings replicas to it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._wanted: dict[str, _Wanted] = {}
        self._lock = asyncio.Lock()

    async def load(self, model: str, name: str, path: str) -> int:
        wanted = self._wanted.setdefault(model, _Wanted())
        async with self._lock:
            wanted.gone.discard(name)
            wanted.loaded[name] = path
            replicas = self._replicas(model)
            for replica in replicas:
                replica.refused.pop(name, None)
            await asyncio.gather(*(self._bring(replica, wanted) for replica in replicas))
            said = next((one.refused[name] for one in replicas if name in one.refused), None)
            if said is not None:
                wanted.loaded.pop(name)
                wanted.gone.add(name)
                await asyncio.gather(*(self._bring(replica, wanted) for replica in replicas))
                raise AdapterRefused(
                    f"The model server does not take the adapter: {said}", "See the model server's log."
                )
        self._pool.hand_out()
        return sum(name in replica.offer.adapters for replica in replicas)

    async def unload(self, model: str, name: str) -> None:
        wanted = self._wanted.setdefault(model, _Wanted())
        async with self._lock:
            wanted.loaded.pop(name, None)
            wanted.gone.add(name)
            await asyncio.gather(*(self._bring(replica, wanted) for replica in self._replicas(model)))

    async def reconcile(self) -> None:
        """Load what is missing and unload what should be gone, wherever that is so."""
        async with self._lock:
            for model, wanted in self._wanted.items():
                await asyncio.gather(*(self._bring(replica, wanted) for replica in self._replicas(model)))
        self._pool.hand_out()

    def _replicas(self, model: str) -> list[Replica]:
        return [one for one in self._pool.replicas if one.model == model and one.state is State.UP and one.offer.vllm]

    async def _bring(self, replica: Replica, wanted: _Wanted) -> None:
        """Make `replica` have what is wanted of it. A server that went away meanwhile is brought there once it is back."""
        has = replica.offer.adapters
        missing = {
            name: path for name, path in wanted.loaded.items() if has.get(name) != path and name not in replica.refused
        }
        surplus = [name for name in has if name in wanted.gone or name in missing]
        if not missing and not surplus:
            return
        try:
            for name in surplus:
                await self._post(replica, UNLOAD, {"lora_name": name})
            for name, path in missing.items():
                said = await self._post(replica, LOAD, {"lora_name": name, "lora_path": path})
                if said is not None:
                    replica.refused[name] = said.replace(path, "its folder")
            replica.offer = await read_offer(self._pool.client, replica.endpoint)
        except (OSError, NotWell) as error:
            log.warning("adapters not brought to a replica", extra={"fields": _fields(replica, str(error))})

    async def _post(self, replica: Replica, path: str, content: dict[str, str]) -> str | None:
        """None, or what the server had against it."""
        status, body = await self._pool.client.post(replica.endpoint, path, content, LOAD_S)
        if status == 200:
            return None
        no_route = status in {404, 405} and b"error" not in body
        said = "it was not started to load adapters at run time" if no_route else said_in(body)
        log.warning("a replica refused an adapter", extra={"fields": _fields(replica, said)})
        return said


def _fields(replica: Replica, reason: str) -> dict[str, str]:
    return {"replica": replica.label, "reason": reason}
