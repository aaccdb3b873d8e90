"""Who is calling, and what they may do. What a tenant's principals are allowed follows from their role alone, what they may
read from their groups, and what they may call from their scopes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from vernacular.access.scopes import Scope
from vernacular.errors import BadRequest
from vernacular.tenancy import Tenant

Kind = Literal["key", "user", "widget"]


class Role(IntEnum):
    """What a principal may do in its tenant; each role may do all that the ones below it may.

    The operator of the platform stands above tenants and in none of them: see `vernacular.access.operators`.
    """

    public = 0
    member = 1
    editor = 2
    admin = 3

    @classmethod
    def named(cls, name: str) -> Role:
        """
        Raises:
            BadRequest: no role has that name.
        """
        try:
            return cls[name]
        except KeyError:
            raise BadRequest(f"There is no role {name!r}.", "Roles are admin, editor, member and public.") from None


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling: one tenant, one role, and the groups whose documents they may read.

    `id` is that of the API key, the account or the widget. `scopes`: the parts of the API that it may call, see
    `vernacular.access.scopes`; None: all that the role may. `name`: for people and logs. `must_change`: an account that may
    do nothing before it has a password of its own.

    A widget holds on pages of `origins` alone, and speaks with `assistant` (None: with any). `frame`: the one frame that its
    session holds in, see `vernacular.access.widget_sessions`; "": it is no session, but the widget's own token.
    """

    tenant: Tenant
    role: Role
    groups: tuple[str, ...]
    id: str
    kind: Kind = "key"
    name: str = ""
    scopes: frozenset[str] | None = None
    must_change: bool = False
    origins: tuple[str, ...] = ()
    assistant: str | None = None
    frame: str = ""

    @property
    def sees_groups(self) -> tuple[str, ...] | None:
        """The groups for a TenantScope; None, for editors and admins: those of everyone."""
        return None if self.role >= Role.editor else self.groups

    def may(self, scope: Scope) -> bool:
        """Whether it may call that part of the API, as far as its role allows."""
        return self.scopes is None or scope in self.scopes

    def sees_less_than(self, other: Principal) -> bool:
        """Whether something that `other` may read or do is not for this one: rights were taken from it."""
        if self.role < other.role or self.must_change or not set(other.origins) <= set(self.origins):
            return True
        return self.sees_groups is not None and not set(other.groups) <= set(self.groups)
