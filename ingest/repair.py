"""What the worker looks at: whether each tenant's index holds what SQL says it should, and is of the model configured."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from ingest.bootstrap import Parts
from ingest.points import fingerprint, kind_of_index
from vernacular.db.models import ChunkRow, DocumentRow, JobRow
from vernacular.errors import IndexDamaged, VernacularError
from vernacular.jobs import QUEUED, RUNNING, JobQueue
from vernacular.tenancy import Platform, Tenant, TenantScope
from vernacular.vectors.protocol import Partition

log = logging.getLogger(__name__)


def look_over(parts: Parts) -> list[str]:
    """Ask for a rebuild of every index that is lost, torn, short or of another analyzer, and drop what is left over.

    Returns the ids of the jobs asked for.
    """
    with parts.database.read() as session:
        tenants = Platform(session).tenants()
    held = parts.vectors.partitions()
    asked = []
    for tenant in tenants:
        _drop_left_over(parts, tenant, held)
        reason = damage(parts, tenant)
        if reason is not None and not _rebuild_waits(parts, tenant):
            asked.append(_ask(parts, tenant, reason))
    return asked


def follow_model(parts: Parts) -> list[str]:
    """Ask for a rebuild of every index that was not made with the embedding model configured, once that model answers.

    Returns the ids of the jobs asked for.
    """
    with parts.database.read() as session:
        tenants = Platform(session).tenants_not_of_model(fingerprint(parts.embedder))
    behind = [tenant for tenant in tenants if not _rebuild_waits(parts, tenant)]
    if not behind:
        return []
    try:
        if parts.embedder is not None:
            parts.embedder.encode_query("ready")
    except VernacularError as error:
        log.warning("indexes that wait for the embedding model: %d (%s)", len(behind), error)
        return []
    return [_ask(parts, tenant, "it was made with another embedding model, or with none") for tenant in behind]


def _ask(parts: Parts, tenant: Tenant, reason: str) -> str:
    log.warning("the index of tenant %s is rebuilt: %s", tenant.slug, reason)
    return JobQueue(parts.settings).enqueue(parts.database, tenant, "reindex", {})


def damage(parts: Parts, tenant: Tenant) -> str | None:
    """What is wrong with a tenant's index, or None.

    While a job is unfinished its last batch may be in SQL and not yet in the index, or the other way round; so then only
    points that are missing count.
    """
    with parts.database.read() as session:
        scope = TenantScope(session, tenant)
        active = scope.active_partition()
        chunks = scope.count(ChunkRow)
        counts = scope.execute(scope.select(DocumentRow.chunk_count).where(DocumentRow.indexed.is_(True))).scalars()
        settled = sum(counts)
        working = scope.count(JobRow, JobRow.kind == "ingest", JobRow.state.in_((QUEUED, RUNNING))) > 0
    if active is None:
        return "there is none" if chunks and not working else None
    if active.generation.rpartition("-")[0] != kind_of_index(active.embedding, sealed=tenant.sealed):
        unlike = active.sealed != tenant.sealed
        return "its tenant was sealed or unsealed" if unlike else "it was made by another version of the analyzer"
    try:
        points = parts.vectors.count(active)
    except IndexDamaged as error:
        return error.message
    if points < settled:
        return f"it holds {points} of {settled} chunks"
    if not working and points != chunks:
        return f"it holds {points} points where there are {chunks} chunks"
    return None


def _rebuild_waits(parts: Parts, tenant: Tenant) -> bool:
    with parts.database.read() as session:
        scope = TenantScope(session, tenant)
        return scope.count(JobRow, JobRow.kind == "reindex", JobRow.state.in_((QUEUED, RUNNING))) > 0


def _drop_left_over(parts: Parts, tenant: Tenant, held: Iterable[Partition]) -> None:
    with parts.database.read() as session:
        listed = TenantScope(session, tenant).partitions()
    for partition in held:
        if partition.tenant_id == tenant.id and partition not in listed:
            parts.vectors.drop(partition)
