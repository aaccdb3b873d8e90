from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from serve.validation import RequestModel
from vernacular.quotas.limits import Quotas, SharedQuotas, TenantQuota


class SharedQuotasForm(SharedQuotas, RequestModel):
    """What administrators set: for every account and key, for every visitor, and for some principals by their id. Replaces what was
    set. Null or absent: as the installation says; 0: no limit but the tenant's."""


class TenantQuotaForm(TenantQuota, RequestModel):
    """What the operator sets for a tenant as a whole. Replaces what was set. Null or absent: as the installation says; 0: no limit."""


class LimitsView(BaseModel):
    """In force; 0: none."""

    requests_per_minute: int
    tokens_per_day: int = 0
    documents: int = 0
    megabytes: int = 0


class InForce(BaseModel):
    tenant: LimitsView
    principal: LimitsView
    visitor: LimitsView


class HoldingsView(BaseModel):
    """What the tenant has of documents, and the bytes of their texts and files."""

    documents: int
    bytes: int


class QuotasView(BaseModel):
    """`set`: what is set for this tenant, and over the installation's settings; `in_force`: what comes of both."""

    set: Quotas
    in_force: InForce
    holdings: HoldingsView


class WindowView(BaseModel):
    """A limit of the caller's: `whose` is `tenant` or `principal`, `unit` `requests` (a minute) or `tokens` (a day)."""

    whose: str
    unit: str
    limit: int
    remaining: int
    reset_s: int


class Figures(BaseModel):
    requests: int = 0
    refused: int = Field(default=0, description="For want of quota.")
    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class DayView(Figures):
    """What one principal used on a day (UTC). `kind`: `key`, `user` or `widget`; `name` is empty for one that is gone."""

    day: date
    principal: str
    kind: str
    name: str


class UsageView(BaseModel):
    since: date
    until: date
    days: list[DayView]
    by_kind: dict[str, Figures]
    total: Figures
    limits: list[WindowView]


class TenantUsage(Figures):
    tenant: str


class PlatformUsage(BaseModel):
    since: date
    until: date
    data: list[TenantUsage]
    total: Figures
