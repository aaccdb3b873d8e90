from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from serve.validation import RequestModel

NOTE_CHARS = 400


class PromptLine(BaseModel):
    """`active`: the version in force; null: none, and `text` is empty. `versions`: how many there are."""

    name: str
    active: int | None
    text: str
    versions: int
    max_chars: int


class PromptList(BaseModel):
    data: list[PromptLine]


class VersionView(BaseModel):
    """`author`: the name of the account or key that wrote it; empty: it is not known, or gone."""

    version: int
    text: str
    note: str
    active: bool
    author: str
    created_at: datetime


class PromptView(BaseModel):
    """`versions`: the newest first. `older`: the `before` of the next ones; null: there are none."""

    name: str
    active: int | None
    max_chars: int
    versions: list[VersionView]
    older: int | None


class NewVersion(RequestModel):
    """`activate`: put it in force at once."""

    text: str = Field(min_length=1, description="What a model is told. `max_chars` of GET says how long it may be.")
    note: str = Field(default="", max_length=NOTE_CHARS, description="Why it was made.")
    activate: bool = True


class Activation(RequestModel):
    """`version` null: none of them, so that the assistant is what it is without."""

    version: int | None = Field(ge=1, le=1_000_000_000)
