from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from serve.search.schemas import SearchWish
from serve.validation import RequestModel

NAME_CHARS = 200


def _named(name: str) -> str:
    plain = " ".join(name.split())
    if not plain:
        raise ValueError("must not be empty")
    return plain


SearchName = Annotated[str, Field(max_length=NAME_CHARS), AfterValidator(_named)]


class SavedSearchForm(RequestModel):
    """`query`: what `/v1/search` takes, but for how much of it to show."""

    name: SearchName
    query: SearchWish


class SavedSearchChange(RequestModel):
    """What is given is changed. `seen`: you have looked at what it finds; what changes from now on is new."""

    name: SearchName | None = None
    query: SearchWish | None = None
    seen: bool = False


class SavedSearchView(BaseModel):
    """`new`: documents that it finds and that were taken in or changed, or came into force, since `seen_at`; null in a list: it is
    one of many with something new, and was looked at longer ago than those that were counted."""

    id: str
    name: str
    query: dict[str, Any]
    created_at: datetime
    seen_at: datetime
    new: int | None


class SavedSearchList(BaseModel):
    data: list[SavedSearchView]


class SavedSearchDeleted(BaseModel):
    id: str
    deleted: bool = True
