"""What a well-formed request to each route is, and who may make it: a row for each. A route without one fails the build.

Every request names things of the tenant `harbour`, whoever sends it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.isolation.principals import Caller
from tests.isolation.world import World
from vernacular.access.principal import Role
from vernacular.access.scopes import Scope

ANYONE, OPERATOR = "anyone", "operator"
PUBLIC, MEMBER, EDITOR, ADMIN = Role.public, Role.member, Role.editor, Role.admin
Request = dict[str, Any]
"""What httpx's `request` takes, besides method and address; `path` fills the route's template."""
Names = Literal["", "tenant", "group", "owner"]


@dataclass(frozen=True, slots=True)
class Row:
    """A request. `who`: ANYONE, OPERATOR, or the least role. `scope`: the part of the API that it belongs to; None: it is for
    credentials that are not limited.

    `names`: whose thing the request names, so that others are told that it is not there (404): the tenant's, one that only
    its group may read, or the one conversation of its owner. "": none, and everyone gets an answer of their own.
    `ok`: the answer to those who may. `variant`: tells several requests to one route apart. `other`: statuses of single
    callers that do not follow from the rest, each of which `why` explains. `records`: tables of the tenant that the request
    names in which it may be noted, whoever sends it.
    """

    method: str
    path: str
    who: Role | str
    scope: Scope | None
    ask: Callable[[World], Request]
    names: Names = ""
    ok: int = 200
    variant: str = ""
    other: Mapping[str, int] = field(default_factory=dict)
    why: str = ""
    records: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        return f"{self.method} {self.path}" + (f" ({self.variant})" if self.variant else "")

    def expected(self, caller: Caller) -> int:
        """The status that the caller must get."""
        if caller.name in self.other:
            return self.other[caller.name]
        if self.who == ANYONE:
            return self.ok
        if caller.refused:
            return caller.refused
        if self.who == OPERATOR:
            return self.ok if caller.operator else 403
        if caller.operator:
            return 403
        assert isinstance(self.who, Role)
        limited = caller.scopes is not None and (self.scope is None or self.scope not in caller.scopes)
        if limited or caller.role < self.who:
            return 403
        return self.ok if self._has(caller) else 404

    def may_change(self, _caller: Caller, what: str) -> bool:
        return what in self.records

    def _has(self, caller: Caller) -> bool:
        if self.names and caller.tenant != "harbour":
            return False
        if self.names == "group":
            return caller.in_group or caller.role >= Role.editor
        if self.names == "owner":
            return caller.name == "member" or caller.role >= Role.admin
        return True


def nothing(_world: World) -> Request:
    return {}


def of(name: str, **request: Any) -> Callable[[World], Request]:
    """A request whose one path parameter is the thing of that name."""

    def ask(world: World) -> Request:
        here = world.here
        return {"path": getattr(here, name, None) or here.more[name], **request}

    return ask
