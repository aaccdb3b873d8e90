"""`vernacular operator …`"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from vernacular.access.keys import KeyRing
from vernacular.access.operators import OperatorKeys
from vernacular.audit.events import COMMAND_LINE, Event
from vernacular.cli.auditing import audit_log
from vernacular.cli.context import opened_database
from vernacular.cli.output import Json, print_json, print_table
from vernacular.db import access as statements
from vernacular.settings import get_settings

app = typer.Typer(help="Keys of the platform's operator, who manages tenants over HTTP.", no_args_is_help=True)


@app.command("create")
def create(
    name: Annotated[str, typer.Option("--name", help="Whose the key is.")] = "",
    days: Annotated[
        int | None, typer.Option("--days", min=1, help="Days until it expires; never, if not given.")
    ] = None,
    json: Json = False,
) -> None:
    """Make an operator's key and print it; it is shown only this once, and opens no tenant's data."""
    settings = get_settings()
    expires = datetime.now(UTC) + timedelta(days=days) if days else None
    with opened_database(settings) as database, audit_log(settings, database) as log:
        with database.write() as session:
            ring = OperatorKeys(KeyRing(settings.home))
            key = ring.issue(session, name, expires)
            row = ring.find(session, key)
        log.operator.record(Event("operator.created", COMMAND_LINE, facts={"key": row.id}))
    if json:
        print_json({"id": row.id, "name": name, "expires_at": expires, "key": key})
    else:
        typer.echo(f"The key, shown only now: {key}")


@app.command("list")
def list_keys(json: Json = False) -> None:
    """The operators' keys there are."""
    with opened_database(get_settings()) as database, database.read() as session:
        rows = [
            {
                "id": row.id,
                "name": row.name,
                "prefix": row.prefix,
                "created_at": row.created_at,
                "expires_at": row.expires_at,
                "revoked": row.revoked_at is not None,
            }
            for row in statements.operator_keys(session)
        ]
    if json:
        print_json(rows)
    else:
        columns = ("id", "name", "prefix", "expires_at", "revoked")
        print_table(rows, columns, "No key yet: make one with `vernacular operator create`.")


@app.command("revoke")
def revoke(
    key: Annotated[
        str, typer.Argument(help="The key's id, as `vernacular operator list` prints it, or the key itself.")
    ],
    json: Json = False,
) -> None:
    """Revoke an operator's key: it stops working within seconds."""
    settings = get_settings()
    with opened_database(settings) as database, audit_log(settings, database) as log:
        with database.write() as session:
            row = OperatorKeys(KeyRing(settings.home)).revoke(session, key)
        log.operator.record(Event("operator.revoked", COMMAND_LINE, facts={"key": row.id}))
    if json:
        print_json({"id": row.id, "revoked": True})
    else:
        typer.echo("The key is revoked.")
