"""Rows of the routes for sign-ins, accounts, groups, keys and widgets, and of SCIM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.isolation.people import CLERK, PASSWORD
from tests.isolation.rows.row import ADMIN, ANYONE, PUBLIC, Request, Row, nothing, of
from tests.isolation.world import HOME_TENANT, RECORDS, World
from vernacular.access.scopes import Scope

_SIGNED: Final = frozenset({*RECORDS, "sessions", "login_failures"})
_USER, _GROUP = "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group"
_PATCH: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ACCESS, SCIM = Scope.access, Scope.scim


def _login(password: str) -> Callable[[World], Request]:
    return lambda _: {"json": {"tenant": HOME_TENANT, "username": CLERK, "password": password}}


def _member(world: World) -> Request:
    return {"path": (world.here.more["group"], world.here.more["user"])}


def _patch(name: str, path: str, value: str) -> Callable[[World], Request]:
    operation = {"op": "replace", "path": path, "value": value}
    return of(name, json={"schemas": [_PATCH], "Operations": [operation]})


def _json(**body: Any) -> Callable[[World], Request]:
    return lambda _: {"json": body}


SIGN_INS: Final[tuple[Row, ...]] = (
    Row("GET", "/v1/sign-in", ANYONE, None, nothing),
    Row("POST", "/v1/login", ANYONE, None, _login(PASSWORD), records=_SIGNED),
    Row(
        "POST", "/v1/login", ANYONE, None, _login("not the password"), ok=401, variant="wrong password", records=_SIGNED
    ),
    Row("GET", "/v1/me", PUBLIC, Scope.account, nothing),
    Row(
        "POST",
        "/v1/logout",
        PUBLIC,
        Scope.account,
        nothing,
        ok=400,
        other={"signed in": 200, "other session": 200},
        why="Only a sign-in with a password can end: others are told so (400).",
    ),
    Row(
        "POST",
        "/v1/password",
        PUBLIC,
        Scope.account,
        _json(current="not the password", new="another lamp beside rivers"),
        ok=400,
        why="None of these callers has a password: they are told so (400).",
    ),
)

PEOPLE: Final[tuple[Row, ...]] = (
    *SIGN_INS,
    Row("GET", "/v1/admin/users", ADMIN, ACCESS, nothing),
    Row("POST", "/v1/admin/users", ADMIN, ACCESS, _json(username="fresh"), ok=201),
    Row("GET", "/v1/admin/users/{user}", ADMIN, ACCESS, of("user"), names="tenant"),
    Row("PATCH", "/v1/admin/users/{user}", ADMIN, ACCESS, of("user", json={"suspended": True}), names="tenant"),
    Row("POST", "/v1/admin/users/{user}/password", ADMIN, ACCESS, of("user"), names="tenant"),
    Row("DELETE", "/v1/admin/users/{user}", ADMIN, ACCESS, of("user"), names="tenant"),
    Row("GET", "/v1/admin/groups", ADMIN, ACCESS, nothing),
    Row("POST", "/v1/admin/groups", ADMIN, ACCESS, _json(name="fresh"), ok=201),
    Row("GET", "/v1/admin/groups/{group}", ADMIN, ACCESS, of("group"), names="tenant"),
    Row("PATCH", "/v1/admin/groups/{group}", ADMIN, ACCESS, of("group", json={"name": "other"}), names="tenant"),
    Row("DELETE", "/v1/admin/groups/{group}", ADMIN, ACCESS, of("group"), names="tenant"),
    Row("PUT", "/v1/admin/groups/{group}/members/{user}", ADMIN, ACCESS, _member, names="tenant"),
    Row("DELETE", "/v1/admin/groups/{group}/members/{user}", ADMIN, ACCESS, _member, names="tenant"),
    Row("GET", "/v1/admin/keys", ADMIN, ACCESS, nothing),
    Row("POST", "/v1/admin/keys", ADMIN, ACCESS, _json(name="fresh"), ok=201),
    Row("POST", "/v1/admin/keys/{key_id}/rotate", ADMIN, ACCESS, of("key"), names="tenant", ok=201),
    Row("DELETE", "/v1/admin/keys/{key_id}", ADMIN, ACCESS, of("key"), names="tenant"),
    Row("GET", "/v1/admin/widgets", ADMIN, ACCESS, nothing),
    Row("POST", "/v1/admin/widgets", ADMIN, ACCESS, _json(origins=["https://fresh.example"]), ok=201),
    Row("PATCH", "/v1/admin/widgets/{widget_id}", ADMIN, ACCESS, of("widget", json={"name": "other"}), names="tenant"),
    Row("POST", "/v1/admin/widgets/{widget_id}/rotate", ADMIN, ACCESS, of("widget"), names="tenant", ok=201),
    Row("DELETE", "/v1/admin/widgets/{widget_id}", ADMIN, ACCESS, of("widget"), names="tenant"),
    Row("GET", "/scim/v2/ServiceProviderConfig", ADMIN, SCIM, nothing),
    Row("GET", "/scim/v2/ResourceTypes", ADMIN, SCIM, nothing),
    Row("GET", "/scim/v2/ResourceTypes/{name}", ADMIN, SCIM, lambda _: {"path": "User"}),
    Row("GET", "/scim/v2/Schemas", ADMIN, SCIM, nothing),
    Row("GET", "/scim/v2/Schemas/{name}", ADMIN, SCIM, lambda _: {"path": _USER}),
    Row("GET", "/scim/v2/Users", ADMIN, SCIM, nothing),
    Row(
        "GET",
        "/scim/v2/Users",
        ADMIN,
        SCIM,
        lambda world: {"params": {"filter": f'id eq "{world.here.more["user"]}"'}},
        variant="filtered",
    ),
    Row("POST", "/scim/v2/Users", ADMIN, SCIM, _json(schemas=[_USER], userName="fresh"), ok=201),
    Row("GET", "/scim/v2/Users/{user_id}", ADMIN, SCIM, of("user"), names="tenant"),
    Row(
        "PUT",
        "/scim/v2/Users/{user_id}",
        ADMIN,
        SCIM,
        of("user", json={"schemas": [_USER], "userName": "other"}),
        names="tenant",
    ),
    Row("PATCH", "/scim/v2/Users/{user_id}", ADMIN, SCIM, _patch("user", "displayName", "Other"), names="tenant"),
    Row("DELETE", "/scim/v2/Users/{user_id}", ADMIN, SCIM, of("user"), names="tenant", ok=204),
    Row("GET", "/scim/v2/Groups", ADMIN, SCIM, nothing),
    Row("POST", "/scim/v2/Groups", ADMIN, SCIM, _json(schemas=[_GROUP], displayName="fresh"), ok=201),
    Row(
        "POST",
        "/scim/v2/Groups",
        ADMIN,
        SCIM,
        lambda world: {
            "json": {"schemas": [_GROUP], "displayName": "fresh", "members": [{"value": world.here.more["user"]}]}
        },
        names="tenant",
        ok=201,
        variant="with a member",
        other={"other admin": 400, "other session": 400},
        why="A member whom the tenant does not have makes a malformed group (400), as SCIM has it.",
    ),
    Row("GET", "/scim/v2/Groups/{group_id}", ADMIN, SCIM, of("group"), names="tenant"),
    Row(
        "PUT",
        "/scim/v2/Groups/{group_id}",
        ADMIN,
        SCIM,
        of("group", json={"schemas": [_GROUP], "displayName": "other"}),
        names="tenant",
    ),
    Row(
        "PATCH",
        "/scim/v2/Groups/{group_id}",
        ADMIN,
        SCIM,
        _patch("group", "displayName", "other"),
        names="tenant",
        ok=204,
    ),
    Row("DELETE", "/scim/v2/Groups/{group_id}", ADMIN, SCIM, of("group"), names="tenant", ok=204),
)
