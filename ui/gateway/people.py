"""Accounts and groups of a tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ui.api import Api
from ui.gateway.values import moment, path_to

_USERS, _GROUPS = "/v1/admin/users", "/v1/admin/groups"


@dataclass(frozen=True, slots=True)
class User:
    """`local`: signs in with a password; `must_change`: has not chosen her own yet; `issuer`: the identity provider that the account is of."""

    id: str
    username: str
    display_name: str
    email: str
    role: str
    groups: tuple[str, ...]
    local: bool
    issuer: str
    must_change: bool
    suspended: bool
    locked_until: datetime | None
    expires_at: datetime | None
    last_login_at: datetime | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Users:
    """`total` that match, of which `page` is a part."""

    page: tuple[User, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    name: str
    members: int


@dataclass(frozen=True, slots=True)
class Member:
    id: str
    username: str


def users(api: Api, search: str, limit: int, offset: int) -> Users:
    body = api.get(_USERS, limit=limit, offset=offset, search=search or None)
    return Users(tuple(_user(each) for each in body["data"]), int(body["total"]))


def find_user(api: Api, reference: str) -> User:
    """By id or user name."""
    return _user(api.get(path_to(_USERS, reference)))


def create_user(api: Api, **form: Any) -> tuple[User, str]:
    """With the first password; "": the account has none."""
    body = api.post(_USERS, form)
    return _user(body["user"]), str(body.get("password") or "")


def change_user(api: Api, user_id: str, **change: Any) -> User:
    return _user(api.patch(path_to(_USERS, user_id), change))


def reset_password(api: Api, user_id: str) -> str:
    return str(api.post(f"{path_to(_USERS, user_id)}/password")["password"])


def delete_user(api: Api, user_id: str) -> None:
    api.delete(path_to(_USERS, user_id))


def groups(api: Api) -> tuple[Group, ...]:
    found = api.get(_GROUPS)["data"]
    return tuple(Group(str(each["id"]), str(each["name"]), int(each["members"])) for each in found)


def members(api: Api, group_id: str) -> tuple[Member, ...]:
    people = api.get(path_to(_GROUPS, group_id))["people"]
    return tuple(Member(str(each["id"]), str(each["username"])) for each in people)


def create_group(api: Api, name: str) -> None:
    api.post(_GROUPS, {"name": name})


def delete_group(api: Api, group_id: str) -> None:
    api.delete(path_to(_GROUPS, group_id))


def add_member(api: Api, group_id: str, user: str) -> None:
    """`user`: an id or a user name."""
    api.put(path_to(f"{path_to(_GROUPS, group_id)}/members", user))


def remove_member(api: Api, group_id: str, user_id: str) -> None:
    api.delete(path_to(f"{path_to(_GROUPS, group_id)}/members", user_id))


def _user(told: Mapping[str, Any]) -> User:
    return User(
        id=str(told["id"]),
        username=str(told["username"]),
        display_name=str(told.get("display_name") or ""),
        email=str(told.get("email") or ""),
        role=str(told["role"]),
        groups=tuple(str(each) for each in told.get("groups") or ()),
        local=bool(told.get("local")),
        issuer=str(told.get("issuer") or ""),
        must_change=bool(told.get("must_change")),
        suspended=bool(told.get("suspended")),
        locked_until=moment(told.get("locked_until")),
        expires_at=moment(told.get("expires_at")),
        last_login_at=moment(told.get("last_login_at")),
        created_at=moment(told.get("created_at")),
    )
