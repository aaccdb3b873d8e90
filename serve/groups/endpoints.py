from __future__ import annotations

from fastapi import APIRouter

from serve.deps import PeopleAccess
from serve.groups import service
from serve.groups.schemas import GroupChange, GroupDeleted, GroupDetails, GroupForm, GroupList

router = APIRouter(tags=["people"], prefix="/v1/admin/groups")


@router.get("")
def list_groups(access: PeopleAccess) -> GroupList:
    """The groups of your tenant's people. Documents name the groups that may read them."""
    return service.show_all(access)


@router.post("", status_code=201)
def create_group(access: PeopleAccess, asked: GroupForm) -> GroupDetails:
    return service.create(access, asked)


@router.get("/{group}")
def show_group(access: PeopleAccess, group: str) -> GroupDetails:
    """One group with its members, by its id or name."""
    return service.show(access, group)


@router.patch("/{group}")
def change_group(access: PeopleAccess, group: str, asked: GroupChange) -> GroupDetails:
    """Rename a group, or say who is in it; in effect within seconds."""
    return service.change(access, group, asked)


@router.put("/{group}/members/{user}")
def add_member(access: PeopleAccess, group: str, user: str) -> GroupDetails:
    return service.add_member(access, group, user)


@router.delete("/{group}/members/{user}")
def remove_member(access: PeopleAccess, group: str, user: str) -> GroupDetails:
    return service.remove_member(access, group, user)


@router.delete("/{group}")
def delete_group(access: PeopleAccess, group: str) -> GroupDeleted:
    """Remove a group; documents that name it stay, for keys and tokens with that name, and for a new group of it."""
    return GroupDeleted(id=service.delete(access, group))
