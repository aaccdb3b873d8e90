"""Runs of a tenant's evaluation questions, and of attacks on its assistant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ui.api import Api
from ui.gateway.values import path_to

Measures = Mapping[str, float | None]
"""Figure → value; shares are of 1."""


@dataclass(frozen=True, slots=True)
class Run:
    """`overall`: over all questions; `varieties`: by the variety that they are in. `gaps`: by variety, what the same questions in standard
    wording have more. `asked`: answers were measured, not searches only."""

    id: str
    name: str
    digest: str
    questions: int
    asked: bool
    took_s: float
    version: str
    at: datetime
    overall: Measures
    varieties: Mapping[str, Measures]
    gaps: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one question. `rank` of the right document; None: it was not among those found. `answered`, `right` None: it was not asked."""

    qid: str
    variety: str
    answerable: bool
    rank: int | None
    detected: str
    answered: bool | None
    right: bool | None

    @property
    def well(self) -> bool:
        """Found among the first five, and answered rightly where an answer was asked for; not answered where there is none."""
        if not self.answerable:
            return not self.answered
        return self.rank is not None and self.rank <= 5 and self.right is not False


@dataclass(frozen=True, slots=True)
class Details:
    """`before`: the run before of the same questions, None: there is none; `overall` and `varieties`: what changed since."""

    outcomes: tuple[Outcome, ...]
    before: str | None
    overall: Measures
    varieties: Mapping[str, Measures]


@dataclass(frozen=True, slots=True)
class Attacks:
    """`rate` of those that succeeded, None: nothing was tried; `interval` holds it in 95 of 100 runs."""

    tried: int
    succeeded: int
    rate: float | None
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class RedteamRun:
    id: str
    version: str
    at: datetime
    overall: Attacks
    suites: Mapping[str, Attacks]


def runs(api: Api) -> tuple[Run, ...]:
    """The last one first."""
    return tuple(_run(each) for each in api.get("/v1/admin/evaluations", limit=100)["data"])


def details(api: Api, run_id: str) -> Details:
    body = api.get(path_to("/v1/admin/evaluations", run_id))
    changed = body.get("difference") or {}
    return Details(
        tuple(_outcome(each) for each in body["outcomes"]),
        body.get("before"),
        changed.get("all") or {},
        changed.get("varieties") or {},
    )


def redteam_runs(api: Api) -> tuple[RedteamRun, ...]:
    """The last one first."""
    found = []
    for each in api.get("/v1/admin/redteam", limit=50)["data"]:
        figures = each["figures"]
        suites = {str(name): _attacks(told) for name, told in (figures.get("suites") or {}).items()}
        at = datetime.fromisoformat(each["created_at"])
        run = RedteamRun(str(each["id"]), str(each["version"]), at, _attacks(figures.get("all") or {}), suites)
        found.append(run)
    return tuple(found)


def redteam_report(api: Api, run_id: str) -> bytes:
    """The signed document, as it is verified."""
    return str(api.get(path_to("/v1/admin/redteam", run_id))["report"]).encode()


def _run(told: Mapping[str, Any]) -> Run:
    figures = told.get("figures") or {}
    return Run(
        id=str(told["id"]),
        name=str(told["name"]),
        digest=str(told["digest"]),
        questions=int(told["questions"]),
        asked=bool(told["asked"]),
        took_s=float(told["took_s"]),
        version=str(told["version"]),
        at=datetime.fromisoformat(told["created_at"]),
        overall=figures.get("all") or {},
        varieties=figures.get("varieties") or {},
        gaps=figures.get("gaps") or {},
    )


def _outcome(told: Mapping[str, Any]) -> Outcome:
    return Outcome(
        qid=str(told.get("qid") or ""),
        variety=str(told.get("lang") or ""),
        answerable=bool(told.get("answerable", True)),
        rank=told.get("rank"),
        detected=str(told.get("detected") or ""),
        answered=told.get("answered"),
        right=told.get("right"),
    )


def _attacks(told: Mapping[str, Any]) -> Attacks:
    low, high = told.get("interval") or (0.0, 1.0)
    return Attacks(int(told.get("tried") or 0), int(told.get("succeeded") or 0), told.get("rate"), (low, high))
