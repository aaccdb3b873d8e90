from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


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


class JobList(BaseModel):
    jobs: list[JobView]
    next_cursor: str | None
