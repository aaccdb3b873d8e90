"""Accounts, as an identity provider keeps them by SCIM.

A person whom her provider deleted must not be let in by a token that still holds. So her account stays for a week, suspended
and with nothing in it but the provider's id of her; its user name is its own id, by which it is told and hidden here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from serve.deps import Access
from serve.scim.draft import UserDraft
from serve.scim.errors import PreconditionFailed, Uniqueness
from serve.scim.filters import Filter
from serve.scim.patch import Operation
from serve.scim.resources import Member, Resource, user_resource, version_of
from serve.scim.where import Condition, user_condition
from vernacular.access import grants, users
from vernacular.access.issuers import OidcIssuer
from vernacular.access.provider_accounts import provider_of
from vernacular.db.base import now
from vernacular.db.models import GroupMemberRow, GroupRow, UserRow
from vernacular.errors import UnknownUser
from vernacular.saved_searches import forget_searches
from vernacular.tenancy import TenantScope

REMEMBERED: Final = timedelta(days=7)
"""How long those whom a provider deleted are refused: longer than its tokens hold."""


def page(access: Access, wanted: Filter | None, start: int, count: int, base: str) -> tuple[list[Resource], int]:
    """The accounts from the `start`th on, counted from 1, in the order in which they were made; and how many there are."""
    with access.read() as scope:
        conditions = [_is_shown(), *([user_condition(scope, wanted)] if wanted else [])]
        total = scope.count(UserRow, *conditions)
        found = scope.select(UserRow).where(*conditions).order_by(UserRow.created_at, UserRow.id)
        rows = list(scope.execute(found.offset(start - 1).limit(count)).scalars()) if count else []
        return _resources(scope, rows, base), total


def show(access: Access, user_id: str, base: str) -> Resource:
    """
    Raises:
        UnknownUser: there is none.
    """
    with access.read() as scope:
        return _resource(scope, _find(scope, user_id), base)


def create(access: Access, operations: Sequence[Operation], base: str) -> Resource:
    """
    Raises:
        InvalidValue: it has no user name, or a value is not what it must be.
        Uniqueness, Conflict: there is one of that user name or external id.
        Forbidden: the role is not the caller's to give.
    """
    provider = _provider(access)
    draft = UserDraft(role=provider.default_role if provider else "member")
    draft.apply(operations, provider)
    grants.check_role(access.principal, draft.role)
    with access.write() as scope:
        _forget_deleted(scope, draft.external_id)
        _refuse_known(scope, draft.external_id)
        row = users.create(
            scope,
            username=draft.checked_name(),
            display_name=draft.display_name,
            email=draft.email,
            role=draft.role,
            issuer=provider.issuer if provider else None,
            external_id=draft.external_id or None,
        )
        _record(access, scope, row, "user.created", role=row.role)
        if not draft.active:
            users.suspend(scope, row)
            _record(access, scope, row, "user.suspended")
        return _resource(scope, row, base)


def replace(access: Access, user_id: str, operations: Sequence[Operation], expected: str, base: str) -> Resource:
    """Give an account what is sent and nothing else; its role stays unless one is sent. See `change`."""
    with access.write() as scope:
        row = _to_change(scope, user_id, expected, base)
        draft = UserDraft(role=row.role)
        draft.apply(operations, _provider(access))
        return _save(access, scope, row, draft, base)


def change(access: Access, user_id: str, operations: Sequence[Operation], expected: str, base: str) -> Resource:
    """
    Raises:
        UnknownUser: there is none.
        PreconditionFailed: it is not the version `expected` ("": any).
        InvalidValue, Mutability: a value is not what it must be, or is not to be changed.
        Uniqueness, Conflict: the user name or external id is another account's.
        Forbidden: the account, or the new role, is above what the caller may give. Suspending it is never refused.
    """
    with access.write() as scope:
        row = _to_change(scope, user_id, expected, base)
        draft = UserDraft.of(row)
        draft.apply(operations, _provider(access))
        return _save(access, scope, row, draft, base)


def delete(access: Access, user_id: str, expected: str, base: str) -> None:
    """
    Raises:
        UnknownUser: there is none.
        PreconditionFailed: it is not the version `expected` ("": any).
    """
    with access.write() as scope:
        row = _to_change(scope, user_id, expected, base)
        _record(access, scope, row, "user.deleted")
        _forget_deleted(scope)
        if row.issuer is None or row.external_id is None:
            users.delete(scope, row)
        else:
            forget_searches(scope, [row.id])
            scope.execute(scope.delete(GroupMemberRow).where(GroupMemberRow.user_id == row.id))
            row.username, row.display_name, row.email, row.password_hash, row.role = row.id, "", "", None, "public"
            users.suspend(scope, row)
    access.services.keys.forget()


def _save(access: Access, scope: TenantScope, row: UserRow, draft: UserDraft, base: str) -> Resource:
    changed = draft.differs_from(row)
    if changed - {"active"} or ("active" in changed and draft.active):
        grants.check_role(access.principal, row.role)
    if "userName" in changed:
        users.rename(scope, row, draft.checked_name())
    if "externalId" in changed:
        _refuse_known(scope, draft.external_id)
        provider = _provider(access)
        row.issuer = row.issuer or (provider.issuer if provider else None)
        row.external_id = draft.external_id or None
    if changed & {"displayName", "emails"}:
        users.describe(scope, row, display_name=draft.display_name, email=draft.email)
    if "roles" in changed:
        grants.check_role(access.principal, draft.role)
        users.set_role(scope, row, draft.role)
    if changed - {"active"}:
        users.touch(scope, row)
        _record(access, scope, row, "user.changed", fields=sorted(changed - {"active"}), role=row.role)
    if "active" in changed:
        (users.resume if draft.active else users.suspend)(scope, row)
        _record(access, scope, row, "user.resumed" if draft.active else "user.suspended")
    access.services.keys.forget()
    return _resource(scope, row, base)


def _is_shown() -> Condition:
    return UserRow.username != UserRow.id


def _find(scope: TenantScope, user_id: str, *, lock: bool = False) -> UserRow:
    row = scope.get(UserRow, user_id, lock=lock)
    if row is None or row.username == row.id:
        raise UnknownUser("There is no such account.", "It may have been deleted.")
    return row


def _to_change(scope: TenantScope, user_id: str, expected: str, base: str) -> UserRow:
    row = _find(scope, user_id, lock=True)
    if expected and expected != version_of(_resource(scope, row, base)):
        raise PreconditionFailed("The account was changed meanwhile.", "Read it again.")
    return row


def _refuse_known(scope: TenantScope, external_id: str) -> None:
    if external_id and scope.count(UserRow, UserRow.external_id == external_id):
        raise Uniqueness("There is an account with this externalId already.")


def _forget_deleted(scope: TenantScope, external_id: str = "") -> None:
    """What is left of those deleted long ago, and of the person who is made anew."""
    old = scope.delete(UserRow).where(UserRow.username == UserRow.id)
    scope.execute(old.where(UserRow.updated_at < now() - REMEMBERED))
    if external_id:
        scope.execute(old.where(UserRow.external_id == external_id))


def _resource(scope: TenantScope, row: UserRow, base: str) -> Resource:
    return _resources(scope, [row], base)[0]


def _resources(scope: TenantScope, rows: Iterable[UserRow], base: str) -> list[Resource]:
    listed = list(rows)
    groups: dict[str, list[Member]] = {row.id: [] for row in listed}
    memberships = scope.select(GroupMemberRow.user_id, GroupRow.id, GroupRow.name).where(
        GroupRow.id == GroupMemberRow.group_id, GroupMemberRow.user_id.in_(groups)
    )
    for found in scope.execute(memberships.order_by(GroupRow.name)):
        groups[found.user_id].append((found.id, found.name))
    return [user_resource(row, groups[row.id], base) for row in listed]


def _provider(access: Access) -> OidcIssuer | None:
    return provider_of(access.services.settings.access.oidc, access.principal.tenant.slug)


def _record(access: Access, scope: TenantScope, row: UserRow, event: str, **facts: Any) -> None:
    subject = access.services.audit.subjects.account(scope.tenant, row.id)
    told: Mapping[str, Any] = {"by": "scim", **facts}
    access.record(scope, event, subject=subject, facts=told, content={"username": row.username})
