"""For the operator of the platform, who stands above tenants: with an operator's key (`vernacular operator create`) alone."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from serve.deps import OperatorDep
from serve.operator import service
from serve.operator.schemas import (
    FirstAdmin,
    NewTenant,
    TenantChange,
    TenantDeleted,
    TenantForm,
    TenantSummaries,
    TenantSummary,
)
from vernacular.access import passwords

router = APIRouter(tags=["operator"], prefix="/v1/admin/tenants")


@router.get("")
def list_tenants(access: OperatorDep) -> TenantSummaries:
    """The tenants of this installation, by name."""
    return service.show_all(access)


@router.post("", status_code=201)
async def create_tenant(access: OperatorDep, asked: TenantForm) -> NewTenant:
    """Make a tenant. What opens it is in this answer and nowhere else."""
    password = passwords.random_password()
    hashed = await access.services.sign_ins.hash(password)
    tenant, key = await run_in_threadpool(service.create, access, asked, hashed)
    admin = None if asked.admin is None else FirstAdmin(username=asked.admin, password=password)
    return NewTenant(tenant=tenant, admin=admin, admin_key=key)


@router.get("/{name}")
def show_tenant(access: OperatorDep, name: str) -> TenantSummary:
    return service.show(access, name)


@router.patch("/{name}")
def change_tenant(access: OperatorDep, name: str, asked: TenantChange) -> TenantSummary:
    """Suspend a tenant or resume it: within seconds nobody of it gets in, and answers under way are cut."""
    return service.change(access, name, asked)


@router.delete("/{name}")
def delete_tenant(access: OperatorDep, name: str) -> TenantDeleted:
    """Delete a tenant with all its documents, accounts, keys and conversations."""
    service.delete(access, name)
    return TenantDeleted(name=name)
