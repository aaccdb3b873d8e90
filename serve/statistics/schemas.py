from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

By = Literal["day", "hour"]


class Figures(BaseModel):
    """What came of questions: each was `answered` (`approved` of them with an approved answer), `declined`, or `refused` by the
    safety policy. `up` and `down`: thumbs. Milliseconds until the answer was complete (median, and what 95 of 100 stayed within),
    and until its first text was sent; null: none was measured.
    """

    questions: int
    answered: int
    declined: int
    approved: int
    refused: int
    up: int
    down: int
    p50_ms: int | None
    p95_ms: int | None
    first_p50_ms: int | None


class Point(Figures):
    """Of one day or hour, which begins `at`."""

    at: datetime


class LanguageFigures(BaseModel):
    """Of questions in one language, or variety of one."""

    tag: str
    questions: int
    answered: int


class Count(BaseModel):
    name: str
    count: int


class Statistics(BaseModel):
    """`dialects`: of the questions that are surely in a variety that is no standard language. `reasons`: why there was no answer.
    `modes`: how the answers were made. `kept_days`: for how long conversations are kept, 0: for ever; older figures went with them.
    """

    since: date
    until: date
    by: By
    tz: str
    series: list[Point]
    total: Figures
    languages: list[LanguageFigures]
    dialects: list[LanguageFigures]
    reasons: list[Count]
    modes: list[Count]
    kept_days: int
