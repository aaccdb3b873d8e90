from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from serve.validation import RequestModel

State = Literal["registered", "active", "retired"]


class AdapterForm(RequestModel):
    """The fields beside the two files. `base_model`: the name that the model is served as; `lineage` is JSON."""

    base_model: str = Field(min_length=1, max_length=200)
    dialect: str = Field(default="", max_length=35, description="BCP 47; empty: any.")
    assistant: str = Field(default="default", max_length=100, description="Empty: all.")
    share: float = Field(default=1.0, ge=0, le=1)
    lineage: dict[str, Any] = Field(
        default_factory=dict, description="What it was made from: data, data_digest, recipe, who, when."
    )


class AdapterChange(RequestModel):
    """What is given is changed. `active`: model servers load it, and answers are made with it."""

    state: State | None = None
    share: float | None = Field(default=None, ge=0, le=1)
    assistant: str | None = Field(default=None, max_length=100)


class AdapterView(BaseModel):
    """`note` says why an active adapter is not used. `loaded_on` of the `replicas` of its model that are up have it."""

    id: str
    name: str
    dialect: str
    base_model: str
    version: int
    digest: str
    size: int
    rank: int
    target_modules: list[str]
    lineage: dict[str, Any]
    state: State
    assistant: str
    share: float
    note: str
    created_at: datetime
    loaded_on: int
    replicas: int


class AdapterList(BaseModel):
    data: list[AdapterView]


class AdapterRemoved(BaseModel):
    id: str
    deleted: bool = True
