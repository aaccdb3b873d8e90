"""`vernacular key …`"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import typer

from vernacular.access.keys import WIDGET_KIND, KeyRing
from vernacular.access.scopes import GRANTED
from vernacular.audit.events import COMMAND_LINE, Event
from vernacular.audit.log import AuditLog
from vernacular.cli.auditing import audit_log
from vernacular.cli.context import opened_database
from vernacular.cli.output import Json, TenantName, print_json, print_table
from vernacular.db.models import ApiKeyRow
from vernacular.gateway import running_gateway
from vernacular.settings import get_settings
from vernacular.tenancy import Platform, TenantScope

app = typer.Typer(help="Make, list, rotate and revoke API keys and the tokens of widgets.", no_args_is_help=True)

CREATED_BY = "command line"
Key = Annotated[str, typer.Argument(help="The key's id, as `vernacular key list` prints it, or the key itself.")]
Days = Annotated[int | None, typer.Option("--days", min=1, help="Days until it expires; never, if not given.")]


class Role(StrEnum):
    ADMIN = "admin"
    EDITOR = "editor"
    MEMBER = "member"
    PUBLIC = "public"


@app.command("create")
def create(
    tenant: TenantName,
    role: Annotated[Role, typer.Option("--role", help="What the key may do.")] = Role.MEMBER,
    name: Annotated[str, typer.Option("--name", help="What the key is for.")] = "",
    groups: Annotated[
        str, typer.Option("--groups", help="Groups whose documents it may read, separated by commas.")
    ] = "",
    scopes: Annotated[
        str,
        typer.Option("--scopes", help=f"Parts of the API that it may call, all if not given: {', '.join(GRANTED)}."),
    ] = "",
    days: Days = None,
    json: Json = False,
) -> None:
    """Make an API key and print it; it is shown only this once."""
    with _scope(tenant) as (scope, ring, log):
        key = ring.issue(
            scope,
            role=role.value,
            name=name,
            groups=listed(groups),
            expires_at=_end(days),
            scopes=listed(scopes),
            created_by=CREATED_BY,
        )
        row = ring.find(scope, key)
        _record(log, scope, row, "key.created", role=row.role, groups=row.groups, scopes=row.scopes)
    if json:
        told = {
            "tenant": tenant,
            "id": row.id,
            "role": row.role,
            "groups": row.groups,
            "scopes": row.scopes,
            "key": key,
        }
        print_json(told)
    else:
        typer.echo(f"The key, shown only now: {key}")


@app.command("widget")
def widget(
    tenant: TenantName,
    origins: Annotated[
        str,
        typer.Option("--origins", help="The pages it stands on, e.g. https://www.example.org, separated by commas."),
    ],
    assistant: Annotated[
        str | None, typer.Option("--assistant", help="The one it speaks with; any, if not given.")
    ] = None,
    name: Annotated[str, typer.Option("--name", help="What it is for.")] = "",
    days: Days = None,
    json: Json = False,
) -> None:
    """Make a chat for your web pages and print its tag. It asks as the public may, from those pages alone."""
    from serve.models.service import check_model
    from serve.widget.service import tag
    from vernacular.access.names import origin_of

    if assistant is not None:
        check_model(assistant)
    with _scope(tenant) as (scope, ring, log):
        row = ApiKeyRow(
            name=name,
            role="public",
            kind=WIDGET_KIND,
            origins=[origin_of(origin) for origin in listed(origins)],
            assistant=assistant,
            created_by=CREATED_BY,
            expires_at=_end(days),
        )
        token = ring.add(scope, row)
        pasted = tag(row.id, _address())
        _record(log, scope, row, "widget.created", origins=row.origins, assistant=assistant)
    if json:
        told = {"tenant": tenant, "id": row.id, "origins": row.origins, "assistant": assistant}
        print_json({**told, "tag": pasted, "token": token})
    else:
        typer.echo(f"Paste this into the pages: {pasted}")
        typer.echo(f"For a chat of your own making in its place, a token, shown only now: {token}")


@app.command("list")
def list_keys(tenant: TenantName, json: Json = False) -> None:
    """The tenant's keys and widgets, the newest first."""
    with _looked_at(tenant) as scope:
        found = scope.execute(scope.select(ApiKeyRow).order_by(ApiKeyRow.created_at.desc())).scalars()
        rows = [_described(row) for row in found]
    if json:
        print_json(rows)
    else:
        columns = ("id", "kind", "name", "role", "scopes", "prefix", "state", "expires_at", "last_used_at")
        print_table(rows, columns, "No key.")


@app.command("rotate")
def rotate(
    key: Key,
    tenant: TenantName,
    overlap_hours: Annotated[
        float,
        typer.Option("--overlap-hours", min=0, max=24 * 90, help="How long the old one holds beside the new one."),
    ] = 24.0,
    json: Json = False,
) -> None:
    """Make a key of the same rights in the place of one, and print it; the old one ends after the overlap."""
    with _scope(tenant) as (scope, ring, log):
        old = ring.find(scope, key)
        fresh, row = ring.rotate(scope, old, timedelta(hours=overlap_hours), CREATED_BY)
        _record(log, scope, row, f"{row.kind}.rotated", replaces=old.id, old_ends=str(old.expires_at))
    if json:
        print_json({"id": row.id, "replaces": old.id, "old_ends": old.expires_at, "key": fresh})
    else:
        typer.echo(
            f"The new key, shown only now: {fresh}\nThe old one holds until {old.expires_at:%Y-%m-%d %H:%M} UTC."
        )


@app.command("revoke")
def revoke(key: Key, tenant: TenantName, json: Json = False) -> None:
    """Revoke an API key or a widget: it stops working within seconds, in answers under way too."""
    with _scope(tenant) as (scope, ring, log):
        row = ring.find(scope, ring.revoke(scope, key))
        _record(log, scope, row, f"{row.kind}.revoked")
    if json:
        print_json({"id": row.id, "revoked": True})
    else:
        typer.echo("The key is revoked.")


def listed(given: str) -> list[str]:
    """What is separated by commas."""
    return [part.strip() for part in given.split(",") if part.strip()]


@contextmanager
def _scope(tenant: str) -> Iterator[tuple[TenantScope, KeyRing, AuditLog]]:
    """A tenant's write transaction, and the log that tells what is done in it."""
    settings = get_settings()
    with opened_database(settings) as database, audit_log(settings, database) as log, database.write() as session:
        yield TenantScope(session, Platform(session).tenant(tenant)), KeyRing(settings.home), log


@contextmanager
def _looked_at(tenant: str) -> Iterator[TenantScope]:
    with opened_database(get_settings()) as database, database.read() as session:
        yield TenantScope(session, Platform(session).tenant(tenant))


def _address() -> str:
    """Where browsers reach the gateway, as far as the settings say."""
    serve = get_settings().serve
    return serve.public_url.rstrip("/") or running_gateway(get_settings()) or f"http://{serve.host}:{serve.port}"


def _described(row: ApiKeyRow) -> dict[str, Any]:
    ended = row.expires_at is not None and row.expires_at <= datetime.now(UTC)
    return {
        "id": row.id,
        "kind": row.kind,
        "name": row.name,
        "role": row.role,
        "groups": row.groups,
        "scopes": row.scopes,
        "origins": row.origins,
        "assistant": row.assistant,
        "prefix": row.prefix,
        "state": "revoked" if row.revoked_at else "expired" if ended else "active",
        "replaces": row.replaces,
        "created_by": row.created_by,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "last_used_at": row.last_used_at,
    }


def _record(log: AuditLog, scope: TenantScope, row: ApiKeyRow, event: str, **facts: Any) -> None:
    log.record(scope, Event(event, COMMAND_LINE, facts={"key": row.id, **facts}))


def _end(days: int | None) -> datetime | None:
    return datetime.now(UTC) + timedelta(days=days) if days else None
