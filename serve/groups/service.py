"""Groups of people of the caller's tenant: what documents name as those who may read them."""

from __future__ import annotations

from collections.abc import Iterable

from serve.deps import Access
from serve.groups.schemas import GroupChange, GroupDetails, GroupForm, GroupList, GroupView, Member
from vernacular.access import groups, users
from vernacular.db.models import GroupRow
from vernacular.tenancy import TenantScope


def show_all(access: Access) -> GroupList:
    with access.read() as scope:
        return GroupList(data=[_view(row, members) for row, members in groups.every(scope)])


def show(access: Access, group: str) -> GroupDetails:
    """
    Raises:
        UnknownGroup: there is none.
    """
    with access.read() as scope:
        return _details(scope, groups.find(scope, group))


def create(access: Access, asked: GroupForm) -> GroupDetails:
    """
    Raises:
        Conflict: there is one of that name.
        UnknownUser: a member has no account.
    """
    with access.write() as scope:
        row = groups.create(scope, asked.name)
        groups.set_members(scope, row, _ids(scope, asked.members))
        access.record(scope, "group.created", facts={"group": row.name, "members": len(asked.members)})
        found = _details(scope, row)
    access.services.keys.forget()
    return found


def change(access: Access, group: str, asked: GroupChange) -> GroupDetails:
    """
    Raises:
        UnknownGroup, UnknownUser: the group or a member is not there.
        Conflict: there is a group of that name.
    """
    with access.write() as scope:
        row = groups.find(scope, group)
        before = row.name
        if asked.name is not None:
            groups.rename(scope, row, asked.name)
        if asked.members is not None:
            groups.set_members(scope, row, _ids(scope, asked.members))
        found = _details(scope, row)
        access.record(scope, "group.changed", facts={"group": before, "name": row.name, "members": found.members})
    access.services.keys.forget()
    return found


def add_member(access: Access, group: str, user: str) -> GroupDetails:
    """
    Raises:
        UnknownGroup, UnknownUser: either is not there.
    """
    with access.write() as scope:
        row, account = groups.find(scope, group), users.find(scope, user)
        groups.add_member(scope, row, account.id)
        _record_member(access, scope, row, account.id, "group.joined")
        found = _details(scope, row)
    access.services.keys.forget()
    return found


def remove_member(access: Access, group: str, user: str) -> GroupDetails:
    """
    Raises:
        UnknownGroup, UnknownUser: either is not there.
    """
    with access.write() as scope:
        row, account = groups.find(scope, group), users.find(scope, user)
        groups.remove_member(scope, row, account.id)
        _record_member(access, scope, row, account.id, "group.left")
        found = _details(scope, row)
    access.services.keys.forget()
    return found


def delete(access: Access, group: str) -> str:
    """
    Raises:
        UnknownGroup: there is none.
    """
    with access.write() as scope:
        row = groups.find(scope, group)
        access.record(scope, "group.deleted", facts={"group": row.name})
        groups.delete(scope, row)
    access.services.keys.forget()
    return row.id


def _record_member(access: Access, scope: TenantScope, row: GroupRow, user_id: str, event: str) -> None:
    subject = access.services.audit.subjects.account(scope.tenant, user_id)
    access.record(scope, event, subject=subject, facts={"group": row.name})


def _ids(scope: TenantScope, members: Iterable[str]) -> list[str]:
    return [users.find(scope, member).id for member in members]


def _details(scope: TenantScope, row: GroupRow) -> GroupDetails:
    people = [Member(id=user.id, username=user.username) for user in groups.members(scope, row)]
    return GroupDetails(**_view(row, len(people)).model_dump(), people=people)


def _view(row: GroupRow, members: int) -> GroupView:
    return GroupView(id=row.id, name=row.name, members=members, created_at=row.created_at)
