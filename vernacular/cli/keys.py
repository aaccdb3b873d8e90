"""`vernacular key …`"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from vernacular.access.keys import KeyRing
from vernacular.cli.context import find_tenant, opened_database
from vernacular.cli.output import Json, TenantName, print_json
from vernacular.settings import get_settings
from vernacular.tenancy import TenantScope

app = typer.Typer(help="Make and revoke API keys.", no_args_is_help=True)


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
    days: Annotated[
        int | None, typer.Option("--days", min=1, help="Days until it expires; never, if not given.")
    ] = None,
    json: Json = False,
) -> None:
    """Make an API key and print it; it is shown only this once."""
    settings = get_settings()
    expires = datetime.now(UTC) + timedelta(days=days) if days else None
    listed = tuple(group.strip() for group in groups.split(",") if group.strip())
    with opened_database(settings) as database:
        found = find_tenant(database, tenant)
        with database.write() as session:
            scope = TenantScope(session, found)
            key = KeyRing(settings.home).issue(scope, role=role.value, name=name, groups=listed, expires_at=expires)
    if json:
        print_json({"tenant": tenant, "role": role.value, "groups": listed, "key": key})
    else:
        typer.echo(f"The key, shown only now: {key}")


@app.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(help="The key's id, as `vernacular tenant show` prints it, or the key itself.")],
    tenant: TenantName,
    json: Json = False,
) -> None:
    """Revoke an API key: it stops working within 5 seconds."""
    settings = get_settings()
    with opened_database(settings) as database:
        found = find_tenant(database, tenant)
        with database.write() as session:
            revoked = KeyRing(settings.home).revoke(TenantScope(session, found), key)
    if json:
        print_json({"id": revoked, "revoked": True})
    else:
        typer.echo("The key is revoked.")
