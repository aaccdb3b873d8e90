from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from serve.deps import QualityAccess
from serve.statistics import service
from serve.statistics.period import period
from serve.statistics.schemas import By, Statistics

router = APIRouter(tags=["quality"])
Day = Annotated[date | None, Query(description="Both included, of the time zone `tz`.")]


@router.get("/v1/admin/statistics")
def show_statistics(
    access: QualityAccess,
    since: Day = None,
    until: Day = None,
    by: By = "day",
    tz: Annotated[str, Query(max_length=64, description="A name such as `Asia/Hong_Kong`.")] = "UTC",
) -> Statistics:
    """What your tenant's people asked, what came of it, how long it took and what they thought of it: at most 400 days, by the hour 31."""
    return service.statistics(access, period(since, until, by, tz))
