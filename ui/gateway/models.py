"""Models, the servers behind them, and a tenant's adapters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ui.api import Api
from ui.gateway.values import path_to

_ADAPTERS = "/v1/admin/adapters"


@dataclass(frozen=True, slots=True)
class Server:
    """`in_flight`: what this gateway asked it just now; `running` and `waiting`: its own count. `breaker`: `open` after failures in a row."""

    name: str
    state: str
    reason: str
    in_flight: int
    running: int
    waiting: int
    kv_usage: float | None
    breaker: str


@dataclass(frozen=True, slots=True)
class Model:
    """`name` is empty while no server has told what it serves. `waiting`: requests in the gateway's queue."""

    name: str
    profile: str
    context_tokens: int
    vision: bool
    loras: bool
    waiting: int
    servers: tuple[Server, ...]


@dataclass(frozen=True, slots=True)
class Adapter:
    """`note`: why an active one is not used. `loaded_on` of the `servers` of its model that are up have it. `share` of an assistant's conversations."""

    id: str
    name: str
    dialect: str
    base_model: str
    version: int
    size: int
    rank: int
    state: str
    assistant: str
    share: float
    note: str
    created_at: datetime
    loaded_on: int
    servers: int
    lineage: Mapping[str, Any]


def models(api: Api) -> tuple[Model, ...]:
    return tuple(_model(each) for each in api.get("/v1/admin/models")["data"])


def adapters(api: Api) -> tuple[Adapter, ...]:
    return tuple(_adapter(each) for each in api.get(_ADAPTERS)["data"])


def change_adapter(api: Api, adapter_id: str, **change: Any) -> None:
    api.patch(path_to(_ADAPTERS, adapter_id), change)


def remove_adapter(api: Api, adapter_id: str) -> None:
    api.delete(path_to(_ADAPTERS, adapter_id))


def _model(told: Mapping[str, Any]) -> Model:
    return Model(
        name=str(told["name"]),
        profile=str(told.get("profile") or ""),
        context_tokens=int(told.get("context_tokens") or 0),
        vision=bool(told.get("vision")),
        loras=bool(told.get("loras")),
        waiting=int(told.get("waiting") or 0),
        servers=tuple(
            Server(**{name: each[name] for name in Server.__dataclass_fields__}) for each in told["replicas"]
        ),
    )


def _adapter(told: Mapping[str, Any]) -> Adapter:
    return Adapter(
        id=str(told["id"]),
        name=str(told["name"]),
        dialect=str(told.get("dialect") or ""),
        base_model=str(told["base_model"]),
        version=int(told["version"]),
        size=int(told["size"]),
        rank=int(told["rank"]),
        state=str(told["state"]),
        assistant=str(told.get("assistant") or ""),
        share=float(told["share"]),
        note=str(told.get("note") or ""),
        created_at=datetime.fromisoformat(told["created_at"]),
        loaded_on=int(told.get("loaded_on") or 0),
        servers=int(told.get("replicas") or 0),
        lineage=told.get("lineage") or {},
    )
