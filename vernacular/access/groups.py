"""Groups of people. Documents name the groups that may read them; these are the same names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from sqlalchemy import func

from vernacular.access.names import one_line
from vernacular.db.base import now
from vernacular.db.models import GroupMemberRow, GroupRow, UserRow
from vernacular.errors import Conflict, UnknownGroup
from vernacular.tenancy import TenantScope

NAME_CHARS = 200


def create(scope: TenantScope, name: str, external_id: str | None = None) -> GroupRow:
    """
    Raises:
        BadRequest: the name is empty or too long.
        Conflict: there is one of that name.
    """
    row = GroupRow(name=_free(scope, name), external_id=external_id)
    scope.add(row)
    scope.session.flush()
    return row


def find(scope: TenantScope, group: str) -> GroupRow:
    """By id or name.

    Raises:
        UnknownGroup: there is none.
    """
    row = scope.get(GroupRow, group) or by_name(scope, group)
    if row is None:
        raise UnknownGroup("There is no such group.")
    return row


def by_name(scope: TenantScope, name: str) -> GroupRow | None:
    found = scope.execute(scope.select(GroupRow).where(GroupRow.name == unicodedata.normalize("NFC", name.strip())))
    row: GroupRow | None = found.scalar_one_or_none()
    return row


def every(scope: TenantScope) -> list[tuple[GroupRow, int]]:
    """The groups by name, each with the number of its members."""
    counted = (
        scope.select(GroupMemberRow.group_id)
        .add_columns(func.count().label("members"))
        .group_by(GroupMemberRow.group_id)
    )
    members = {str(row.group_id): int(row.members) for row in scope.execute(counted)}
    rows = scope.execute(scope.select(GroupRow).order_by(GroupRow.name)).scalars()
    return [(row, members.get(row.id, 0)) for row in rows]


def rename(scope: TenantScope, row: GroupRow, name: str) -> None:
    """The documents keep the names that they were sent with.

    Raises:
        BadRequest: the name is empty or too long.
        Conflict: there is one of that name.
    """
    if unicodedata.normalize("NFC", name.strip()) != row.name:
        row.name = _free(scope, name)
    row.updated_at = now()
    scope.session.flush()


def delete(scope: TenantScope, row: GroupRow) -> None:
    """Its members lose what it let them read; documents that name it stay for those of a new group of that name."""
    scope.execute(scope.delete(GroupMemberRow).where(GroupMemberRow.group_id == row.id))
    scope.execute(scope.delete(GroupRow).where(GroupRow.id == row.id))


def members(scope: TenantScope, row: GroupRow) -> list[UserRow]:
    """By name."""
    within = scope.select(GroupMemberRow.user_id).where(GroupMemberRow.group_id == row.id)
    found = scope.execute(scope.select(UserRow).where(UserRow.id.in_(within)).order_by(UserRow.username))
    return list(found.scalars())


def add_member(scope: TenantScope, row: GroupRow, user_id: str) -> None:
    """Nothing happens to who is a member already; `user_id` must be an account of this tenant."""
    one = (GroupMemberRow.group_id == row.id, GroupMemberRow.user_id == user_id)
    if not scope.count(GroupMemberRow, *one):
        scope.add(GroupMemberRow(group_id=row.id, user_id=user_id))
    row.updated_at = now()
    scope.session.flush()


def remove_member(scope: TenantScope, row: GroupRow, user_id: str) -> None:
    one = (GroupMemberRow.group_id == row.id, GroupMemberRow.user_id == user_id)
    scope.execute(scope.delete(GroupMemberRow).where(*one))
    row.updated_at = now()
    scope.session.flush()


def set_members(scope: TenantScope, row: GroupRow, user_ids: Iterable[str]) -> None:
    """`user_ids` must be accounts of this tenant."""
    scope.execute(scope.delete(GroupMemberRow).where(GroupMemberRow.group_id == row.id))
    scope.insert(GroupMemberRow, [{"group_id": row.id, "user_id": user} for user in dict.fromkeys(user_ids)])
    row.updated_at = now()
    scope.session.flush()


def names_of(scope: TenantScope, user_id: str) -> tuple[str, ...]:
    """The groups that an account is in."""
    within = scope.select(GroupMemberRow.group_id).where(GroupMemberRow.user_id == user_id)
    found = scope.execute(scope.select(GroupRow.name).where(GroupRow.id.in_(within)).order_by(GroupRow.name))
    return tuple(str(name) for name in found.scalars())


def set_groups_of(scope: TenantScope, user_id: str, names: Iterable[str]) -> None:
    """Put the account into the groups of those names alone; groups that are not there yet are made.

    Raises:
        BadRequest: a name is empty or too long.
    """
    rows = [by_name(scope, name) or create(scope, name) for name in dict.fromkeys(names)]
    scope.execute(scope.delete(GroupMemberRow).where(GroupMemberRow.user_id == user_id))
    scope.insert(GroupMemberRow, [{"group_id": row.id, "user_id": user_id} for row in {r.id: r for r in rows}.values()])
    scope.session.flush()


def _free(scope: TenantScope, name: str) -> str:
    wanted = one_line(name, NAME_CHARS, "A group's name")
    if by_name(scope, wanted) is not None:
        raise Conflict(f"There is a group {wanted!r} already.", "Choose another name, or use the one that is there.")
    return wanted
