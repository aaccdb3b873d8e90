from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from serve.validation import RequestModel
from vernacular.access.principal import Kind, Principal


class Login(RequestModel):
    tenant: str = Field(min_length=1, max_length=63)
    username: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=1000)


class Logout(RequestModel):
    everywhere: bool = Field(default=False, description="End every sign-in of this account, not this one alone.")


class PasswordChange(RequestModel):
    current: str = Field(min_length=1, max_length=1000)
    new: str = Field(min_length=1, max_length=1000)


class Me(BaseModel):
    """Who is calling. `id` is that of the account or key; `scopes`: what the credential is limited to, null: nothing.
    `must_change`: before anything else the account needs a password of its own."""

    id: str
    kind: Kind
    name: str
    tenant: str
    role: str
    groups: list[str]
    scopes: list[str] | None
    must_change: bool

    @classmethod
    def of(cls, principal: Principal) -> Me:
        return cls(
            id=principal.id,
            kind=principal.kind,
            name=principal.name,
            tenant=principal.tenant.slug,
            role=principal.role.name,
            groups=list(principal.groups),
            scopes=None if principal.scopes is None else sorted(principal.scopes),
            must_change=principal.must_change,
        )


class Session(BaseModel):
    """`token` goes into `Authorization: Bearer …`, and is told this once only."""

    token: str
    expires_at: datetime
    me: Me


class LoggedOut(BaseModel):
    """`sessions`: how many ended."""

    sessions: int
