from __future__ import annotations

from fastapi import APIRouter

from serve.deps import TenantAccess
from serve.models.schemas import ModelList, ModelView
from serve.models.service import assistants, check_model

router = APIRouter(tags=["models"])


@router.get("/v1/models")
async def list_models(_access: TenantAccess) -> ModelList:
    """The names that `model` of a chat completion may be."""
    return ModelList(data=[ModelView(id=name) for name in assistants()])


@router.get("/v1/models/{name}")
async def show_model(_access: TenantAccess, name: str) -> ModelView:
    return ModelView(id=check_model(name))
