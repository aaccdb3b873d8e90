"""A tenant's runs, kept beside its documents."""

from __future__ import annotations

from typing import Any

from vernacular.db.models import RedteamRunRow
from vernacular.errors import UnknownRun
from vernacular.tenancy import TenantScope

_HINT = "`vernacular redteam list` shows the runs there are."


def add_run(scope: TenantScope, row: RedteamRunRow) -> RedteamRunRow:
    scope.add(row)
    scope.session.flush()
    return row


def list_runs(scope: TenantScope, limit: int = 100) -> list[RedteamRunRow]:
    """The last one first."""
    statement = scope.select(RedteamRunRow).order_by(RedteamRunRow.created_at.desc(), RedteamRunRow.id).limit(limit)
    return list(scope.execute(statement).scalars())


def find_run(scope: TenantScope, reference: str) -> RedteamRunRow:
    """The run of that id, or of that beginning of one, if only one has it.

    Raises:
        UnknownRun: there is none, or several.
    """
    statement = scope.select(RedteamRunRow).where(RedteamRunRow.id.startswith(reference, autoescape=True)).limit(2)
    found: list[RedteamRunRow] = list(scope.execute(statement).scalars()) if reference else []
    if len(found) != 1:
        raise UnknownRun(f"There is no run {reference[:40]!r}.", _HINT)
    return found[0]


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
