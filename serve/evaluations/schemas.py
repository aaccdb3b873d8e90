from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class RunView(BaseModel):
    """One run of the tenant's questions.

    `figures`: `all`, `varieties` by `lang`, and `gaps`: what standard wording has more than the variety. `digest`: of the
    questions. `asked`: answers were measured, not searches only.
    """

    id: str
    name: str
    digest: str
    standard: str
    questions: int
    asked: bool
    took_s: float
    version: str
    created_at: datetime
    figures: dict[str, Any]


class RunDetails(RunView):
    """`outcomes`: what came of each question. `before`: the run before of the same name and questions, and its difference."""

    outcomes: list[dict[str, Any]]
    before: str | None
    difference: dict[str, Any] | None


class RunList(BaseModel):
    data: list[RunView]
