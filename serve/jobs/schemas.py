from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class JobAccepted(BaseModel):
    job_id: str


class JobErrorView(BaseModel):
    source_id: str
    name: str
    message: str


class JobView(BaseModel):
    """How far a job is. `partial`: some items are in `errors`, and the rest went in."""

    job_id: str
    kind: str
    source: str | None
    names: list[str] = Field(description="Of the first files or addresses of it.")
    items: int = Field(description="How many files or addresses it is of.")
    can_retry: bool = Field(description="Whether `POST /v1/jobs/{job_id}/retry` can run it again.")
    state: Literal["queued", "running", "succeeded", "partial", "failed", "cancelled"]
    stage: str
    done: int
    total: int | None
    failed: int
    eta_s: float | None
    cancel_requested: bool
    created_at: str | None
    started_at: str | None
    finished_at: str | None
    errors: list[JobErrorView]


class QuarantinedItem(BaseModel):
    """An item that could not be read, and was not read since. `source_id` "": it concerns the job as a whole."""

    job_id: str
    source: str | None
    source_id: str
    name: str
    message: str
    created_at: datetime
    can_retry: bool


class Quarantine(BaseModel):
    data: list[QuarantinedItem]
    next_cursor: str | None


class JobList(BaseModel):
    jobs: list[JobView]
    next_cursor: str | None
