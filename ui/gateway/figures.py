"""What was asked and answered, and what was used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from ui.api import Api
from ui.gateway.periods import Period


@dataclass(frozen=True, slots=True)
class Figures:
    """Of some questions; milliseconds are None where none were measured."""

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

    @property
    def answered_share(self) -> float | None:
        return self.answered / self.questions if self.questions else None


@dataclass(frozen=True, slots=True)
class Point:
    at: datetime
    figures: Figures


@dataclass(frozen=True, slots=True)
class TagFigures:
    """Of a language or a variety."""

    tag: str
    questions: int
    answered: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """`reasons` and `modes`: names with how often. `kept_days`: after which conversations go; 0: never."""

    series: tuple[Point, ...]
    total: Figures
    languages: tuple[TagFigures, ...]
    dialects: tuple[TagFigures, ...]
    reasons: tuple[tuple[str, int], ...]
    modes: tuple[tuple[str, int], ...]
    kept_days: int


@dataclass(frozen=True, slots=True)
class Used:
    """What an account, a key or a widget used on a day. `name` is empty for one that is gone."""

    day: date
    principal: str
    kind: str
    name: str
    requests: int
    refused: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Usage:
    days: tuple[Used, ...]
    requests: int
    refused: int
    tokens: int


def statistics(api: Api, period: Period, zone: tzinfo) -> Statistics:
    body = api.get(
        "/v1/admin/statistics",
        since=period.since.isoformat(),
        until=period.until.isoformat(),
        by=period.by,
        tz=getattr(zone, "key", "UTC"),
    )
    return Statistics(
        series=tuple(Point(datetime.fromisoformat(point["at"]), _figures(point)) for point in body["series"]),
        total=_figures(body["total"]),
        languages=_tags(body["languages"]),
        dialects=_tags(body["dialects"]),
        reasons=_counts(body["reasons"]),
        modes=_counts(body["modes"]),
        kept_days=int(body.get("kept_days") or 0),
    )


def usage(api: Api, period: Period) -> Usage:
    body = api.get("/v1/usage", since=period.since.isoformat(), until=period.until.isoformat())
    days = tuple(
        Used(
            day=date.fromisoformat(row["day"]),
            principal=str(row["principal"]),
            kind=str(row["kind"]),
            name=str(row.get("name") or ""),
            requests=int(row["requests"]),
            refused=int(row["refused"]),
            tokens=int(row["total_tokens"]),
        )
        for row in body["days"]
    )
    total = body["total"]
    return Usage(days, int(total["requests"]), int(total["refused"]), int(total["total_tokens"]))


def _figures(told: Mapping[str, Any]) -> Figures:
    return Figures(**{name: told[name] for name in Figures.__dataclass_fields__})


def _tags(told: list[Mapping[str, Any]]) -> tuple[TagFigures, ...]:
    return tuple(TagFigures(str(each["tag"]), int(each["questions"]), int(each["answered"])) for each in told)


def _counts(told: list[Mapping[str, Any]]) -> tuple[tuple[str, int], ...]:
    return tuple((str(each["name"]), int(each["count"])) for each in told)
