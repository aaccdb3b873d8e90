"""How long conversations and audit logs are kept, for each tenant, and what removes them when the time has come.

A tenant's own wishes are in its profile: `{"retention": {"conversations_days": …, "audit_days": …}}`; 0: for ever.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from vernacular.audit.events import SYSTEM, Event
from vernacular.audit.log import AuditLog
from vernacular.audit.subjects import DOCUMENT
from vernacular.db.base import now
from vernacular.db.models import AuditCheckpointRow, AuditEntryRow, AuditHeadRow, AuditSubjectRow, ConversationRow
from vernacular.db.session import Database
from vernacular.errors import BadRequest
from vernacular.settings import Settings
from vernacular.tenancy import Platform, Tenant, TenantScope

log = logging.getLogger(__name__)

PROFILE: Final = "retention"
LEAST_AUDIT_DAYS: Final = 183
"""Article 26(6) of the EU's AI Act: logs are kept for at least six months."""
MOST_DAYS: Final = 36_500
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Terms:
    """Days; 0: for ever."""

    conversations_days: int
    audit_days: int

    def described(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Removed:
    """What a run removed of a tenant's."""

    conversations: int
    entries: int

    def described(self) -> dict[str, int]:
        return asdict(self)


def terms_of(tenant: Tenant, settings: Settings) -> Terms:
    own: Mapping[str, Any] = tenant.profile.get(PROFILE) or {}
    return Terms(
        int(own.get("conversations_days", settings.retention.conversations_days)),
        int(own.get("audit_days", settings.audit.retention_days)),
    )


def with_terms(
    profile: Mapping[str, Any], *, conversations_days: int | None = None, audit_days: int | None = None
) -> dict[str, Any]:
    """The profile with these terms; None: as it was.

    Raises:
        BadRequest: a number of days is not one.
    """
    wanted = {"conversations_days": conversations_days, "audit_days": audit_days}
    given = {name: days for name, days in wanted.items() if days is not None}
    if not all(0 <= days <= MOST_DAYS for days in given.values()):
        raise BadRequest(f"Days are whole numbers from 0 (for ever) to {MOST_DAYS}.")
    if 0 < given.get("audit_days", 0) < LEAST_AUDIT_DAYS:
        raise BadRequest(
            f"Audit logs are kept for at least {LEAST_AUDIT_DAYS} days.",
            "The EU's AI Act asks for six months; what a person wrote can be erased before.",
        )
    return {**profile, PROFILE: {**(profile.get(PROFILE) or {}), **given}}


def apply_retention(database: Database, audit: AuditLog, settings: Settings) -> dict[str, Removed]:
    """Remove what every tenant no longer wants kept; by the tenants' names, those of whom something was."""
    with database.read() as session:
        tenants = Platform(session).tenants()
    found = {tenant.slug: _apply(database, audit, tenant, terms_of(tenant, settings)) for tenant in tenants}
    return {slug: removed for slug, removed in found.items() if removed.conversations or removed.entries}


def _apply(database: Database, audit: AuditLog, tenant: Tenant, terms: Terms) -> Removed:
    with database.write() as session:
        scope = TenantScope(session, tenant)
        conversations = _drop_conversations(scope, terms.conversations_days)
        entries, size = _drop_entries(scope, audit, terms.audit_days)
        if conversations or entries:
            facts = {"conversations": conversations, "entries": entries, "checkpoint": size, **terms.described()}
            audit.record(scope, Event("retention.applied", SYSTEM, facts=facts))
    return Removed(conversations, entries)


def _drop_conversations(scope: TenantScope, days: int) -> int:
    if not days:
        return 0
    gone = ConversationRow.updated_at < now() - timedelta(days=days)
    count = scope.count(ConversationRow, gone)
    if count:
        scope.execute(scope.delete(ConversationRow).where(gone))
    return count


def _drop_entries(scope: TenantScope, audit: AuditLog, days: int) -> tuple[int, int]:
    """Whole segments alone: up to the last checkpoint whose entries are all old enough. It stands for them from then on."""
    if not days:
        return 0, 0
    cutoff = now() - timedelta(days=days)
    sizes = scope.select(AuditCheckpointRow.size).where(AuditCheckpointRow.at < cutoff)
    size = scope.execute(sizes.order_by(AuditCheckpointRow.size.desc()).limit(1)).scalar_one_or_none()
    if size is None:
        return 0, 0
    head = audit.chain.head(scope)
    if size <= head.first:
        return 0, 0
    scope.execute(scope.delete(AuditEntryRow).where(AuditEntryRow.seq < size))
    scope.execute(scope.update(AuditHeadRow).values(first_seq=size))
    _drop_keys(scope, cutoff)
    return size - head.first, size


def _drop_keys(scope: TenantScope, cutoff: datetime) -> None:
    """The keys of people of whom nothing is left in the log."""
    still = scope.select(AuditEntryRow.subject)
    wanted = scope.select(AuditSubjectRow.subject).where(
        AuditSubjectRow.created_at < cutoff,
        AuditSubjectRow.subject.not_in(still),
        AuditSubjectRow.subject.not_like(f"{DOCUMENT}%"),
    )
    gone = list(scope.execute(wanted).scalars())
    for start in range(0, len(gone), _BATCH):
        batch = AuditSubjectRow.subject.in_(gone[start : start + _BATCH])
        scope.execute(scope.delete(AuditSubjectRow).where(batch))
