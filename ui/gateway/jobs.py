"""The jobs that take documents in, and what they could not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ui.api import Api
from ui.gateway.values import path_to

_JOBS: Final = "/v1/jobs"
_ENDED: Final = frozenset({"succeeded", "partial", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Problem:
    """`source_id` "": it concerns the job as a whole."""

    source_id: str
    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Job:
    """`names`: of the first of its `items` files or addresses. `total` None: not known yet."""

    id: str
    kind: str
    source: str
    names: tuple[str, ...]
    items: int
    state: str
    stage: str
    done: int
    total: int | None
    failed: int
    eta_s: float | None
    cancel_requested: bool
    can_retry: bool
    created_at: datetime
    problems: tuple[Problem, ...] = ()

    @property
    def ended(self) -> bool:
        return self.state in _ENDED


@dataclass(frozen=True, slots=True)
class Jobs:
    page: tuple[Job, ...]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    job_id: str
    source: str
    problem: Problem
    created_at: datetime
    can_retry: bool


@dataclass(frozen=True, slots=True)
class Quarantine:
    page: tuple[Quarantined, ...]
    next_cursor: str


def jobs(api: Api, cursor: str = "", limit: int = 25) -> Jobs:
    """The newest first."""
    body = api.get(_JOBS, cursor=cursor or None, limit=limit)
    return Jobs(tuple(map(_job, body["jobs"])), str(body.get("next_cursor") or ""))


def job(api: Api, job_id: str) -> Job:
    return _job(api.get(path_to(_JOBS, job_id)))


def cancel(api: Api, job_id: str) -> None:
    api.delete(path_to(_JOBS, job_id))


def retry(api: Api, job_id: str) -> str:
    """The id of the new job."""
    return str(api.post(f"{path_to(_JOBS, job_id)}/retry")["job_id"])


def quarantine(api: Api, cursor: str = "", limit: int = 25) -> Quarantine:
    body = api.get("/v1/quarantine", cursor=cursor or None, limit=limit)
    found = tuple(
        Quarantined(
            str(each["job_id"]),
            str(each.get("source") or ""),
            _problem(each),
            datetime.fromisoformat(each["created_at"]),
            bool(each.get("can_retry")),
        )
        for each in body["data"]
    )
    return Quarantine(found, str(body.get("next_cursor") or ""))


def _problem(told: Mapping[str, Any]) -> Problem:
    return Problem(str(told.get("source_id") or ""), str(told.get("name") or ""), str(told.get("message") or ""))


def _job(told: Mapping[str, Any]) -> Job:
    return Job(
        id=str(told["job_id"]),
        kind=str(told["kind"]),
        source=str(told.get("source") or ""),
        names=tuple(str(each) for each in told.get("names") or ()),
        items=int(told.get("items") or 0),
        state=str(told["state"]),
        stage=str(told.get("stage") or ""),
        done=int(told.get("done") or 0),
        total=None if told.get("total") is None else int(told["total"]),
        failed=int(told.get("failed") or 0),
        eta_s=None if told.get("eta_s") is None else float(told["eta_s"]),
        cancel_requested=bool(told.get("cancel_requested")),
        can_retry=bool(told.get("can_retry")),
        created_at=datetime.fromisoformat(told["created_at"]),
        problems=tuple(map(_problem, told.get("errors") or ())),
    )
