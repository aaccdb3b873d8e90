from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from serve.validation import RequestModel

RoleName = Literal["admin", "editor", "member", "public"]
Groups = list[str]


class UserForm(RequestModel):
    """`local`: a random first password is made; without it the person signs in through an identity provider."""

    username: str = Field(min_length=1, max_length=200)
    display_name: str = Field(default="", max_length=200)
    email: str = Field(default="", max_length=320)
    role: RoleName = "member"
    groups: Groups = Field(default_factory=list, max_length=1000, description="Names; those not there yet are made.")
    expires_at: AwareDatetime | None = None
    local: bool = True


class UserChange(RequestModel):
    """What is given is changed. `expires_at: null` lets it hold for ever; `locked: false` forgives wrong passwords."""

    username: str | None = Field(default=None, min_length=1, max_length=200)
    display_name: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=320)
    role: RoleName | None = None
    groups: Groups | None = Field(default=None, max_length=1000)
    expires_at: AwareDatetime | None = None
    suspended: bool | None = None
    locked: Literal[False] | None = None


class UserView(BaseModel):
    """`local`: signs in with a password; `issuer`: the identity provider that the account is of. `must_change`: has not chosen
    a password of its own yet."""

    id: str
    username: str
    display_name: str
    email: str
    role: str
    groups: list[str]
    local: bool
    issuer: str | None
    must_change: bool
    suspended: bool
    locked_until: datetime | None
    expires_at: datetime | None
    last_login_at: datetime | None
    created_at: datetime


class UserList(BaseModel):
    """`total`: accounts that match, of which `data` are those from `offset` on."""

    data: list[UserView]
    total: int


class NewPassword(BaseModel):
    """A random password, told this once only, which the person has to replace at the first sign-in; null: the account has
    none."""

    user: UserView
    password: str | None


class UserDeleted(BaseModel):
    id: str
    deleted: bool = True
