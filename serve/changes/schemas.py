from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel


class Change(BaseModel):
    """`in_force`: it holds from that day on; `expired`: it held until the day before `at`."""

    document_id: str
    title: str
    source: str
    language: str | None
    change: Literal["added", "changed", "in_force", "expired"]
    at: datetime


class ChangeList(BaseModel):
    since: datetime
    changes: list[Change]
