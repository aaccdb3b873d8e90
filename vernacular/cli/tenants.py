"""`vernacular tenant …`"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from vernacular.access.keys import KeyRing
from vernacular.access.names import tenant_name
from vernacular.audit.events import COMMAND_LINE, Event
from vernacular.cli.auditing import audit_log
from vernacular.cli.context import opened_database
from vernacular.cli.front_end import forget_public_key, give_public_key
from vernacular.cli.keys import CREATED_BY
from vernacular.cli.output import Json, cell, plain, print_json, print_table
from vernacular.cli.voice import changed, given_preferences
from vernacular.db.base import now
from vernacular.db.models import ApiKeyRow, ChunkRow, DocumentRow, TenantRow
from vernacular.db.session import Database
from vernacular.dialects.preferences import kept_preferences, with_preferences
from vernacular.errors import BadRequest
from vernacular.prompt_versions import COMMAND_LINE as AUTHOR
from vernacular.prompt_versions import PERSONA, take_in
from vernacular.settings import Settings, get_settings
from vernacular.tenancy import Platform, Tenant, TenantScope

app = typer.Typer(help="Make, list, change and delete tenants.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The tenant's name: small letters, digits and hyphens.")]
Languages = Annotated[str, typer.Option("--languages", help="Languages it serves, e.g. zh-Hant,yue-Hant-HK,en.")]
DisplayName = Annotated[str | None, typer.Option("--display-name", help="The name people see.")]
VALID_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


@app.command("create")
def create(
    name: Name,
    languages: Languages = "",
    display_name: DisplayName = None,
    chat_page: Annotated[
        bool,
        typer.Option("--chat-page/--no-chat-page", help="Whether the front end of this home serves it to everyone."),
    ] = True,
    sealed: Annotated[
        bool, typer.Option("--sealed", help="On a Qdrant server, keep its vectors in a collection of their own.")
    ] = False,
    json: Json = False,
) -> None:
    """Make a tenant and print its admin key, which is shown only this once."""
    tenant_name(name)
    settings = get_settings()
    with opened_database(settings) as database:
        with database.write() as session:
            row = TenantRow(slug=name, display_name=display_name or name, languages=parse_languages(languages))
            row.profile = {"sealed": True} if sealed else {}
            tenant = Platform(session).create_tenant(row)
            scope = TenantScope(session, tenant)
            key = KeyRing(settings.home).issue(scope, role="admin", name="first admin key", created_by=CREATED_BY)
        if chat_page:
            give_public_key(settings, database, tenant)
        _log(settings, database, "tenant.created", tenant)
    if json:
        print_json({"tenant": name, "admin_key": key})
    else:
        typer.echo(f"Tenant {name} is made.\nIts admin key, shown only now: {key}")


@app.command("list")
def list_tenants(json: Json = False) -> None:
    """The tenants there are."""
    with opened_database(get_settings()) as database, database.read() as session:
        rows = [
            {**describe(TenantScope(session, Tenant.of(row))), "suspended": row.suspended_at is not None}
            for row in Platform(session).tenant_rows()
        ]
    if json:
        print_json(rows)
    else:
        print_table(
            rows,
            ("tenant", "display_name", "languages", "documents", "chunks", "suspended"),
            "No tenant yet: make one with `vernacular tenant create NAME`.",
        )


@app.command("show")
def show(name: Name, json: Json = False) -> None:
    """One tenant, with its keys."""
    with opened_database(get_settings()) as database, database.read() as session:
        scope = TenantScope(session, Platform(session).tenant(name))
        found = describe(scope)
        keys = scope.execute(scope.select(ApiKeyRow).order_by(ApiKeyRow.created_at)).scalars()
        found["keys"] = [
            {
                "id": key.id,
                "name": key.name,
                "role": key.role,
                "prefix": key.prefix,
                "revoked": key.revoked_at is not None,
            }
            for key in keys
        ]
    if json:
        print_json(found)
        return
    for field, value in found.items():
        if field != "keys":
            typer.echo(f"{field.replace('_', ' '):14} {plain(cell(value))}")
    print_table(found["keys"], ("id", "name", "role", "prefix", "revoked"), "No key.")


@app.command("set")
def set_fields(
    name: Name,
    languages: Annotated[
        str | None, typer.Option("--languages", help="Languages it serves, separated by commas.")
    ] = None,
    dialects: Annotated[
        str | None, typer.Option("--dialects", help="Varieties it answers in, as BCP 47 tags separated by commas.")
    ] = None,
    display_name: DisplayName = None,
    persona: Annotated[
        str | None, typer.Option("--persona", help="Who the assistant is, as a model is told, e.g. `You are Rita …`.")
    ] = None,
    register: Annotated[str | None, typer.Option("--register", help="formal, plain or colloquial.")] = None,
    glossary: Annotated[
        Path | None, typer.Option("--glossary", help="File of its own terms: JSON, or lines of term,meaning.")
    ] = None,
    answer_in: Annotated[
        str | None, typer.Option("--answer-in", help="question (the variety asked in), standard, or a BCP 47 tag.")
    ] = None,
    script: Annotated[
        str | None, typer.Option("--script", help="What Chinese answers are shown in: as_written, Hans or Hant.")
    ] = None,
    synonyms: Annotated[
        Path | None, typer.Option("--synonyms", help="JSON file: its own words → lists of what its documents say.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option("--model", help="The model that answers: NAME, or TAG=NAME for one variety.")
    ] = None,
    sealed: Annotated[
        bool | None,
        typer.Option(
            "--sealed/--no-sealed", help="Whether a Qdrant server keeps its vectors apart, from its next index on."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Change a tenant's settings; an empty text takes one away."""
    settings = get_settings()
    with opened_database(settings) as database, audit_log(settings, database) as log, database.write() as session:
        row = Platform(session).tenant_row(name, lock=True)
        before = Tenant.of(row)
        if persona is not None:
            take_in(TenantScope(session, before), row, PERSONA)
        _set_columns(row, languages, dialects, display_name)
        row.profile = changed(row.profile, persona, register, glossary, model or [])
        row.profile = with_preferences(row.profile, given_preferences(answer_in, script, synonyms))
        if sealed is not None:
            row.profile = {**row.profile, "sealed": sealed}
        session.flush()
        scope = TenantScope(session, Tenant.of(row))
        if persona is not None:
            take_in(scope, row, PERSONA, AUTHOR)
        facts = {"section": "tenant", "fields": _changed_fields(before, scope.tenant)}
        log.record(scope, Event("settings.changed", COMMAND_LINE, facts=facts))
        found = describe(scope)
    if json:
        print_json(found)
    else:
        typer.echo(f"Tenant {name} is changed.")


@app.command("suspend")
def suspend(name: Name, json: Json = False) -> None:
    """Refuse everyone of a tenant, within seconds and in answers under way too; all it holds stays."""
    _suspend(name, "tenant.suspended", json)


@app.command("resume")
def resume(name: Name, json: Json = False) -> None:
    """Let a suspended tenant in again."""
    _suspend(name, "tenant.resumed", json)


def _suspend(name: str, event: str, json: bool) -> None:
    settings, suspended = get_settings(), event == "tenant.suspended"
    with opened_database(settings) as database:
        with audit_log(settings, database) as log, database.write() as session:
            row = Platform(session).tenant_row(name, lock=True)
            row.suspended_at = (row.suspended_at or now()) if suspended else None
            session.flush()
            tenant = Tenant.of(row)
            log.record(TenantScope(session, tenant), Event(event, COMMAND_LINE))
        _log(settings, database, event, tenant)
    if json:
        print_json({"tenant": name, "suspended": suspended})
    else:
        typer.echo(f"Tenant {name} is {'suspended' if suspended else 'resumed'}.")


def _log(settings: Settings, database: Database, event: str, tenant: Tenant) -> None:
    """In the operator's own log."""
    with audit_log(settings, database) as log:
        log.operator.record(Event(event, COMMAND_LINE, facts={"tenant": tenant.slug}))


@app.command("delete")
def delete(
    name: Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False, json: Json = False
) -> None:
    """Delete a tenant with all its documents, keys and conversations."""
    from vernacular.adapters import AdapterStore
    from vernacular.blobs import BlobStore
    from vernacular.documents import drop_tenant
    from vernacular.uploads import drop_uploads, jobs_of
    from vernacular.vectors.factory import open_store

    settings = get_settings()
    with opened_database(settings) as database:
        with database.read() as session:
            tenant = Platform(session).tenant(name)
            jobs = jobs_of(TenantScope(session, tenant))
        if not yes:
            typer.confirm(f"Delete {name} and everything it holds?", abort=True, err=True)
        store = open_store(settings)
        try:
            blobs, adapters = BlobStore(settings.blobs_path), AdapterStore(settings.adapters_path)
            drop_tenant(database, store, blobs, adapters, tenant)
            drop_uploads(settings, jobs)
        finally:
            store.close()
        forget_public_key(settings, tenant)
        _log(settings, database, "tenant.deleted", tenant)
    if json:
        print_json({"tenant": name, "deleted": True})
    else:
        typer.echo(f"Tenant {name} is deleted.")


def _set_columns(row: TenantRow, languages: str | None, dialects: str | None, display_name: str | None) -> None:
    if languages is not None:
        row.languages = parse_languages(languages)
    if dialects is not None:
        row.dialects = parse_languages(dialects)
    if display_name is not None:
        row.display_name = display_name


def _changed_fields(before: Tenant, after: Tenant) -> list[str]:
    """Names alone: what they hold is a tenant's to say."""
    plain = [
        name for name in ("display_name", "languages", "dialects") if getattr(before, name) != getattr(after, name)
    ]
    names = before.profile.keys() | after.profile.keys()
    return [*plain, *sorted(name for name in names if before.profile.get(name) != after.profile.get(name))]


def describe(scope: TenantScope) -> dict[str, Any]:
    tenant = scope.tenant
    kept = kept_preferences(tenant.profile)
    kept.pop("register", None)
    return {
        "tenant": tenant.slug,
        "display_name": tenant.display_name,
        "languages": list(tenant.languages),
        "dialects": list(tenant.dialects),
        "persona": tenant.profile.get("persona", ""),
        "register": tenant.profile.get("register", ""),
        "glossary": len(tenant.profile.get("glossary") or ()),
        "models": tenant.profile.get("models") or {},
        "sealed": tenant.sealed,
        "dialect": {**kept, "synonyms": len(kept["synonyms"])} if "synonyms" in kept else kept,
        "documents": scope.count(DocumentRow),
        "chunks": scope.count(ChunkRow),
    }


def parse_languages(given: str) -> list[str]:
    """
    Raises:
        BadRequest: one of them is not a BCP 47 tag.
    """
    tags = [tag.strip() for tag in given.split(",") if tag.strip()]
    for tag in tags:
        if not VALID_LANGUAGE.fullmatch(tag):
            raise BadRequest(
                f"{tag!r} is not a language tag.", "Use BCP 47 tags separated by commas, e.g. zh-Hant,yue-Hant-HK,en."
            )
    return tags
