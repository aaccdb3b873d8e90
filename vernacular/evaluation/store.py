"""A tenant's runs, kept beside its documents."""

from __future__ import annotations

from typing import Any

from vernacular import runs
from vernacular.db.models import EvalRunRow
from vernacular.tenancy import TenantScope

KEPT_OUTCOMES_OF = 20
"""Runs of which every question's outcome is kept; of older ones the figures stay."""


def add_run(scope: TenantScope, row: EvalRunRow) -> EvalRunRow:
    """Keep a run, and forget the single questions of old ones."""
    scope.add(row)
    scope.session.flush()
    old = scope.select(EvalRunRow.id).order_by(EvalRunRow.created_at.desc(), EvalRunRow.id).offset(KEPT_OUTCOMES_OF)
    ids = list(scope.execute(old).scalars())
    if ids:
        scope.execute(scope.update(EvalRunRow).where(EvalRunRow.id.in_(ids)).values(outcomes=[]))
    return row


def list_runs(scope: TenantScope, limit: int = 100) -> list[EvalRunRow]:
    return runs.list_runs(scope, EvalRunRow, limit)


def find_run(scope: TenantScope, reference: str) -> EvalRunRow:
    """As `vernacular.runs.find_run`."""
    return runs.find_run(scope, EvalRunRow, reference)


def run_before(scope: TenantScope, row: EvalRunRow) -> EvalRunRow | None:
    """The last one before `row` of the same name and questions, that measured answers if `row` did."""
    statement = scope.select(EvalRunRow).where(
        EvalRunRow.name == row.name,
        EvalRunRow.digest == row.digest,
        EvalRunRow.id != row.id,
        EvalRunRow.created_at <= row.created_at,
        *([EvalRunRow.asked.is_(True)] if row.asked else []),
    )
    return scope.execute(statement.order_by(EvalRunRow.created_at.desc()).limit(1)).scalars().first()


def describe(row: EvalRunRow, *, whole: bool = False) -> dict[str, Any]:
    """A run as JSON; `whole`: with what came of each question."""
    found = {
        "id": row.id,
        "name": row.name,
        "digest": row.digest,
        "standard": row.standard,
        "questions": row.questions,
        "asked": row.asked,
        "took_s": row.took_s,
        "version": row.version,
        "created_at": row.created_at,
        "figures": row.figures,
    }
    return {**found, "outcomes": row.outcomes} if whole else found
