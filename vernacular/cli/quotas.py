"""`vernacular quota …` and `vernacular usage`"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, TypeVar

import typer
from pydantic import BaseModel

from vernacular.audit.events import COMMAND_LINE, Event
from vernacular.cli.auditing import audit_log
from vernacular.cli.context import find_tenant, opened_database
from vernacular.cli.output import Json, TenantName, print_json, print_table
from vernacular.db.models import ApiKeyRow, UserRow
from vernacular.errors import BadRequest, NotFound
from vernacular.quotas.holdings import holdings
from vernacular.quotas.limits import (
    PrincipalQuota,
    Quotas,
    TenantQuota,
    VisitorQuota,
    check_below_tenant,
    kept_quotas,
    principal_limits,
    tenant_limits,
    visitor_limits,
    with_quotas,
)
from vernacular.quotas.usage import Used, usage
from vernacular.settings import Settings, get_settings
from vernacular.tenancy import Platform, Tenant, TenantScope

app = typer.Typer(help="What tenants, accounts, keys and visitors may use.", no_args_is_help=True)
UNSET = "unset"
"""What takes a limit away again, so that the installation's setting holds."""
Part = TypeVar("Part", TenantQuota, PrincipalQuota, VisitorQuota)
_KINDS: Final[dict[str, type[BaseModel]]] = {
    "tenant": TenantQuota,
    "principal": PrincipalQuota,
    "visitor": VisitorQuota,
}
FIGURES = ("requests", "refused", "prompt_tokens", "completion_tokens")


@app.command("show")
def show(tenant: TenantName, json: Json = False) -> None:
    """A tenant's limits, what is set for it over the installation's settings, and what it holds."""
    settings = get_settings()
    with opened_database(settings) as database:
        found = find_tenant(database, tenant)
        with database.read() as session:
            told = _describe(TenantScope(session, found), settings)
    if json:
        print_json(told)
        return
    print_table(
        [{"for": whose, **limits} for whose, limits in told["in_force"].items()],
        ("for", "requests_per_minute", "tokens_per_day", "documents", "megabytes"),
        "",
    )
    own = told["set"].get("principals", {})
    print_table([{"id": name, **limits} for name, limits in own.items()], ("id", *PrincipalQuota.model_fields), "")
    held = told["holdings"]
    typer.echo(f"It holds {held['documents']:,} documents and {held['bytes'] / 1e6:,.1f} MB. 0: no limit.")


@app.command("set")
def set_limits(
    tenant: TenantName,
    requests_per_minute: Annotated[
        str | None,
        typer.Option("--requests-per-minute", help="A number; 0: no limit; unset: as the installation says."),
    ] = None,
    tokens_per_day: Annotated[str | None, typer.Option("--tokens-per-day", help="Tokens read and written.")] = None,
    documents: Annotated[str | None, typer.Option("--documents", help="Documents of the tenant.")] = None,
    megabytes: Annotated[str | None, typer.Option("--megabytes", help="Text and files of the tenant, in MB.")] = None,
    whose: Annotated[
        str,
        typer.Option(
            "--for", help="tenant; principal (each account and key), visitor; or the id of one account or key."
        ),
    ] = "tenant",
    json: Json = False,
) -> None:
    """Change limits; those that are not given stay as they are."""
    settings = get_settings()
    given = {
        "requests_per_minute": requests_per_minute,
        "tokens_per_day": tokens_per_day,
        "documents": documents,
        "megabytes": megabytes,
    }
    asked = {name: _number(name, value) for name, value in given.items() if value is not None}
    if not asked:
        raise BadRequest(
            "There is nothing to change.", "Give one of --requests-per-minute, --tokens-per-day and so on."
        )
    with opened_database(settings) as database, audit_log(settings, database) as log, database.write() as session:
        row = Platform(session).tenant_row(tenant, lock=True)
        scope = TenantScope(session, Tenant.of(row))
        quotas = _changed(scope, kept_quotas(row.profile), whose, asked)
        if whose != "tenant":
            check_below_tenant(quotas, settings.quotas)
        row.profile = with_quotas(row.profile, quotas)
        session.flush()
        about = log.subjects.principal(scope, whose)
        log.record(scope, Event("quotas.changed", COMMAND_LINE, facts={"for": about, **asked}))
        told = _describe(TenantScope(session, Tenant.of(row)), settings)
    if json:
        print_json(told)
    else:
        typer.echo(f"The limits of {tenant} are changed; gateways follow within seconds.")


def show_usage(
    tenant: Annotated[
        str | None, typer.Option("--tenant", "-t", help="One tenant's; else sums of all tenants.")
    ] = None,
    days: Annotated[
        int, typer.Option("--days", min=1, max=400, help="The last so many days (UTC), today included.")
    ] = 30,
    json: Json = False,
) -> None:
    """What was used: requests and tokens, by day and principal, or by tenant."""
    last = datetime.now(UTC).date()
    first = last - timedelta(days=days - 1)
    with opened_database(get_settings()) as database:
        if tenant is None:
            with database.read() as session:
                rows = Platform(session).usage(first, last)
            columns: tuple[str, ...] = ("tenant", *FIGURES)
        else:
            found = find_tenant(database, tenant)
            with database.read() as session:
                rows = [_row(used) for used in usage(TenantScope(session, found), first, last)]
            columns = ("day", "kind", "principal", *FIGURES)
    if json:
        print_json({"since": first.isoformat(), "until": last.isoformat(), "data": rows})
    else:
        print_table(rows, columns, f"Nothing was used since {first}.")


def _changed(scope: TenantScope, quotas: Quotas, whose: str, asked: dict[str, int | None]) -> Quotas:
    if whose == "tenant":
        return quotas.model_copy(update={"tenant": _with(quotas.tenant, asked)})
    if whose == "principal":
        return quotas.model_copy(update={"principal": _with(quotas.principal, asked)})
    if whose == "visitor":
        return quotas.model_copy(update={"visitor": _with(quotas.visitor, asked)})
    if scope.get(ApiKeyRow, whose) is None and scope.get(UserRow, whose) is None:
        raise NotFound(
            f"The tenant has no account and no key with the id {whose!r}.",
            "`vernacular user list` and `vernacular key list` show their ids.",
        )
    own = _with(quotas.principals.get(whose, PrincipalQuota()), asked)
    others = {name: limits for name, limits in quotas.principals.items() if name != whose}
    empty = own == PrincipalQuota()
    return quotas.model_copy(update={"principals": others if empty else {**others, whose: own}})


def _with(now: Part, asked: dict[str, int | None]) -> Part:
    """
    Raises:
        BadRequest: there is no such limit on this.
    """
    known = type(now).model_fields
    if unknown := [name for name in asked if name not in known]:
        raise BadRequest(
            f"--{unknown[0].replace('_', '-')} is a limit of the tenant as a whole.", "Leave --for out to set that."
        )
    return now.model_copy(update=asked)


def _number(name: str, value: str) -> int | None:
    """
    Raises:
        BadRequest: it is neither a whole number nor `unset`.
    """
    if value == UNSET:
        return None
    if not value.isascii() or not value.isdecimal() or len(value) > 12:
        raise BadRequest(
            f"--{name.replace('_', '-')} {value!r} is no limit.", f"Give a whole number, 0 for none, or {UNSET}."
        )
    return int(value)


def _row(used: Used) -> dict[str, Any]:
    return {
        "day": used.day.isoformat(),
        "kind": used.kind,
        "principal": used.principal,
        **{name: getattr(used, name) for name in FIGURES},
    }


def _describe(scope: TenantScope, settings: Settings) -> dict[str, Any]:
    tenant, held = scope.tenant, holdings(scope)
    limits = {
        "tenant": tenant_limits(tenant, settings.quotas),
        "principal": principal_limits(tenant, settings.quotas, ""),
        "visitor": visitor_limits(tenant, settings.quotas),
    }
    return {
        "tenant": tenant.slug,
        "set": kept_quotas(tenant.profile).model_dump(exclude_none=True, exclude_defaults=True),
        "in_force": {
            whose: {
                name: each.bytes // 1_000_000 if name == "megabytes" else getattr(each, name)
                for name in _KINDS[whose].model_fields
            }
            for whose, each in limits.items()
        },
        "holdings": {"documents": held.documents, "bytes": held.bytes},
    }
