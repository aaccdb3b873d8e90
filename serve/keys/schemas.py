from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from serve.users.schemas import RoleName
from serve.validation import RequestModel


class KeyForm(RequestModel):
    """`scopes`: the parts of the API that it may call; none: all that its role may."""

    name: str = Field(default="", max_length=200)
    role: RoleName = "member"
    groups: list[str] = Field(default_factory=list, max_length=1000)
    scopes: list[str] = Field(default_factory=list, max_length=50)
    expires_at: AwareDatetime | None = None


class Rotation(RequestModel):
    overlap_hours: float = Field(
        default=24.0, ge=0, le=24 * 90, description="How long the old key holds beside the new one."
    )


class CredentialView(BaseModel):
    """`prefix`: how it begins; `replaces`: what it was made in the place of; `last_used_at` is told within minutes."""

    id: str
    name: str
    prefix: str
    state: Literal["active", "expired", "revoked"]
    replaces: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class KeyView(CredentialView):
    role: str
    groups: list[str]
    scopes: list[str]


class KeyList(BaseModel):
    data: list[KeyView]


class NewKey(BaseModel):
    """`key` is told this once only."""

    key: str
    about: KeyView


class WidgetForm(RequestModel):
    """`origins`: the pages that it stands on, e.g. `https://www.example.org`; `assistant`: the one that it speaks with, null:
    any."""

    name: str = Field(default="", max_length=200)
    origins: list[str] = Field(min_length=1, max_length=50)
    assistant: str | None = Field(default=None, max_length=100)
    expires_at: AwareDatetime | None = None


class WidgetChange(RequestModel):
    """What is given is changed."""

    name: str | None = Field(default=None, max_length=200)
    origins: list[str] | None = Field(default=None, min_length=1, max_length=50)
    assistant: str | None = Field(default=None, max_length=100)


class WidgetView(CredentialView):
    """`tag`: what is pasted into the pages."""

    origins: list[str]
    assistant: str | None
    tag: str


class WidgetList(BaseModel):
    data: list[WidgetView]


class NewWidget(BaseModel):
    """`tag` goes into the pages, as it is. `token`, told this once only, is for a chat of your own making in its place: whoever opens
    the page can read it, so it opens no more than such a page needs."""

    tag: str
    token: str
    about: WidgetView

    @classmethod
    def of(cls, token: str, about: WidgetView) -> NewWidget:
        return cls(tag=about.tag, token=token, about=about)


class Revoked(BaseModel):
    id: str
    revoked: bool = True
