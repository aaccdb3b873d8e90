from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from serve.validation import RequestModel

Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length=35)]


class TenantForm(RequestModel):
    """`admin`: the user name of the first administrator, who gets a random first password; without it an admin key is made."""

    name: str = Field(min_length=1, max_length=63, description="Small letters, digits and hyphens.")
    display_name: str = Field(default="", max_length=200)
    languages: list[Language] = Field(default_factory=list, max_length=100, description="BCP 47 tags.")
    admin: str | None = Field(default=None, min_length=1, max_length=200)


class TenantChange(RequestModel):
    """What is given is changed. A suspended tenant keeps all it has, and nobody gets in."""

    display_name: str | None = Field(default=None, max_length=200)
    suspended: bool | None = None


class TenantSummary(BaseModel):
    name: str
    display_name: str
    languages: list[str]
    suspended_at: datetime | None
    created_at: datetime


class TenantSummaries(BaseModel):
    data: list[TenantSummary]


class FirstAdmin(BaseModel):
    """`password` has to be replaced at the first sign-in."""

    username: str
    password: str


class NewTenant(BaseModel):
    """What opens it is told this once only: `admin` if the request named one, else `admin_key`."""

    tenant: TenantSummary
    admin: FirstAdmin | None
    admin_key: str | None


class TenantDeleted(BaseModel):
    name: str
    deleted: bool = True
