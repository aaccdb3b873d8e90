"""How the model servers fare, for administrators. Adapters, which are tenants' own, are not told here."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from serve.deps import AdminAccess
from serve.engine.models import ModelCard

router = APIRouter(tags=["admin"])


class ReplicaView(BaseModel):
    """One server. `in_flight` is this gateway's count, `running` and `waiting` are the server's own; `kv_usage` is the share
    of its KV cache in use. `breaker`: `closed`, or `open` after failures in a row, until `half_open` lets one request try."""

    name: str
    state: str
    reason: str
    in_flight: int
    running: int
    waiting: int
    kv_usage: float | None
    breaker: str


class ModelStatusView(BaseModel):
    """`waiting`: requests in the gateway's queue. `context_tokens`: prompt and answer together; 0: not known."""

    name: str
    profile: str
    context_tokens: int
    vision: bool
    loras: bool
    waiting: int
    replicas: list[ReplicaView]


class ModelStatusList(BaseModel):
    data: list[ModelStatusView]


@router.get("/v1/admin/models")
async def list_model_status(access: AdminAccess) -> ModelStatusList:
    """The models that answer, and the servers behind each."""
    return ModelStatusList(data=[_view(card) for card in access.services.models.cards()])


def _view(card: ModelCard) -> ModelStatusView:
    return ModelStatusView.model_validate(card, from_attributes=True)
