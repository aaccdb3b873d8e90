from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool

from serve.deps import AdminAccess, OperatorDep, UsageAccess
from serve.quotas import service
from serve.quotas.schemas import PlatformUsage, QuotasView, SharedQuotasForm, TenantQuotaForm, UsageView

router = APIRouter(tags=["quotas"])
Day = Annotated[date | None, Query(description="UTC, both included; the last 30 days, if not given.")]


@router.get("/v1/usage")
async def show_usage(
    access: UsageAccess,
    since: Day = None,
    until: Day = None,
    kind: Annotated[Literal["key", "user", "widget"] | None, Query()] = None,
    principal: Annotated[
        str | None, Query(max_length=64, description="The id of an account, a key or a widget.")
    ] = None,
) -> UsageView:
    """What was used, by day and principal, and the caller's limits: administrators and credentials with the scope `usage` see all of
    the tenant, members their own."""
    limits = await access.services.quotas.standings(access.principal)
    return await run_in_threadpool(service.show_usage, access, (since, until), kind, principal, limits)


@router.get("/v1/admin/quotas")
def show_quotas(access: AdminAccess) -> QuotasView:
    """The tenant's quotas, and what it holds."""
    return service.show(access)


@router.put("/v1/admin/quotas")
def change_quotas(access: AdminAccess, asked: SharedQuotasForm) -> QuotasView:
    """Set what accounts, keys and visitors may use, below what the tenant may."""
    return service.change(access, asked)


@router.get("/v1/admin/usage")
def show_platform_usage(access: OperatorDep, since: Day = None, until: Day = None) -> PlatformUsage:
    """For the operator: sums by tenant."""
    return service.show_platform_usage(access, since, until)


@router.get("/v1/admin/tenants/{name}/quotas")
def show_tenants_quotas(access: OperatorDep, name: str) -> QuotasView:
    """For the operator: a tenant's quotas, and what it holds."""
    return service.show_tenants(access, name)


@router.put("/v1/admin/tenants/{name}/quotas")
def change_tenants_quotas(access: OperatorDep, name: str, asked: TenantQuotaForm) -> QuotasView:
    """For the operator: set what a tenant as a whole may use."""
    return service.change_tenants(access, name, asked)
