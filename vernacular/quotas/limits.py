"""Limits as they are set: by the settings for everyone, and over them for one tenant in `Tenant.profile["quotas"]`.

    {"tenant": {"requests_per_minute", "tokens_per_day", "documents", "megabytes"},      set by the operator
     "principal": {"requests_per_minute", "tokens_per_day"},                             by the tenant's administrators:
     "visitor": {"requests_per_minute"},                                                 for every account and key, for every
     "principals": {"<id of an account or a key>": {…}}}                                 visitor, and for some by their id

What is not there, or null, is as the settings say; 0: no limit. What administrators set never counts for more than the tenant's own
limit, which all of it is counted against, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vernacular.errors import BadRequest
from vernacular.settings import QuotaSettings
from vernacular.tenancy import Tenant

KEPT_AS: Final = "quotas"
MOST: Final = 10**12
Limit = Annotated[int | None, Field(ge=0, le=MOST)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class VisitorQuota(_Part):
    requests_per_minute: Limit = None


class PrincipalQuota(_Part):
    requests_per_minute: Limit = None
    tokens_per_day: Limit = None


class TenantQuota(PrincipalQuota):
    documents: Limit = None
    megabytes: Limit = None


class SharedQuotas(_Part):
    """What a tenant's administrators set."""

    principal: PrincipalQuota = PrincipalQuota()
    visitor: VisitorQuota = VisitorQuota()
    principals: dict[Annotated[str, Field(min_length=1, max_length=64)], PrincipalQuota] = Field(
        default_factory=dict, max_length=10_000
    )


class Quotas(SharedQuotas):
    """All that is set for a tenant."""

    tenant: TenantQuota = TenantQuota()


@dataclass(frozen=True, slots=True)
class Limits:
    """In force; 0: none. `documents` and `bytes` are a tenant's alone."""

    requests_per_minute: int = 0
    tokens_per_day: int = 0
    documents: int = 0
    bytes: int = 0


def kept_quotas(profile: Mapping[str, Any]) -> Quotas:
    """
    Raises:
        BadRequest: they are not what this version knows; they are never taken for no limits at all.
    """
    try:
        return Quotas.model_validate(profile.get(KEPT_AS) or {})
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise BadRequest(
            f"The quotas kept for this tenant are not valid at `{where}`.", "Set them anew with `vernacular quota set`."
        ) from None


def with_quotas(profile: Mapping[str, Any], quotas: Quotas) -> dict[str, Any]:
    """The profile with these instead of those it has."""
    kept = quotas.model_dump(exclude_none=True, exclude_defaults=True)
    rest = {name: value for name, value in profile.items() if name != KEPT_AS}
    return {**rest, KEPT_AS: kept} if kept else rest


def check_below_tenant(quotas: Quotas, settings: QuotaSettings) -> None:
    """
    Raises:
        BadRequest: someone is to have more than the tenant as a whole.
    """
    whole = _tenant_limits(quotas.tenant, settings)
    parts = {"principal": quotas.principal, **{f"principals.{name}": one for name, one in quotas.principals.items()}}
    asked = [
        (f"{where}.{field}", getattr(part, field), getattr(whole, field))
        for where, part in parts.items()
        for field in PrincipalQuota.model_fields
    ]
    asked.append(("visitor.requests_per_minute", quotas.visitor.requests_per_minute, whole.requests_per_minute))
    for name, wanted, limit in asked:
        if limit and wanted and wanted > limit:
            raise BadRequest(
                f"`{name}` is {wanted:,}, and the whole tenant has {limit:,}.",
                "Set less, or ask the operator of this installation for more.",
            )


def tenant_limits(tenant: Tenant, settings: QuotaSettings) -> Limits:
    return _tenant_limits(kept_quotas(tenant.profile).tenant, settings)


def principal_limits(tenant: Tenant, settings: QuotaSettings, principal_id: str) -> Limits:
    """Those of one account, key or widget."""
    quotas = kept_quotas(tenant.profile)
    own = quotas.principals.get(principal_id, PrincipalQuota())
    return Limits(
        _first(own.requests_per_minute, quotas.principal.requests_per_minute, settings.principal_requests_per_minute),
        _first(own.tokens_per_day, quotas.principal.tokens_per_day, settings.principal_tokens_per_day),
    )


def visitor_limits(tenant: Tenant, settings: QuotaSettings) -> Limits:
    own = kept_quotas(tenant.profile).visitor
    return Limits(_first(own.requests_per_minute, settings.visitor_requests_per_minute))


def _tenant_limits(own: TenantQuota, settings: QuotaSettings) -> Limits:
    return Limits(
        _first(own.requests_per_minute, settings.tenant_requests_per_minute),
        _first(own.tokens_per_day, settings.tenant_tokens_per_day),
        _first(own.documents, settings.documents),
        _first(own.megabytes, settings.megabytes) * 1_000_000,
    )


def _first(*given: int | None) -> int:
    return next((each for each in given if each is not None), 0)
