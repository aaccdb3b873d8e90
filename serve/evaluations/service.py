"""The runs of a tenant's evaluation questions. `vernacular eval` makes them: it asks as its tenant's people do."""

from __future__ import annotations

from typing import Any

from serve.deps import Access
from vernacular.evaluation.figures import compare
from vernacular.evaluation.store import describe, find_run, list_runs, run_before


def show_all(access: Access, limit: int) -> list[dict[str, Any]]:
    """The last one first."""
    with access.read() as scope:
        return [_json(describe(row)) for row in list_runs(scope, limit)]


def show(access: Access, run_id: str) -> dict[str, Any]:
    """In the shape of `RunDetails`.

    Raises:
        UnknownRun: the tenant has none of that id.
    """
    with access.read() as scope:
        row = find_run(scope, run_id)
        before = run_before(scope, row)
        difference = compare(row.figures, before.figures) if before else None
        return {
            **_json(describe(row, whole=True)),
            "before": before.id if before else None,
            "difference": difference,
        }


def _json(run: dict[str, Any]) -> dict[str, Any]:
    return {**run, "created_at": run["created_at"].isoformat()}
