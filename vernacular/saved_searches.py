"""The searches that people keep: whose they are, and how they go with their owner."""

from __future__ import annotations

from collections.abc import Sequence

from vernacular.db.models import SavedSearchRow
from vernacular.tenancy import TenantScope


def of_owner(scope: TenantScope, owner_id: str) -> list[SavedSearchRow]:
    """By name."""
    statement = scope.select(SavedSearchRow).where(SavedSearchRow.owner_id == owner_id)
    return list(scope.execute(statement.order_by(SavedSearchRow.name, SavedSearchRow.id)).scalars())


def forget_searches(scope: TenantScope, owner_ids: Sequence[str]) -> int:
    """Remove what these people kept; how many there were."""
    theirs = SavedSearchRow.owner_id.in_(owner_ids)
    held = scope.count(SavedSearchRow, theirs)
    scope.execute(scope.delete(SavedSearchRow).where(theirs))
    return held
