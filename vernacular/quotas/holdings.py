"""What a tenant holds of documents and bytes, and what it may take in beyond that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vernacular.db.models import DocumentRow
from vernacular.quotas.limits import Limits, tenant_limits
from vernacular.settings import QuotaSettings
from vernacular.tenancy import Platform, TenantScope

_BATCH = 500
NO_ROOM = "Delete documents, or ask the operator of this installation for more room."


@dataclass(frozen=True, slots=True)
class Holdings:
    """`bytes`: of texts (UTF-8), the files they came from, and pictures."""

    documents: int
    bytes: int


@dataclass(slots=True)
class Room:
    """What else fits; None: no limit. `take` uses it up."""

    limits: Limits
    documents: int | None
    bytes: int | None

    def lacks(self, documents: int, size: int) -> str:
        """Why so much does not fit, in words; empty: it does. Negative numbers stand for what it replaces."""
        if self.documents is not None and documents > max(0, self.documents):
            return f"The tenant may hold {self.limits.documents:,} documents, and has room for {max(0, self.documents):,} more."
        if self.bytes is not None and size > max(0, self.bytes):
            return f"The tenant may hold {self.limits.bytes / 1e6:,.0f} MB, and has room for {max(0, self.bytes) / 1e6:,.1f} MB more."
        return ""

    def take(self, documents: int, size: int) -> None:
        if self.documents is not None:
            self.documents -= documents
        if self.bytes is not None:
            self.bytes -= size


def holdings(scope: TenantScope) -> Holdings:
    return Holdings(scope.count(DocumentRow), scope.total(DocumentRow.bytes))


def room(scope: TenantScope, settings: QuotaSettings) -> Room | None:
    """By the limits as they are now; None: there are none, and nothing needs to be counted."""
    limits = tenant_limits(Platform(scope.session).tenant_by_id(scope.tenant.id), settings)
    if not limits.documents and not limits.bytes:
        return None
    return Room(
        limits,
        limits.documents - scope.count(DocumentRow) if limits.documents else None,
        limits.bytes - scope.total(DocumentRow.bytes) if limits.bytes else None,
    )


def sizes(scope: TenantScope, source: str, source_ids: Sequence[str]) -> Mapping[str, int]:
    """The bytes of those documents of `source` that are there already, by their names."""
    found: dict[str, int] = {}
    for start in range(0, len(source_ids), _BATCH):
        some = source_ids[start : start + _BATCH]
        wanted = scope.select(DocumentRow.source_id, DocumentRow.bytes)
        for row in scope.execute(wanted.where(DocumentRow.source == source, DocumentRow.source_id.in_(some))):
            found[row.source_id] = row.bytes
    return found
