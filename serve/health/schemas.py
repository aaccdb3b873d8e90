from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Part(BaseModel):
    ready: bool
    detail: str


class Readiness(BaseModel):
    """`ready` is true when every part is."""

    ready: bool
    parts: dict[str, Part]
