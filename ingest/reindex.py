"""A tenant's index built anew from SQL, beside the one that is searched, and then put in its place.

While it is built, writes go to both (`TenantScope.partitions`), so nothing that comes in meanwhile is missing from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.points import Entry, filterable, fingerprint, for_any, index_points, kind_of_index
from ingest.progress import Progress
from vernacular.db.models import ChunkRow, DocumentRow, IndexGenerationRow
from vernacular.db.session import Database
from vernacular.dialects.documents import Gloss
from vernacular.embeddings.protocol import Embedder
from vernacular.errors import IndexDamaged
from vernacular.tenancy import ACTIVE, BUILDING, Platform, Tenant, TenantScope
from vernacular.vectors.protocol import Partition, VectorStore

DOCUMENTS_A_BATCH = 200
CHUNKS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Copied:
    """Where a batch ended (`after` empty: there was nothing left) and how many chunks are copied in all."""

    after: str
    done: int
    stop: bool = False


class Reindexer:
    """The steps of a rebuild; each may run twice. The new generation is one of `embedder`, or lexical without it.

    `gloss` as `index_points` takes it.
    """

    def __init__(
        self, database: Database, vectors: VectorStore, embedder: Embedder | None = None, gloss: Gloss | None = None
    ) -> None:
        self._database = database
        self._vectors = vectors
        self._embedder = embedder
        self._gloss = gloss

    def begin(self, tenant: Tenant) -> tuple[str, int]:
        """Open a new generation; returns its name and how many chunks are to go in. An unfinished one is dropped."""
        embedding = fingerprint(self._embedder)
        dense_size = 0 if self._embedder is None else self._embedder.dimension
        with self._database.write() as session:
            scope = TenantScope(session, tenant)
            active = scope.active_partition()
            abandoned = [partition for partition in scope.partitions() if partition != active]
            names = [partition.generation for partition in scope.partitions()]
            # The tenant as SQL has it now: it may have been sealed since the job was asked for.
            sealed = Platform(session).tenant_by_id(tenant.id).sealed
            generation = next_generation(names, embedding, sealed=sealed)
            scope.execute(scope.delete(IndexGenerationRow).where(IndexGenerationRow.state != ACTIVE))
            partition = scope.add_generation(generation, BUILDING, embedding, dense_size)
            total = scope.count(ChunkRow)
        for one in (*abandoned, partition):
            self._vectors.drop(one)
        return generation, total

    def copy(self, tenant: Tenant, generation: str, before: Copied, job_id: str | None) -> Copied:
        """Index the documents that come after `before.after`."""
        partition = self._partition(tenant, generation)
        versions = self._next_documents(tenant, before.after)
        if not versions:
            return Copied("", before.done, before.stop)
        copied = wanted = 0
        pending = versions
        while pending:
            wanted = self._index(tenant, partition, list(pending))
            copied = copied or wanted
            # Someone may have changed or deleted a document while its chunks were on the way.
            now = self._versions(tenant, list(pending))
            moved = {identifier for identifier, version in pending.items() if now.get(identifier) != version}
            self._vectors.delete_documents(partition, sorted(moved))
            pending = {identifier: now[identifier] for identifier in moved & now.keys()}
        return self._record(tenant, job_id, Copied(max(versions), before.done + copied))

    def switch(self, tenant: Tenant, generation: str) -> list[str]:
        """Check that the new generation is whole, and search it from now on; returns the names of those to drop.

        Raises:
            IndexDamaged: it does not hold a point for each chunk.
        """
        partition = self._partition(tenant, generation)
        self._vectors.flush(partition)
        held = self._vectors.count(partition)
        with self._database.write() as session:
            scope = TenantScope(session, tenant)
            chunks = scope.count(ChunkRow)
            if held != chunks:
                raise IndexDamaged(f"The new index holds {held} points where there are {chunks} chunks.")
            scope.execute(scope.update(DocumentRow).where(DocumentRow.indexed.is_(False)).values(indexed=True))
            return [other.generation for other in scope.activate(generation)]

    def abandon(self, tenant: Tenant, generation: str) -> None:
        """Give an unfinished generation up."""
        with self._database.write() as session:
            scope = TenantScope(session, tenant)
            scope.execute(scope.delete(IndexGenerationRow).where(IndexGenerationRow.generation == generation))
        self.drop(tenant, [generation])

    def drop(self, tenant: Tenant, generations: Sequence[str]) -> None:
        for generation in generations:
            self._vectors.drop(self._partition(tenant, generation))

    def _partition(self, tenant: Tenant, generation: str) -> Partition:
        with self._database.read() as session:
            return TenantScope(session, tenant).partition(generation)

    def _next_documents(self, tenant: Tenant, after: str) -> dict[str, str]:
        """Ids and content hashes of the next documents, by id."""
        with self._database.read() as session:
            scope = TenantScope(session, tenant)
            statement = scope.select(DocumentRow.id, DocumentRow.content_hash).where(DocumentRow.id > after)
            rows: Sequence[Any] = scope.execute(statement.order_by(DocumentRow.id).limit(DOCUMENTS_A_BATCH)).all()
            return {row.id: row.content_hash for row in rows}

    def _versions(self, tenant: Tenant, ids: Sequence[str]) -> dict[str, str]:
        with self._database.read() as session:
            scope = TenantScope(session, tenant)
            statement = scope.select(DocumentRow.id, DocumentRow.content_hash).where(DocumentRow.id.in_(ids))
            rows: Sequence[Any] = scope.execute(statement).all()
            return {row.id: row.content_hash for row in rows}

    def _index(self, tenant: Tenant, partition: Partition, ids: Sequence[str]) -> int:
        indexed = 0
        with self._database.read() as session:
            scope = TenantScope(session, tenant)
            statement = (
                scope.select(
                    ChunkRow.id,
                    ChunkRow.document_id,
                    ChunkRow.text,
                    DocumentRow.title,
                    ChunkRow.headings,
                    DocumentRow.groups,
                    DocumentRow.valid_from,
                    DocumentRow.valid_until,
                    DocumentRow.attributes,
                )
                .where(ChunkRow.document_id == DocumentRow.id, DocumentRow.id.in_(ids))
                .execution_options(yield_per=CHUNKS_AT_ONCE)
            )
            for rows in scope.execute(statement).partitions():
                entries = [_entry(row) for row in rows]
                points = index_points(entries, for_any([partition], self._embedder), self._gloss)
                self._vectors.upsert(partition, points)
                indexed += len(entries)
        return indexed

    def _record(self, tenant: Tenant, job_id: str | None, copied: Copied) -> Copied:
        if job_id is None:
            return copied
        with self._database.write() as session:
            stop = Progress(job_id, "indexing", copied.done).write(TenantScope(session, tenant))
        return Copied(copied.after, copied.done, stop)


def _entry(row: Any) -> Entry:
    return Entry(row[0], row[1], row[2], row[3], row[4], tuple(row[5]), row[6], row[7], filterable(row[8]))


def next_generation(names: Sequence[str], embedding: str = "", *, sealed: bool = False) -> str:
    """`<kind of index>-<build>`: a build number that none of `names` has."""
    builds = [int(build) for _, _, build in (name.rpartition("-") for name in names) if build.isdecimal()]
    return f"{kind_of_index(embedding, sealed=sealed)}-{max(builds, default=0) + 1}"
