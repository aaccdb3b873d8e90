"""Groups, as an identity provider keeps them by SCIM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from serve.deps import Access
from serve.scim import values
from serve.scim.errors import InvalidValue, Mutability, PreconditionFailed
from serve.scim.filters import Comparison, Filter, Path
from serve.scim.patch import READ_ONLY, Operation
from serve.scim.resources import Member, Resource, group_resource, version_of
from serve.scim.where import group_condition
from vernacular.access import groups
from vernacular.db.base import now
from vernacular.db.models import GroupMemberRow, GroupRow, UserRow
from vernacular.errors import UnknownGroup
from vernacular.tenancy import TenantScope

AT_ONCE: Final = 500
"""Ids that one statement asks for."""


@dataclass(slots=True)
class GroupDraft:
    """`members` are ids, in order."""

    name: str = ""
    external_id: str = ""
    members: dict[str, None] = field(default_factory=dict)

    def apply(self, operations: Iterable[Operation]) -> None:
        """
        Raises:
            InvalidValue: a value is not what it must be.
            Mutability: an attribute is the server's own.
        """
        for operation in operations:
            path, value = operation.path, None if operation.kind == "remove" else operation.value
            match path.attribute:
                case "displayname":
                    self.name = values.text_of(value, "displayName")
                case "externalid":
                    self.external_id = values.text_of(value, "externalId")
                case "members":
                    self._apply_members(operation.kind, path, operation.value)
                case attribute if attribute in READ_ONLY:
                    raise Mutability(f"The attribute {attribute} is not to be changed.")
                case _:
                    pass
        if not self.name:
            raise InvalidValue("A group needs a displayName.")

    def _apply_members(self, kind: str, path: Path, value: Any) -> None:
        named = values.ids_of(value, "members")
        if kind == "remove":
            picked = [_picked(path.within)] if path.within else named or list(self.members)
            for user_id in picked:
                self.members.pop(user_id, None)
        else:
            kept = self.members if kind == "add" else {}
            self.members = {**kept, **dict.fromkeys(named)}


def page(
    access: Access, wanted: Filter | None, start: int, count: int, base: str, *, with_members: bool
) -> tuple[list[Resource], int]:
    """The groups from the `start`th on, counted from 1, in the order in which they were made; and how many there are."""
    with access.read() as scope:
        conditions = [group_condition(scope, wanted)] if wanted else []
        total = scope.count(GroupRow, *conditions)
        found = scope.select(GroupRow).where(*conditions).order_by(GroupRow.created_at, GroupRow.id)
        rows = list(scope.execute(found.offset(start - 1).limit(count)).scalars()) if count else []
        return _resources(scope, rows, base, with_members=with_members), total


def show(access: Access, group_id: str, base: str, *, with_members: bool) -> Resource:
    """
    Raises:
        UnknownGroup: there is none.
    """
    with access.read() as scope:
        return _resources(scope, [_find(scope, group_id)], base, with_members=with_members)[0]


def create(access: Access, operations: Sequence[Operation], base: str) -> Resource:
    """
    Raises:
        InvalidValue: it has no name, or a member has no account.
        Conflict: there is a group of that name.
    """
    draft = GroupDraft()
    draft.apply(operations)
    with access.write() as scope:
        _check_members(scope, draft.members)
        row = groups.create(scope, draft.name, draft.external_id or None)
        groups.set_members(scope, row, draft.members)
        _record(access, scope, "group.created", row, members=len(draft.members))
        found = _resources(scope, [row], base)[0]
    access.services.keys.forget()
    return found


def replace(access: Access, group_id: str, operations: Sequence[Operation], expected: str, base: str) -> Resource:
    """Give a group what is sent and nothing else; see `change`."""
    with access.write() as scope:
        row = _to_change(scope, group_id, expected, base)
        draft = GroupDraft()
        draft.apply(operations)
        _save(access, scope, row, draft)
        return _resources(scope, [row], base)[0]


def change(access: Access, group_id: str, operations: Sequence[Operation], expected: str, base: str) -> None:
    """
    Raises:
        UnknownGroup: there is none.
        PreconditionFailed: it is not the version `expected` ("": any).
        InvalidValue, Mutability: a value is not what it must be, or is not to be changed.
        Conflict: there is a group of that name.
    """
    with access.write() as scope:
        row = _to_change(scope, group_id, expected, base)
        members = dict.fromkeys(user_id for user_id, _ in _members(scope, [row.id]).get(row.id, ()))
        draft = GroupDraft(row.name, row.external_id or "", members)
        draft.apply(operations)
        _save(access, scope, row, draft)


def delete(access: Access, group_id: str, expected: str, base: str) -> None:
    """
    Raises:
        UnknownGroup: there is none.
        PreconditionFailed: it is not the version `expected` ("": any).
    """
    with access.write() as scope:
        row = _to_change(scope, group_id, expected, base)
        _record(access, scope, "group.deleted", row)
        groups.delete(scope, row)
    access.services.keys.forget()


def _save(access: Access, scope: TenantScope, row: GroupRow, draft: GroupDraft) -> None:
    before = {user_id for user_id, _ in _members(scope, [row.id]).get(row.id, ())}
    joined, left = [user for user in draft.members if user not in before], before - draft.members.keys()
    _check_members(scope, joined)
    groups.rename(scope, row, draft.name)
    row.external_id = draft.external_id or None
    if left:
        leaving = scope.delete(GroupMemberRow).where(GroupMemberRow.group_id == row.id)
        for some in _in_parts(sorted(left)):
            scope.execute(leaving.where(GroupMemberRow.user_id.in_(some)))
    scope.insert(GroupMemberRow, [{"group_id": row.id, "user_id": user} for user in joined])
    row.updated_at = now()
    scope.session.flush()
    for event, people in (("group.joined", joined), ("group.left", sorted(left))):
        for user_id in people:
            _record(access, scope, event, row, subject=access.services.audit.subjects.account(scope.tenant, user_id))
    _record(access, scope, "group.changed", row, joined=len(joined), left=len(left))
    access.services.keys.forget()


def _picked(within: Filter) -> str:
    """Whom `members[value eq "…"]` is about.

    Raises:
        InvalidValue: members are picked in another way.
    """
    if not isinstance(within, Comparison) or (within.attribute, within.operator) != ("members.value", "eq"):
        raise InvalidValue('Members are picked by `members[value eq "ID"]`.')
    return str(within.value)


def _find(scope: TenantScope, group_id: str, *, lock: bool = False) -> GroupRow:
    row = scope.get(GroupRow, group_id, lock=lock)
    if row is None:
        raise UnknownGroup("There is no such group.", "It may have been deleted.")
    return row


def _to_change(scope: TenantScope, group_id: str, expected: str, base: str) -> GroupRow:
    row = _find(scope, group_id, lock=True)
    if expected and expected != version_of(group_resource(row, None, base)):
        raise PreconditionFailed("The group was changed meanwhile.", "Read it again.")
    return row


def _check_members(scope: TenantScope, user_ids: Iterable[str]) -> None:
    for some in _in_parts(list(user_ids)):
        wanted = scope.select(UserRow.id).where(UserRow.id.in_(some), UserRow.username != UserRow.id)
        known = set(scope.execute(wanted).scalars())
        if missing := [user_id for user_id in some if user_id not in known]:
            raise InvalidValue(f"There is no account {missing[0][:60]!r} to be a member.", "Send the account first.")


def _resources(scope: TenantScope, rows: Sequence[GroupRow], base: str, *, with_members: bool = True) -> list[Resource]:
    members = _members(scope, [row.id for row in rows]) if with_members else None
    return [group_resource(row, None if members is None else members.get(row.id, ()), base) for row in rows]


def _members(scope: TenantScope, group_ids: Sequence[str]) -> Mapping[str, list[Member]]:
    found: dict[str, list[Member]] = {}
    members = scope.select(GroupMemberRow.group_id, UserRow.id, UserRow.username).where(
        UserRow.id == GroupMemberRow.user_id, GroupMemberRow.group_id.in_(group_ids)
    )
    for row in scope.execute(members.order_by(UserRow.username)):
        found.setdefault(row.group_id, []).append((row.id, row.username))
    return found


def _in_parts(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE))


def _record(
    access: Access, scope: TenantScope, event: str, row: GroupRow, *, subject: str = "", **facts: str | int
) -> None:
    access.record(scope, event, subject=subject, facts={"by": "scim", "group": row.name, **facts})
