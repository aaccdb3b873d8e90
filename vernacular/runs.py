"""Runs that are kept with a tenant, of whichever kind: the latest first, each found by the beginning of its id."""

from __future__ import annotations

from typing import TypeVar

from vernacular.db.models import EvalRunRow, RedteamRunRow
from vernacular.errors import UnknownRun
from vernacular.tenancy import TenantScope

Run = TypeVar("Run", EvalRunRow, RedteamRunRow)


def list_runs(scope: TenantScope, kind: type[Run], limit: int = 100) -> list[Run]:
    """The last one first."""
    statement = scope.select(kind).order_by(kind.created_at.desc(), kind.id).limit(limit)
    return list(scope.execute(statement).scalars())


def find_run(scope: TenantScope, kind: type[Run], reference: str, hint: str | None = None) -> Run:
    """The run of that id, or of that beginning of one, if only one has it.

    Raises:
        UnknownRun: there is none, or several.
    """
    statement = scope.select(kind).where(kind.id.startswith(reference, autoescape=True)).limit(2)
    found: list[Run] = list(scope.execute(statement).scalars()) if reference else []
    if len(found) != 1:
        raise UnknownRun(f"There is no run {reference[:40]!r}.", hint)
    return found[0]
