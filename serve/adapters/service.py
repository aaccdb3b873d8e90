from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from serve.adapters.schemas import AdapterChange
from serve.adapters.upload import receive_adapter
from serve.deps import Access
from serve.engine.adapters.registry import (
    AdapterRegistry,
    Registration,
    describe,
    facts_of,
    find_adapter,
    list_adapters,
)
from vernacular.db.models import AdapterRow
from vernacular.tenancy import TenantScope

# Everything here is the caller's own tenant's: someone else's adapter is as if it were not there.


def show_all(access: Access) -> list[dict[str, Any]]:
    with access.read() as scope:
        rows = list_adapters(scope)
    return [_view(access, row) for row in rows]


def show(access: Access, reference: str) -> dict[str, Any]:
    """
    Raises:
        UnknownAdapter: the tenant has none of that id or name.
    """
    with access.read() as scope:
        return _view(access, find_adapter(scope, reference))


async def add(access: Access, request: Request) -> dict[str, Any]:
    """Take in an adapter that is sent as a form.

    Raises:
        AdapterRefused: it is unsafe, damaged, or made for another model.
        BadRequest: the form is not written as it must be.
    """
    registry = _registry(access)
    with registry.store.incoming() as folder:
        form, sent = await receive_adapter(request.stream(), request.headers.get("content-type", ""), folder)
        await run_in_threadpool(access.renew)  # sending may have taken long
        told = Registration(**form.model_dump(), by=f"API key {access.principal.id}")
        row = await run_in_threadpool(registry.add, access.principal.tenant, sent, told)
    return _view(access, row)


def change(access: Access, reference: str, asked: AdapterChange) -> dict[str, Any]:
    """
    Raises:
        UnknownAdapter: the tenant has none of that id or name.
    """
    row = _registry(access).change(access.principal.tenant, reference, **asked.model_dump())
    return _view(access, row)


def remove(access: Access, reference: str) -> str:
    """The id of the adapter that is gone.

    Raises:
        UnknownAdapter: the tenant has none of that id or name.
    """
    return _registry(access).remove(access.principal.tenant, reference).id


def _registry(access: Access) -> AdapterRegistry:
    def tell(scope: TenantScope, done: str, row: AdapterRow) -> None:
        access.record(scope, f"adapter.{done}", facts=facts_of(row))

    return AdapterRegistry(access.services.settings, access.services.database, tell)


def _view(access: Access, row: AdapterRow) -> dict[str, Any]:
    """In the shape of `AdapterView`."""
    loaded_on, replicas = access.services.models.adapter_replicas(row.base_model, row.name)
    return {**describe(row), "loaded_on": loaded_on, "replicas": replicas}
