"""A tenant's runs of attacks. `vernacular redteam run` makes them."""

from __future__ import annotations

from typing import Any

from serve.deps import Access
from vernacular.audit.keys import AuditKeys
from vernacular.redteam.store import describe, find_run, list_runs


def show_all(access: Access, limit: int) -> list[dict[str, Any]]:
    """The last one first."""
    with access.read() as scope:
        return [_json(describe(row)) for row in list_runs(scope, limit)]


def show(access: Access, run_id: str) -> dict[str, Any]:
    """In the shape of `RedteamReport`.

    Raises:
        UnknownRun: the tenant has none of that id.
    """
    with access.read() as scope:
        row = find_run(scope, run_id)
        found = {"id": row.id, "report": row.report}
    return {**found, "public_key": AuditKeys(access.services.settings.home).public_pem.decode()}


def _json(run: dict[str, Any]) -> dict[str, Any]:
    return {**run, "created_at": run["created_at"].isoformat()}
