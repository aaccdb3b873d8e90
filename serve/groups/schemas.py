from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from serve.validation import RequestModel


class GroupForm(RequestModel):
    """`members`: user names or ids."""

    name: str = Field(min_length=1, max_length=200)
    members: list[str] = Field(default_factory=list, max_length=10_000)


class GroupChange(RequestModel):
    """What is given is changed. Documents keep the group names that they were sent with."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    members: list[str] | None = Field(default=None, max_length=10_000)


class GroupView(BaseModel):
    id: str
    name: str
    members: int
    created_at: datetime


class Member(BaseModel):
    id: str
    username: str


class GroupDetails(GroupView):
    people: list[Member]


class GroupList(BaseModel):
    data: list[GroupView]


class GroupDeleted(BaseModel):
    id: str
    deleted: bool = True
