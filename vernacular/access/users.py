"""People's accounts in a tenant. Whatever makes or changes them goes through here: administrators, the command line, SCIM,
and identity providers at a person's first sign-in.

Gateways follow a change within `access.recheck_s`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, or_

from vernacular.access import groups as access_groups
from vernacular.access.names import one_line, username_of
from vernacular.access.principal import Principal, Role
from vernacular.db.base import now
from vernacular.db.models import GroupMemberRow, SessionRow, UserRow
from vernacular.errors import BadRequest, Conflict, Unauthorized, UnknownUser
from vernacular.saved_searches import forget_searches
from vernacular.tenancy import TenantScope

DISPLAY_CHARS, EMAIL_CHARS = 200, 320


def create(
    scope: TenantScope,
    *,
    username: str,
    role: str = "member",
    display_name: str = "",
    email: str = "",
    password_hash: str | None = None,
    must_change: bool = False,
    issuer: str | None = None,
    external_id: str | None = None,
    groups: Iterable[str] = (),
    expires_at: datetime | None = None,
) -> UserRow:
    """`groups` are names; those that are not there yet are made. `password_hash`: see `vernacular.access.passwords`.

    Raises:
        BadRequest: a name is empty or too long, or there is no such role.
        Conflict: the user name, or the identity provider's person, has an account already.
    """
    row = UserRow(
        username=_free_name(scope, username),
        role=Role.named(role).name,
        display_name=_text(display_name, DISPLAY_CHARS, "A display name"),
        email=_text(email, EMAIL_CHARS, "An email address"),
        password_hash=password_hash,
        must_change=must_change,
        issuer=issuer,
        external_id=external_id,
        expires_at=expires_at,
    )
    if issuer is not None and external_id is not None and find_external(scope, issuer, external_id) is not None:
        raise Conflict("This person of the identity provider has an account already.")
    scope.add(row)
    scope.session.flush()
    access_groups.set_groups_of(scope, row.id, groups)
    return row


def find(scope: TenantScope, user: str) -> UserRow:
    """By id or user name.

    Raises:
        UnknownUser: the tenant has no such account.
    """
    row = scope.get(UserRow, user) or by_name(scope, user)
    if row is None:
        raise UnknownUser("There is no such account.")
    return row


def by_name(scope: TenantScope, username: str) -> UserRow | None:
    try:
        wanted = username_of(username)
    except BadRequest:
        return None
    row: UserRow | None = scope.execute(scope.select(UserRow).where(UserRow.username == wanted)).scalar_one_or_none()
    return row


def find_external(scope: TenantScope, issuer: str, external_id: str) -> UserRow | None:
    """The account of that person of an identity provider."""
    wanted = scope.select(UserRow).where(UserRow.issuer == issuer, UserRow.external_id == external_id)
    row: UserRow | None = scope.execute(wanted).scalar_one_or_none()
    return row


def page(scope: TenantScope, *, limit: int, offset: int = 0, search: str = "") -> list[UserRow]:
    """By user name; `search`: those whose user name, display name or address holds it."""
    wanted = scope.select(UserRow).where(*_matching(search)).order_by(UserRow.username)
    return list(scope.execute(wanted.limit(limit).offset(offset)).scalars())


def count(scope: TenantScope, search: str = "") -> int:
    return scope.count(UserRow, *_matching(search))


def rename(scope: TenantScope, row: UserRow, username: str) -> None:
    """
    Raises:
        BadRequest: the name is empty or too long.
        Conflict: it is taken.
    """
    if username_of(username) != row.username:
        row.username = _free_name(scope, username)
    touch(scope, row)


def describe(scope: TenantScope, row: UserRow, *, display_name: str | None = None, email: str | None = None) -> None:
    """What is given is changed; an empty text takes it away.

    Raises:
        BadRequest: it is too long, or holds characters that are not seen.
    """
    if display_name is not None:
        row.display_name = _text(display_name, DISPLAY_CHARS, "A display name")
    if email is not None:
        row.email = _text(email, EMAIL_CHARS, "An email address")
    touch(scope, row)


def set_role(scope: TenantScope, row: UserRow, role: str) -> None:
    """
    Raises:
        BadRequest: there is no such role.
    """
    row.role = Role.named(role).name
    touch(scope, row)


def set_password(scope: TenantScope, row: UserRow, password_hash: str, *, must_change: bool) -> None:
    """Every sign-in of the account ends. `must_change`: someone else knows the password."""
    row.password_hash, row.must_change = password_hash, must_change
    end_sessions(scope, row.id)
    touch(scope, row)


def suspend(scope: TenantScope, row: UserRow) -> None:
    """Refuse the account from now on; its sign-ins end for good."""
    row.suspended_at = row.suspended_at or now()
    end_sessions(scope, row.id)
    touch(scope, row)


def resume(scope: TenantScope, row: UserRow) -> None:
    row.suspended_at = None
    touch(scope, row)


def delete(scope: TenantScope, row: UserRow) -> None:
    """Remove the account, its sign-ins, memberships and saved searches; what its owner wrote is erased by `vernacular.erasure`."""
    forget_searches(scope, [row.id])
    scope.execute(scope.delete(SessionRow).where(SessionRow.user_id == row.id))
    scope.execute(scope.delete(GroupMemberRow).where(GroupMemberRow.user_id == row.id))
    scope.execute(scope.delete(UserRow).where(UserRow.id == row.id))


def end_sessions(scope: TenantScope, user_id: str) -> int:
    """End every sign-in with a password; how many there were."""
    live = scope.update(SessionRow).where(SessionRow.user_id == user_id, SessionRow.revoked_at.is_(None))
    ended = scope.count(SessionRow, SessionRow.user_id == user_id, SessionRow.revoked_at.is_(None))
    scope.execute(live.values(revoked_at=now()))
    return ended


def touch(scope: TenantScope, row: UserRow) -> None:
    """Write a changed row, and that it was changed now."""
    row.updated_at = now()
    scope.session.flush()


def is_live(row: UserRow) -> bool:
    """Whether the account is neither suspended nor expired."""
    return row.suspended_at is None and (row.expires_at is None or row.expires_at > datetime.now(UTC))


def principal_of(
    scope: TenantScope, row: UserRow, more_groups: Iterable[str] = (), role: str | None = None
) -> Principal:
    """The account as a caller. `more_groups`, `role`: what an identity provider's token says, for as long as it holds.

    Raises:
        Unauthorized: the account is suspended or expired.
    """
    if not is_live(row):
        raise Unauthorized("This account is suspended or expired.", "Ask your administrator.")
    names = dict.fromkeys((*access_groups.names_of(scope, row.id), *more_groups))
    return Principal(
        scope.tenant,
        Role.named(role or row.role),
        tuple(names),
        row.id,
        kind="user",
        name=row.username,
        must_change=row.must_change,
    )


def _matching(search: str) -> list[ColumnElement[bool]]:
    if not search.strip():
        return []
    wanted = search.strip().casefold()
    fields = (UserRow.username, func.lower(UserRow.display_name), func.lower(UserRow.email))
    return [or_(*(field.contains(wanted, autoescape=True) for field in fields))]


def _text(text: str, longest: int, what: str) -> str:
    return one_line(text, longest, what) if text.strip() else ""


def _free_name(scope: TenantScope, username: str) -> str:
    wanted = username_of(username)
    if by_name(scope, wanted) is not None:
        raise Conflict(f"There is an account {wanted!r} already.", "Choose another name, or use the one that is there.")
    return wanted
