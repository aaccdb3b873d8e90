"""A tenant's runs, kept beside its documents."""

from __future__ import annotations

from typing import Any

from vernacular import runs
from vernacular.db.models import RedteamRunRow
from vernacular.tenancy import TenantScope

_HINT = "`vernacular redteam list` shows the runs there are."


def add_run(scope: TenantScope, row: RedteamRunRow) -> RedteamRunRow:
    scope.add(row)
    scope.session.flush()
    return row


def list_runs(scope: TenantScope, limit: int = 100) -> list[RedteamRunRow]:
    return runs.list_runs(scope, RedteamRunRow, limit)


def find_run(scope: TenantScope, reference: str) -> RedteamRunRow:
    """As `vernacular.runs.find_run`."""
    return runs.find_run(scope, RedteamRunRow, reference, _HINT)


def describe(row: RedteamRunRow) -> dict[str, Any]:
    """A run as JSON, without what came of each case."""
    return {
        "id": row.id,
        "assistant": row.assistant,
        "suites": list(row.suites),
        "version": row.version,
        "created_at": row.created_at,
        "figures": row.figures,
    }
