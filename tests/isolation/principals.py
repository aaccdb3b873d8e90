"""Whoever may call: every kind of credential that there is, good and bad."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.isolation.world import (
    ADMIN,
    EDITOR,
    GROUP,
    HOME_TENANT,
    IN_GROUP,
    NOBODY,
    OTHER_TENANT,
    OWNER,
    TENANT,
    Mark,
    World,
)
from tests.oidc_provider import OidcProvider
from vernacular.access import users
from vernacular.access.keys import WIDGET_KIND
from vernacular.access.operators import OperatorKeys
from vernacular.access.principal import Role
from vernacular.access.scopes import IMPLIED, WIDGET, Scope
from vernacular.db.base import now
from vernacular.db.models import ApiKeyRow
from vernacular.tenancy import Platform, TenantScope

PAGE: Final = "https://www.harbour.example"
"""Where the widget stands."""
GATEWAY: Final = "http://testserver"
"""The gateway's own origin, as its test client calls it."""
FRAME: Final = "the secret of the widget's frame"
SUSPENDED_TENANT: Final = "closed"
OWNERS: Final = {HOME_TENANT: "member", OTHER_TENANT: "neighbour"}
"""Who led the planted conversation of each tenant."""
LIMITED_TO: Final = Scope.usage

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Caller:
    """One column of the matrix. `refused`: the status that every route for someone answers it with; 0: it is let in."""

    name: str
    told: str
    make: Callable[[World], str] = lambda _: ""
    refused: int = 0
    tenant: str = HOME_TENANT
    role: Role = Role.public
    in_group: bool = False
    operator: bool = False
    scopes: frozenset[str] | None = None
    headers: Headers = field(default_factory=dict)
    token: Mapping[str, Any] | None = None
    """Changes to an identity provider's token that is its credential."""

    def may_see(self, mark: Mark) -> bool:
        """Whether the mark may ever be shown to it."""
        if self.refused or self.operator or mark.tenant != self.tenant:
            return False
        return {
            TENANT: True,
            IN_GROUP: self.in_group or self.role >= Role.editor,
            EDITOR: self.role >= Role.editor,
            ADMIN: self.role >= Role.admin,
            OWNER: self.name == OWNERS.get(self.tenant) or self.role >= Role.admin,
            NOBODY: False,
        }[mark.level]


def plant_callers(world: World, provider: OidcProvider) -> dict[str, Headers]:
    """The request headers of each caller. `provider`: who signs tokens for the tenant `harbour`."""
    _plant_suspended_tenant(world)
    found: dict[str, Headers] = {}
    for caller in CALLERS:
        credential = provider.access_token("ana", **caller.token) if caller.token is not None else caller.make(world)
        if credential:
            world.known(caller.tenant, f"credential of {caller.name}", NOBODY, credential)
        found[caller.name] = {**caller.headers, **({"Authorization": f"Bearer {credential}"} if credential else {})}
    return found


def _key(
    role: str,
    slug: str = HOME_TENANT,
    *,
    groups: Sequence[str] = (),
    scopes: Sequence[str] = (),
    ends: timedelta | None = None,
    revoked: bool = False,
    name: str = "",
) -> Callable[[World], str]:
    def make(world: World) -> str:
        gateway = world.gateway
        with gateway.services.database.write() as session:
            scope = TenantScope(session, gateway.tenants[slug])
            key = gateway.ring.issue(
                scope, role=role, groups=groups, scopes=scopes, expires_at=None if ends is None else now() + ends
            )
            row = gateway.ring.find(scope, key)
            world.known(slug, f"digest of a key of {slug}", NOBODY, row.digest)
            world.keys[name or f"{slug} {role}"] = row.id
            if revoked:
                gateway.ring.revoke(scope, key)
        return key

    return make


def _widget(slug: str = HOME_TENANT) -> Callable[[World], str]:
    return lambda world: _widget_row(world, slug)[1]


def _widget_row(world: World, slug: str) -> tuple[str, str]:
    """Its id and its token."""
    gateway = world.gateway
    with gateway.services.database.write() as session:
        row = ApiKeyRow(name="", role="public", kind=WIDGET_KIND, origins=[PAGE])
        token = gateway.ring.add(TenantScope(session, gateway.tenants[slug]), row)
        return row.id, token


def _widget_session(world: World) -> str:
    """For the frame whose secret is FRAME."""
    identifier = _widget_row(world, HOME_TENANT)[0]
    keys = world.gateway.services.keys
    widget, sessions = keys.widget(identifier), keys.widget_sessions
    return sessions.begin(widget, PAGE, sessions.frame_key(identifier, PAGE, FRAME).name)


def _session(
    username: str, role: str, slug: str = HOME_TENANT, *, groups: Sequence[str] = (), suspended: bool = False
) -> Callable[[World], str]:
    """A sign-in of an account made for it."""

    def make(world: World) -> str:
        gateway = world.gateway
        with gateway.services.database.write() as session:
            scope = TenantScope(session, gateway.tenants[slug])
            row = users.create(scope, username=username, role=role, groups=groups)
            token, _ends = gateway.services.keys.sessions.begin(scope, row)
            if suspended:
                row.suspended_at = now()
        return token

    return make


def _operator(world: World) -> str:
    with world.gateway.services.database.write() as session:
        return OperatorKeys(world.gateway.ring).issue(session, "operator")


def _plant_suspended_tenant(world: World) -> None:
    world.gateway.tenant(SUSPENDED_TENANT)


def _of_suspended_tenant(world: World) -> str:
    key = _key("admin", SUSPENDED_TENANT)(world)
    with world.gateway.services.database.write() as session:
        Platform(session).tenant_row(SUSPENDED_TENANT).suspended_at = datetime.now(UTC)
    return key


CALLERS: Final = (
    Caller("anonymous", "no credential", refused=401),
    Caller("made up", "a key that was never made", lambda _: f"vk_{HOME_TENANT}_{'x' * 43}", refused=401),
    Caller(
        "expired", "an administrator's key that has expired", _key("admin", ends=-timedelta(seconds=1)), refused=401
    ),
    Caller("revoked", "an administrator's key that was revoked", _key("admin", revoked=True), refused=401),
    Caller("suspended", "the sign-in of a suspended account", _session("sus", "admin", suspended=True), refused=401),
    Caller(
        "closed",
        "an administrator's key of a suspended tenant",
        _of_suspended_tenant,
        refused=401,
        tenant=SUSPENDED_TENANT,
    ),
    Caller("audience", "an identity provider's token for another audience", refused=401, token={"aud": "another"}),
    Caller(
        "elsewhere",
        "the widget's token on another page",
        _widget(),
        refused=403,
        headers={"Origin": "https://evil.example"},
    ),
    Caller("widget", "the widget's token on its page", _widget(), scopes=WIDGET, headers={"Origin": PAGE}),
    Caller(
        "session elsewhere",
        "a session of the widget's in another frame",
        _widget_session,
        refused=403,
        headers={"Origin": GATEWAY, "X-Vernacular-Frame": "another secret"},
    ),
    Caller(
        "session",
        "a session of the widget's in its frame",
        _widget_session,
        scopes=WIDGET,
        headers={"Origin": GATEWAY, "X-Vernacular-Frame": FRAME},
    ),
    Caller("public", "a key with the role public", _key("public")),
    Caller(
        "outsider", "a member's key, outside the document's group", _key("member", groups=["kitchen"]), role=Role.member
    ),
    Caller(
        "member",
        "a member's key, in the group; led the conversation",
        _key("member", groups=[GROUP], name="member"),
        role=Role.member,
        in_group=True,
    ),
    Caller(
        "signed in",
        "a member's sign-in with a password, in the group",
        _session("mem", "member", groups=[GROUP]),
        role=Role.member,
        in_group=True,
    ),
    Caller(
        "token",
        "an identity provider's token of a member, in the group",
        role=Role.member,
        in_group=True,
        token={},
    ),
    Caller(
        "limited",
        f"an administrator's key with the scope `{LIMITED_TO}` alone",
        _key("admin", scopes=[LIMITED_TO]),
        role=Role.admin,
        scopes=IMPLIED | {LIMITED_TO},
    ),
    Caller("editor", "an editor's key", _key("editor"), role=Role.editor),
    Caller("admin", "an administrator's key", _key("admin"), role=Role.admin),
    Caller("operator", "an operator's key", _operator, operator=True),
    Caller(
        "neighbour",
        "another tenant's member, of a group of the same name",
        _key("member", OTHER_TENANT, groups=[GROUP], name="neighbour"),
        tenant=OTHER_TENANT,
        role=Role.member,
        in_group=True,
    ),
    Caller(
        "other session",
        "another tenant's administrator, signed in with a password",
        _session("adm", "admin", OTHER_TENANT),
        tenant=OTHER_TENANT,
        role=Role.admin,
    ),
    Caller(
        "other admin",
        "another tenant's administrator",
        _key("admin", OTHER_TENANT),
        tenant=OTHER_TENANT,
        role=Role.admin,
    ),
)
