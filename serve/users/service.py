"""Accounts of the caller's tenant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from serve.deps import Access
from serve.users.schemas import UserChange, UserForm, UserList, UserView
from vernacular.access import grants, passwords, users
from vernacular.access import groups as access_groups
from vernacular.access.principal import Role
from vernacular.db.models import UserRow
from vernacular.errors import Conflict, UnknownUser
from vernacular.tenancy import TenantScope


def list_page(access: Access, limit: int, offset: int, search: str) -> UserList:
    with access.read() as scope:
        rows = users.page(scope, limit=limit, offset=offset, search=search)
        return UserList(data=[view(access, scope, row) for row in rows], total=users.count(scope, search))


def show(access: Access, user: str) -> UserView:
    """
    Raises:
        UnknownUser: there is none.
    """
    with access.read() as scope:
        return view(access, scope, users.find(scope, user))


def create(access: Access, asked: UserForm, password_hash: str | None) -> UserView:
    """
    Raises:
        Conflict: the user name is taken.
        Forbidden: the role is not the caller's to give.
    """
    grants.check_role(access.principal, asked.role)
    with access.write() as scope:
        row = users.create(
            scope,
            username=asked.username,
            display_name=asked.display_name,
            email=asked.email,
            role=asked.role,
            groups=asked.groups,
            expires_at=asked.expires_at,
            password_hash=password_hash,
            must_change=password_hash is not None,
        )
        _record(access, scope, row, "user.created", role=row.role, local=asked.local)
        return view(access, scope, row)


def change(access: Access, user: str, asked: UserChange) -> UserView:
    """
    Raises:
        UnknownUser: there is none.
        Conflict: the user name is taken, or it is the caller's own account that would lose what it has.
        Forbidden: a role is not the caller's to give or to change.
    """
    given = asked.model_dump(exclude_unset=True)
    with access.write() as scope:
        row = _to_change(access, scope, user)
        demoted = asked.role is not None and Role.named(asked.role) < Role.named(row.role)
        expires = asked.expires_at is not None
        if (asked.suspended or demoted or expires) and row.id == access.principal.id:
            raise Conflict("This is your own account.", "Another administrator can suspend it or change its role.")
        _change(access, scope, row, given)
        changed = sorted(set(given) - {"suspended"})
        if changed:
            facts: dict[str, Any] = {"role": row.role} if "role" in given else {}
            _record(access, scope, row, "user.changed", fields=changed, **facts)
        if asked.suspended is not None:
            _record(access, scope, row, "user.suspended" if asked.suspended else "user.resumed")
        found = view(access, scope, row)
    access.services.keys.forget()
    return found


def reset_password(access: Access, user: str, password_hash: str) -> UserView:
    """Every sign-in of the account ends.

    Raises:
        UnknownUser: there is none.
        Forbidden: the account's role is above what the caller may give.
    """
    with access.write() as scope:
        row = _to_change(access, scope, user)
        users.set_password(scope, row, password_hash, must_change=True)
        access.services.sign_ins.lockout.forgive(scope.session, scope.tenant.slug, row.username)
        _record(access, scope, row, "password.reset")
        found = view(access, scope, row)
    access.services.keys.forget()
    return found


def delete(access: Access, user: str) -> str:
    """The id of the account that is gone.

    Raises:
        UnknownUser: there is none.
        Conflict: it is the caller's own.
    """
    with access.write() as scope:
        row = _to_change(access, scope, user)
        if row.id == access.principal.id:
            raise Conflict("This is your own account.", "Another administrator can delete it.")
        _record(access, scope, row, "user.deleted")
        users.delete(scope, row)
    access.services.keys.forget()
    return row.id


def view(access: Access, scope: TenantScope, row: UserRow) -> UserView:
    lockout = access.services.sign_ins.lockout
    return UserView(
        id=row.id,
        username=row.username,
        display_name=row.display_name,
        email=row.email,
        role=row.role,
        groups=list(access_groups.names_of(scope, row.id)),
        local=row.password_hash is not None,
        issuer=row.issuer,
        must_change=row.must_change,
        suspended=row.suspended_at is not None,
        locked_until=lockout.locked_until(scope.session, scope.tenant.slug, row.username),
        expires_at=row.expires_at,
        last_login_at=row.last_login_at,
        created_at=row.created_at,
    )


def _change(access: Access, scope: TenantScope, row: UserRow, given: dict[str, Any]) -> None:
    if given.get("username"):
        users.rename(scope, row, given["username"])
    users.describe(scope, row, display_name=given.get("display_name"), email=given.get("email"))
    if given.get("role"):
        grants.check_role(access.principal, given["role"])
        users.set_role(scope, row, given["role"])
    if "expires_at" in given:
        row.expires_at = given["expires_at"]
    if given.get("groups") is not None:
        access_groups.set_groups_of(scope, row.id, given["groups"])
    if given.get("locked") is False:
        access.services.sign_ins.lockout.forgive(scope.session, scope.tenant.slug, row.username)
    if given.get("suspended") is not None:
        (users.suspend if given["suspended"] else users.resume)(scope, row)
    users.touch(scope, row)


def _to_change(access: Access, scope: TenantScope, user: str) -> UserRow:
    row = scope.get(UserRow, users.find(scope, user).id, lock=True)
    if row is None:
        raise UnknownUser("There is no such account.")
    grants.check_role(access.principal, row.role)
    return row


def _record(access: Access, scope: TenantScope, row: UserRow, event: str, **facts: str | bool | Sequence[str]) -> None:
    subject = access.services.audit.subjects.account(scope.tenant, row.id)
    access.record(scope, event, subject=subject, facts=facts, content={"username": row.username})


def new_password(form: UserForm) -> str | None:
    """A random first password; None for an account that is to have none."""
    return passwords.random_password() if form.local else None
