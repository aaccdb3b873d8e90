"""`vernacular user …`"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from vernacular.access import groups as access_groups
from vernacular.access import passwords, users
from vernacular.access.keys import KeyRing
from vernacular.access.lockout import Lockout
from vernacular.audit.events import COMMAND_LINE, Event
from vernacular.audit.log import AuditLog
from vernacular.cli.auditing import audit_log
from vernacular.cli.context import opened_database
from vernacular.cli.keys import Role, listed
from vernacular.cli.output import Json, TenantName, print_json, print_table
from vernacular.db.models import UserRow
from vernacular.errors import BadRequest
from vernacular.settings import get_settings
from vernacular.tenancy import Platform, TenantScope

app = typer.Typer(help="Make, list, change and delete people's accounts.", no_args_is_help=True)

User = Annotated[str, typer.Argument(help="The account's user name or id.")]
Groups = Annotated[str | None, typer.Option("--groups", help="Groups it is in, separated by commas.")]
Days = Annotated[int | None, typer.Option("--days", min=0, help="Days until it expires; 0: never.")]


@app.command("create")
def create(
    username: Annotated[str, typer.Argument(help="The name that the person signs in with.")],
    tenant: TenantName,
    role: Annotated[Role, typer.Option("--role", help="What the person may do.")] = Role.MEMBER,
    groups: Groups = None,
    display_name: Annotated[str, typer.Option("--display-name", help="The person's name.")] = "",
    email: Annotated[str, typer.Option("--email", help="The person's address.")] = "",
    days: Days = None,
    local: Annotated[
        bool, typer.Option("--local/--no-local", help="With a password, or signed in by an identity provider alone.")
    ] = True,
    json: Json = False,
) -> None:
    """Make an account and print its random first password; it is shown only this once, and must be replaced."""
    password = passwords.random_password() if local else None
    with _scope(tenant) as (scope, log):
        row = users.create(
            scope,
            username=username,
            role=role.value,
            display_name=display_name,
            email=email,
            groups=listed(groups or ""),
            password_hash=None if password is None else passwords.hash_password(password),
            must_change=local,
            expires_at=_end(days),
        )
        _record(log, scope, row, "user.created", role=row.role, local=local)
        found = _described(scope, row)
    _tell_password(found, password, f"Account {row.username} is made.", json)


@app.command("list")
def list_users(
    tenant: TenantName,
    search: Annotated[str, typer.Option("--search", help="In user names, display names and addresses.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many are shown.")] = 100,
    json: Json = False,
) -> None:
    """The tenant's accounts."""
    with _looked_at(tenant) as scope:
        rows = [_described(scope, row) for row in users.page(scope, limit=limit, search=search)]
    if json:
        print_json(rows)
    else:
        columns = ("id", "username", "display_name", "role", "groups", "state", "signs_in_by")
        print_table(rows, columns, "No account yet: make one with `vernacular user create NAME --tenant TENANT`.")


@app.command("show")
def show(user: User, tenant: TenantName, json: Json = False) -> None:
    """One account."""
    with _looked_at(tenant) as scope:
        found = _described(scope, users.find(scope, user))
    if json:
        print_json(found)
        return
    for field, value in found.items():
        typer.echo(f"{field.replace('_', ' '):14} {', '.join(value) if isinstance(value, list) else value}")


@app.command("set")
def set_fields(
    user: User,
    tenant: TenantName,
    role: Annotated[Role | None, typer.Option("--role", help="What the person may do.")] = None,
    groups: Groups = None,
    display_name: Annotated[str | None, typer.Option("--display-name", help="The person's name.")] = None,
    email: Annotated[str | None, typer.Option("--email", help="The person's address.")] = None,
    days: Days = None,
    json: Json = False,
) -> None:
    """Change an account; gateways follow within seconds."""
    given = {"role": role, "groups": groups, "display_name": display_name, "email": email, "expires_at": days}
    fields = sorted(name for name, value in given.items() if value is not None)
    if not fields:
        raise BadRequest("There is nothing to change.", "Give one of --role, --groups, --days and so on.")
    with _scope(tenant) as (scope, log):
        row = users.find(scope, user)
        users.describe(scope, row, display_name=display_name, email=email)
        if role is not None:
            users.set_role(scope, row, role.value)
        if groups is not None:
            access_groups.set_groups_of(scope, row.id, listed(groups))
        if days is not None:
            row.expires_at = _end(days)
            users.touch(scope, row)
        _record(log, scope, row, "user.changed", fields=fields)
        found = _described(scope, row)
    _tell(found, f"Account {row.username} is changed.", json)


@app.command("password")
def password(user: User, tenant: TenantName, json: Json = False) -> None:
    """Give an account a new random password, which must be replaced; its sign-ins end, and it is unlocked."""
    fresh = passwords.random_password()
    with _scope(tenant) as (scope, log):
        row = users.find(scope, user)
        users.set_password(scope, row, passwords.hash_password(fresh), must_change=True)
        settings = get_settings()
        Lockout(KeyRing(settings.home), settings.access).forgive(scope.session, tenant, row.username)
        _record(log, scope, row, "password.reset")
        found = _described(scope, row)
    _tell_password(found, fresh, f"Account {row.username} has a new password.", json)


@app.command("suspend")
def suspend(user: User, tenant: TenantName, json: Json = False) -> None:
    """Refuse an account: within seconds nothing of it gets in, and its sign-ins end for good."""
    with _scope(tenant) as (scope, log):
        row = users.find(scope, user)
        users.suspend(scope, row)
        _record(log, scope, row, "user.suspended")
        found = _described(scope, row)
    _tell(found, f"Account {row.username} is suspended.", json)


@app.command("resume")
def resume(user: User, tenant: TenantName, json: Json = False) -> None:
    """Let a suspended account in again."""
    with _scope(tenant) as (scope, log):
        row = users.find(scope, user)
        users.resume(scope, row)
        _record(log, scope, row, "user.resumed")
        found = _described(scope, row)
    _tell(found, f"Account {row.username} is resumed.", json)


@app.command("delete")
def delete(
    user: User,
    tenant: TenantName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Delete an account. What the person wrote is erased with `vernacular erase person`."""
    if not yes:
        typer.confirm(f"Delete the account {user} of {tenant}?", abort=True, err=True)
    with _scope(tenant) as (scope, log):
        row = users.find(scope, user)
        _record(log, scope, row, "user.deleted")
        users.delete(scope, row)
    _tell({"id": row.id, "deleted": True}, f"Account {row.username} is deleted.", json)


@contextmanager
def _scope(tenant: str) -> Iterator[tuple[TenantScope, AuditLog]]:
    """A tenant's write transaction, and the log that tells what is done in it."""
    settings = get_settings()
    with opened_database(settings) as database, audit_log(settings, database) as log, database.write() as session:
        yield TenantScope(session, Platform(session).tenant(tenant)), log


@contextmanager
def _looked_at(tenant: str) -> Iterator[TenantScope]:
    with opened_database(get_settings()) as database, database.read() as session:
        yield TenantScope(session, Platform(session).tenant(tenant))


def _described(scope: TenantScope, row: UserRow) -> dict[str, Any]:
    settings = get_settings()
    lockout = Lockout(KeyRing(settings.home), settings.access)
    locked_until = lockout.locked_until(scope.session, scope.tenant.slug, row.username)
    live = "locked" if locked_until else "active"
    state = "suspended" if row.suspended_at else live if users.is_live(row) else "expired"
    return {
        "id": row.id,
        "username": row.username,
        "display_name": row.display_name,
        "email": row.email,
        "role": row.role,
        "groups": list(access_groups.names_of(scope, row.id)),
        "state": state,
        "signs_in_by": "password" if row.password_hash else row.issuer or "identity provider",
        "must_change": row.must_change,
        "locked_until": locked_until,
        "expires_at": row.expires_at,
        "last_login_at": row.last_login_at,
    }


def _record(log: AuditLog, scope: TenantScope, row: UserRow, event: str, **facts: Any) -> None:
    subject = log.subjects.account(scope.tenant, row.id)
    log.record(scope, Event(event, COMMAND_LINE, subject=subject, facts=facts, content={"username": row.username}))


def _end(days: int | None) -> datetime | None:
    return datetime.now(UTC) + timedelta(days=days) if days else None


def _tell_password(found: dict[str, Any], password: str | None, sentence: str, json: bool) -> None:
    if json:
        print_json({**found, "password": password})
    else:
        typer.echo(sentence)
        if password is not None:
            typer.echo(f"Its password, shown only now, and to be replaced at the first sign-in: {password}")


def _tell(found: dict[str, Any], sentence: str, json: bool) -> None:
    if json:
        print_json(found)
    else:
        typer.echo(sentence)
