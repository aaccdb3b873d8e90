from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from vernacular.db.models import FeedbackRow, MessageRow
from vernacular.tenancy import TenantScope

_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Answered:
    """What is kept of an answer, as far as figures need it. `dialect`: the variety that the question is in. `rating`: the thumb that it
    got, 1 or -1; 0: none."""

    at: datetime
    answered: bool
    reason: str
    language: str
    dialect: str
    mode: str
    took_ms: int | None
    first_ms: int | None
    rating: int


def answers(scope: TenantScope, begin: datetime, end: datetime, limit: int) -> Generator[Answered]:
    """The answers and declines of that time, `limit` at most. To be closed: the database keeps what was not fetched yet."""
    details = MessageRow.details
    statement = scope.select(MessageRow.created_at).add_columns(
        details["answered"].as_boolean(),
        details["reason"].as_string(),
        details["language"].as_string(),
        details[("understood", "tag")].as_string(),
        details["mode"].as_string(),
        details["took_ms"].as_integer(),
        details["first_ms"].as_integer(),
        FeedbackRow.rating,
    )
    rated = (FeedbackRow.message_id == MessageRow.id) & (FeedbackRow.tenant_id == MessageRow.tenant_id)
    statement = statement.outerjoin(FeedbackRow, rated)
    statement = statement.where(MessageRow.role == "assistant", MessageRow.created_at >= begin)
    statement = statement.where(MessageRow.created_at < end).limit(limit)
    row: Any
    with scope.execute(statement.execution_options(yield_per=_BATCH)) as found:
        for row in found:
            at, answered, reason, language, dialect, mode, took_ms, first_ms, rating = row
            texts = (reason or "", language or "", dialect or "", mode or "")
            yield Answered(at, bool(answered), *texts, took_ms, first_ms, rating or 0)
