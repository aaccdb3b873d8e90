"""Usage and quotas as people see and set them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from serve.deps import Access, OperatorAccess
from serve.quotas.schemas import (
    DayView,
    Figures,
    HoldingsView,
    InForce,
    LimitsView,
    PlatformUsage,
    QuotasView,
    SharedQuotasForm,
    TenantQuotaForm,
    TenantUsage,
    UsageView,
    WindowView,
)
from serve.quotas.windows import Span, Standing
from vernacular.access.principal import Principal, Role
from vernacular.access.scopes import Scope
from vernacular.audit.events import Event
from vernacular.audit.subjects import Subjects
from vernacular.db.models import ApiKeyRow, TenantRow, UserRow
from vernacular.errors import BadRequest, NotFound
from vernacular.quotas.holdings import holdings
from vernacular.quotas.limits import (
    KEPT_AS,
    Limits,
    Quotas,
    check_below_tenant,
    kept_quotas,
    principal_limits,
    tenant_limits,
    visitor_limits,
    with_quotas,
)
from vernacular.quotas.usage import Used, usage
from vernacular.settings import QuotaSettings
from vernacular.tenancy import Platform, Tenant, TenantScope

DAYS, MOST_DAYS = 30, 400


def show_usage(
    access: Access,
    days: tuple[date | None, date | None],
    kind: str | None,
    principal: str | None,
    limits: list[Standing],
) -> UsageView:
    """All of the tenant's for those who may see it, everyone else's own.

    Raises:
        BadRequest: the days are too many, or in the wrong order.
    """
    first, last = period(*days)
    everyone = sees_everyone(access.principal)
    access.services.quotas.ledger.write()
    with access.read() as scope:
        wanted = principal if everyone else access.principal.id
        rows = usage(scope, first, last, principal=wanted, kind=kind)
        names = _names(scope, {row.principal for row in rows}) if everyone else {}
    names[access.principal.id] = names.get(access.principal.id) or access.principal.name
    told = [
        DayView(
            day=row.day, principal=row.principal, kind=row.kind, name=names.get(row.principal, ""), **_figures([row])
        )
        for row in rows
    ]
    kinds = sorted({row.kind for row in rows})
    by_kind = {each: Figures(**_figures(row for row in rows if row.kind == each)) for each in kinds}
    shown = [_window(standing) for standing in limits]
    return UsageView(since=first, until=last, days=told, by_kind=by_kind, total=Figures(**_figures(rows)), limits=shown)


def sees_everyone(principal: Principal) -> bool:
    """Administrators, and credentials that were given the scope by name."""
    return principal.role >= Role.admin or (principal.scopes is not None and principal.may(Scope.usage))


def show_platform_usage(access: OperatorAccess, since: date | None, until: date | None) -> PlatformUsage:
    """
    Raises:
        BadRequest: the days are too many, or in the wrong order.
    """
    first, last = period(since, until)
    access.services.quotas.ledger.write()
    with access.services.database.read() as session:
        rows = Platform(session).usage(first, last)
    data = [TenantUsage(**row, total_tokens=row["prompt_tokens"] + row["completion_tokens"]) for row in rows]
    total = {name: sum(getattr(each, name) for each in data) for name in Figures.model_fields}
    return PlatformUsage(since=first, until=last, data=data, total=Figures(**total))


def show(access: Access) -> QuotasView:
    with access.read() as scope:
        tenant = Platform(scope.session).tenant_by_id(access.principal.tenant.id)
        return _view(scope, tenant, access.services.settings.quotas)


def change(access: Access, asked: SharedQuotasForm) -> QuotasView:
    """
    Raises:
        BadRequest: somebody would have more than the tenant.
        NotFound: an id is no account's or key's of the tenant.
    """
    with access.write() as scope:
        _check_principals(scope, asked.principals)
        row = Platform(scope.session).tenant_row(access.principal.tenant.slug, lock=True)
        quotas = Quotas(**asked.model_dump(), tenant=kept_quotas(row.profile).tenant)
        _set(access.services.settings.quotas, scope, row, quotas)
        access.record(scope, "quotas.changed", facts=_facts(access.services.audit.subjects, scope, quotas))
        found = _view(scope, Tenant.of(row), access.services.settings.quotas)
    access.services.keys.forget()
    return found


def show_tenants(access: OperatorAccess, name: str) -> QuotasView:
    """
    Raises:
        UnknownTenant: there is none.
    """
    with access.services.database.read() as session:
        tenant = Platform(session).tenant(name)
        return _view(TenantScope(session, tenant), tenant, access.services.settings.quotas)


def change_tenants(access: OperatorAccess, name: str, asked: TenantQuotaForm) -> QuotasView:
    """What administrators set stays; it counts for no more than the tenant's.

    Raises:
        UnknownTenant: there is none.
    """
    services = access.services
    with services.database.write() as session:
        row = Platform(session).tenant_row(name, lock=True)
        scope = TenantScope(session, Tenant.of(row))
        quotas = kept_quotas(row.profile).model_copy(update={"tenant": asked})
        row.profile = with_quotas(row.profile, quotas)
        session.flush()
        facts = _facts(services.audit.subjects, scope, Quotas(tenant=asked))
        services.audit.record(scope, Event("quotas.changed", access.actor, facts=facts))
        found = _view(scope, Tenant.of(row), services.settings.quotas)
    services.keys.forget()
    services.audit.operator.record(Event("quotas.changed", access.actor, facts={"tenant": name, **facts}))
    return found


def period(since: date | None, until: date | None) -> tuple[date, date]:
    """
    Raises:
        BadRequest: the days are too many, or in the wrong order.
    """
    last = until or datetime.now(UTC).date()
    try:
        first = since or last - timedelta(days=DAYS - 1)
    except OverflowError:
        raise BadRequest("`until` is before all time.", "Give a day such as 2026-01-31.") from None
    if not 0 <= (last - first).days < MOST_DAYS:
        raise BadRequest(
            f"From {first} to {last} are not 1 to {MOST_DAYS} days.",
            "Give `since` and `until` as days such as 2026-01-31.",
        )
    return first, last


def _set(settings: QuotaSettings, scope: TenantScope, row: TenantRow, quotas: Quotas) -> None:
    check_below_tenant(quotas, settings)
    row.profile = with_quotas(row.profile, quotas)
    scope.session.flush()


def _check_principals(scope: TenantScope, asked: Mapping[str, Any]) -> None:
    unknown = sorted(set(asked) - set(_names(scope, asked)))
    if unknown:
        raise NotFound(
            f"There is no account and no key with the id {unknown[0]!r}.",
            "GET /v1/admin/users and GET /v1/admin/keys tell their ids.",
        )


def _names(scope: TenantScope, principals: Iterable[str]) -> dict[str, str]:
    """Of the accounts, keys and widgets with those ids that there are."""
    wanted, found = list(principals), dict[str, str]()
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        for row in scope.execute(scope.select(ApiKeyRow.id, ApiKeyRow.name).where(ApiKeyRow.id.in_(some))):
            found[row.id] = row.name
        for row in scope.execute(scope.select(UserRow.id, UserRow.username).where(UserRow.id.in_(some))):
            found[row.id] = row.username
    return found


def _facts(subjects: Subjects, scope: TenantScope, quotas: Quotas) -> dict[str, Any]:
    """Accounts under their pseudonyms: the log outlives them."""
    kept = quotas.model_dump(exclude_none=True, exclude_defaults=True)
    told = {subjects.principal(scope, name): limits for name, limits in kept.get("principals", {}).items()}
    return {KEPT_AS: {**kept, "principals": told} if told else kept}


def _view(scope: TenantScope, tenant: Tenant, settings: QuotaSettings) -> QuotasView:
    held = holdings(scope)
    return QuotasView(
        set=kept_quotas(tenant.profile),
        in_force=InForce(
            tenant=_limits(tenant_limits(tenant, settings)),
            principal=_limits(principal_limits(tenant, settings, "")),
            visitor=_limits(visitor_limits(tenant, settings)),
        ),
        holdings=HoldingsView(documents=held.documents, bytes=held.bytes),
    )


def _limits(limits: Limits) -> LimitsView:
    return LimitsView(
        requests_per_minute=limits.requests_per_minute,
        tokens_per_day=limits.tokens_per_day,
        documents=limits.documents,
        megabytes=limits.bytes // 1_000_000,
    )


def _window(standing: Standing) -> WindowView:
    window = standing.window
    unit = "requests" if window.span is Span.MINUTE else "tokens"
    return WindowView(
        whose=window.name, unit=unit, limit=window.limit, remaining=standing.remaining, reset_s=standing.reset_s
    )


def _figures(rows: Iterable[Used]) -> dict[str, int]:
    listed: Sequence[Used] = list(rows)
    return {
        "requests": sum(row.requests for row in listed),
        "refused": sum(row.refused for row in listed),
        "prompt_tokens": sum(row.prompt_tokens for row in listed),
        "completion_tokens": sum(row.completion_tokens for row in listed),
        "total_tokens": sum(row.tokens for row in listed),
    }
