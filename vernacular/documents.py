"""Removing documents: rows, points and originals together, so that nothing of them can be found or read again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from vernacular.adapters import AdapterStore
from vernacular.blobs import BlobStore
from vernacular.branding import branding_of
from vernacular.corpus.store import note_deletion
from vernacular.db.models import DocumentRow
from vernacular.db.session import Database
from vernacular.tenancy import Platform, Tenant, TenantScope
from vernacular.vectors.protocol import VectorStore

Tell = Callable[[TenantScope, Sequence[str]], None]
_BATCH = 500  # SQLite takes a limited number of parameters a statement


def delete_documents(
    database: Database,
    vectors: VectorStore,
    blobs: BlobStore,
    tenant: Tenant,
    document_ids: Sequence[str],
    *,
    tell: Tell | None = None,
) -> int:
    """Delete those of `document_ids` that are the tenant's, and return how many there were.

    `tell`: what else belongs in the transaction that removes their rows, such as an entry of the audit log; it gets their ids.

    The points go first: after a crash in between a document is without an index, which the worker sees and mends,
    rather than a point without a document.

    Raises:
        VectorStoreDown: nothing is deleted from SQL that could still be found; repeat the call.
    """
    return sum(_delete(database, vectors, blobs, tenant, batch, tell=tell) for batch in _batches(document_ids))


def _delete(
    database: Database,
    vectors: VectorStore,
    blobs: BlobStore,
    tenant: Tenant,
    wanted: Sequence[str],
    *,
    tell: Tell | None,
) -> int:
    with database.write() as session:
        scope = TenantScope(session, tenant)
        ids = [row.id for row in scope.execute(scope.select(DocumentRow.id).where(DocumentRow.id.in_(wanted)))]
        scope.execute(scope.update(DocumentRow).where(DocumentRow.id.in_(ids)).values(indexed=False))
        partitions = scope.partitions()
    for partition in partitions:
        vectors.delete_documents(partition, ids)
    with database.write() as session:
        scope = TenantScope(session, tenant)
        files = _files(scope, ids)
        scope.execute(scope.delete(DocumentRow).where(DocumentRow.id.in_(ids)))
        if ids:
            note_deletion(scope)
            if tell is not None:
                tell(scope, ids)
        orphans = unused_originals(scope, files)
    for digest in orphans:
        blobs.delete(tenant.id, digest)
    return len(ids)


def _files(scope: TenantScope, ids: Sequence[str]) -> set[str]:
    """The originals and the pictures of these documents."""
    statement = scope.select(DocumentRow.original, DocumentRow.picture).where(DocumentRow.id.in_(ids))
    return {digest for row in scope.execute(statement) for digest in row if digest is not None}


def unused_originals(scope: TenantScope, digests: set[str]) -> set[str]:
    """Those of `digests` that no document refers to any more as its original or its picture, nor the tenant as its logo: their blobs
    may go once the transaction is committed."""
    if not digests:
        return set()
    used: set[str] = set()
    for column in (DocumentRow.original, DocumentRow.picture):
        used |= set(scope.execute(scope.select(column).where(column.in_(digests))).scalars())
    logo = branding_of(Platform(scope.session).tenant_by_id(scope.tenant.id).profile).logo
    return digests - {*used, logo}


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]


def drop_tenant(
    database: Database, vectors: VectorStore, blobs: BlobStore, adapters: AdapterStore, tenant: Tenant
) -> None:
    """Remove a tenant with everything it holds.

    The rows go last: after a crash in between, the same call removes what is left.

    Raises:
        VectorStoreDown: nothing is deleted from SQL; repeat the call.
    """
    with database.read() as session:
        partitions = TenantScope(session, tenant).partitions()
    for partition in partitions:
        vectors.drop(partition)
    blobs.drop(tenant.id)
    adapters.drop(tenant.id)
    with database.write() as session:
        Platform(session).delete_tenant(tenant)
