from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from serve.adapters import service
from serve.adapters.schemas import AdapterChange, AdapterForm, AdapterList, AdapterRemoved, AdapterView
from serve.deps import AdminAccess
from serve.responses import JsonResponse

router = APIRouter(tags=["adapters"], prefix="/v1/admin/adapters")
_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"multipart/form-data": {"schema": AdapterForm.model_json_schema()}},
    }
}


@router.get("", response_model=AdapterList)
def list_adapters(access: AdminAccess) -> JsonResponse:
    """Your tenant's LoRA adapters."""
    return JsonResponse({"data": service.show_all(access)})


@router.post("", response_model=AdapterView, status_code=201, openapi_extra=_FORM)
async def add_adapter(access: AdminAccess, request: Request) -> JsonResponse:
    """Send `adapter_config.json` and `adapter_model.safetensors`, as PEFT writes them. Not used before it is activated."""
    return JsonResponse(await service.add(access, request), status_code=201)


@router.get("/{adapter}", response_model=AdapterView)
def show_adapter(access: AdminAccess, adapter: str) -> JsonResponse:
    """One adapter, by its id or name."""
    return JsonResponse(service.show(access, adapter))


@router.patch("/{adapter}", response_model=AdapterView)
def change_adapter(access: AdminAccess, adapter: str, asked: AdapterChange) -> JsonResponse:
    """Activate or retire an adapter, or change its share of an assistant's conversations; in effect within seconds."""
    return JsonResponse(service.change(access, adapter, asked))


@router.delete("/{adapter}")
def remove_adapter(access: AdminAccess, adapter: str) -> AdapterRemoved:
    """Remove an adapter with its files."""
    return AdapterRemoved(id=service.remove(access, adapter))
