"""`vernacular retention …`"""

from __future__ import annotations

from typing import Annotated

import typer

from vernacular.audit.events import COMMAND_LINE, Event
from vernacular.cli.auditing import audit_log
from vernacular.cli.context import find_tenant, opened_database
from vernacular.cli.output import Json, TenantName, print_json, print_table
from vernacular.retention import apply_retention, terms_of, with_terms
from vernacular.settings import get_settings
from vernacular.tenancy import Platform, Tenant, TenantScope

app = typer.Typer(help="How long conversations and audit logs are kept.", no_args_is_help=True)


@app.command("show")
def show(tenant: TenantName, json: Json = False) -> None:
    """The days that a tenant's conversations and audit log are kept; 0: for ever."""
    settings = get_settings()
    with opened_database(settings) as database:
        terms = terms_of(find_tenant(database, tenant), settings).described()
    if json:
        print_json(terms)
    else:
        print_table([terms], tuple(terms), "")


@app.command("set")
def set_terms(
    tenant: TenantName,
    conversations_days: Annotated[int | None, typer.Option("--conversations-days", help="0: for ever.")] = None,
    audit_days: Annotated[int | None, typer.Option("--audit-days", help="At least 183; 0: for ever.")] = None,
    json: Json = False,
) -> None:
    """Change them; a worker removes what is older once a day."""
    settings = get_settings()
    with opened_database(settings) as database, audit_log(settings, database) as log, database.write() as session:
        row = Platform(session).tenant_row(tenant, lock=True)
        row.profile = with_terms(row.profile, conversations_days=conversations_days, audit_days=audit_days)
        session.flush()
        changed = Tenant.of(row)
        terms = terms_of(changed, settings).described()
        facts = {"section": "retention", **terms}
        log.record(TenantScope(session, changed), Event("settings.changed", COMMAND_LINE, facts=facts))
    if json:
        print_json(terms)
    else:
        print_table([terms], tuple(terms), "")


@app.command("run")
def run(json: Json = False) -> None:
    """Remove what is older now, instead of waiting for the worker."""
    settings = get_settings()
    with opened_database(settings) as database, audit_log(settings, database) as log:
        removed = apply_retention(database, log, settings)
    rows = [{"tenant": slug, **each.described()} for slug, each in removed.items()]
    if json:
        print_json(rows)
    else:
        print_table(rows, ("tenant", "conversations", "entries"), "Nothing is older than it may be.")
