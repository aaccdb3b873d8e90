from __future__ import annotations

from datetime import datetime

from sqlalchemy import tuple_

from vernacular.db.models import JobRow
from vernacular.tenancy import TenantScope


def page(scope: TenantScope, limit: int, after: tuple[datetime, str] | None) -> list[JobRow]:
    """Jobs, the newest first, from behind `after`."""
    statement = scope.select(JobRow).order_by(JobRow.created_at.desc(), JobRow.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(JobRow.created_at, JobRow.id) < after)
    return list(scope.execute(statement).scalars())
