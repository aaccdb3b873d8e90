"""The last step of ingest: documents into SQL, and their chunks into the index.

Idempotent: ids follow from (tenant, source, source id, content), so that a batch stored twice is there once. SQL comes
first, with `indexed` false; the points follow; then `indexed` turns true in the transaction that also records the job's
progress. Whatever stops in between is seen by the next run of the batch, or by the worker when it starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from ingest.identity import Incoming, chunk_ids
from ingest.points import Entry, filterable, fingerprint, for_any, index_points, kind_of_index, points_of
from ingest.progress import Progress
from ingest.sources.items import SourceError
from ingest.sources.web import Kept
from vernacular.blobs import BlobStore
from vernacular.corpus.store import note_deletion
from vernacular.db.base import now
from vernacular.db.models import ChunkRow, DocumentRow, DocumentTextRow
from vernacular.db.session import Database
from vernacular.dialects.documents import Gloss
from vernacular.documents import Tell, delete_documents, unused_originals
from vernacular.embeddings.protocol import Embedder
from vernacular.errors import NotFound, QuotaExceeded
from vernacular.quotas.holdings import NO_ROOM, room
from vernacular.settings import QuotaSettings
from vernacular.tenancy import ACTIVE, Tenant, TenantScope
from vernacular.types import Chunk, Document, Heading, Page, Span
from vernacular.vectors.protocol import Partition, VectorStore

UPSERT_GROUP = 64
"""Chunks analyzed while the group before them is on its way to the index."""
EMBED_GROUP = 256
"""The same where they are also embedded: batches are of like length the more there are to choose from."""


@dataclass(frozen=True, slots=True)
class Known:
    """A document as SQL has it, before the batch."""

    content_hash: str
    indexed: bool
    original: str | None
    created_at: datetime
    bytes: int = 0
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """A new or changed document, ready to be written. `before`: what it replaces."""

    incoming: Incoming
    chunks: Sequence[Chunk]
    language: str | None
    before: Known | None = None


class DocumentStore:
    """Writes batches of documents. `embedder` None: the index is lexical. `gloss` as `index_points` takes it."""

    def __init__(
        self,
        database: Database,
        vectors: VectorStore,
        blobs: BlobStore,
        embedder: Embedder | None = None,
        gloss: Gloss | None = None,
        *,
        quotas: QuotaSettings | None = None,
    ) -> None:
        self._database = database
        self._vectors = vectors
        self.blobs = blobs
        self._embedder = embedder
        self._gloss = gloss
        self._quotas = quotas or QuotaSettings()

    def known(self, tenant: Tenant, document_ids: Sequence[str]) -> dict[str, Known]:
        with self._database.read() as session:
            scope = TenantScope(session, tenant)
            columns = (
                DocumentRow.id,
                DocumentRow.content_hash,
                DocumentRow.indexed,
                DocumentRow.original,
                DocumentRow.created_at,
                DocumentRow.bytes,
                DocumentRow.picture,
            )
            found: Sequence[Any] = scope.execute(scope.select(*columns).where(DocumentRow.id.in_(document_ids))).all()
            return {row[0]: Known(*row[1:]) for row in found}

    def kept(self, tenant: Tenant, document_id: str) -> Kept | None:
        """A document with its original; None: there is none, or its original is not kept."""
        with self._database.read() as session:
            row = TenantScope(session, tenant).get(DocumentRow, document_id)
            if row is None or row.original is None:
                return None
        try:
            with self.blobs.open(tenant.id, row.original) as file:
                return Kept(row.attributes, row.media_type, file.read())
        except NotFound:
            return None

    def fitting(
        self, tenant: Tenant, fresh: Sequence[Incoming], known: Mapping[str, Known]
    ) -> tuple[list[Incoming], list[SourceError]]:
        """Those of `fresh` for which the tenant has room, and why the others stay out."""
        with self._database.read() as session:
            left = room(TenantScope(session, tenant), self._quotas)
        if left is None:
            return list(fresh), []
        taken, refused, files = list[Incoming](), list[SourceError](), set[str]()
        for each in fresh:
            before = known.get(each.document_id)
            more = (1, each.bytes) if before is None else (0, each.bytes - before.bytes)
            if lack := left.lacks(*more):
                refused.append(SourceError.of(each.document.source_id, QuotaExceeded(lack, NO_ROOM)))
                files |= set(filter(None, (each.original, each.picture)))
            else:
                left.take(*more)
                taken.append(each)
        self._drop_unused(tenant, files - {name for each in taken for name in (each.original, each.picture)})
        return taken, refused

    def _drop_unused(self, tenant: Tenant, files: set[str]) -> None:
        with self._database.read() as session:
            orphans = unused_originals(TenantScope(session, tenant), files)
        for digest in orphans:
            self.blobs.delete(tenant.id, digest)

    def write(self, tenant: Tenant, source: str, batch: Sequence[Cut], seen_in: str | None) -> list[Partition]:
        """Put `batch` into SQL in one transaction, marked as not indexed; returns the partitions its points belong in.

        Raises:
            ModelUnavailable: the tenant's first index is to be of a model that cannot be asked for its dimension.
        """
        dense_size = self._first_dense_size(tenant)
        replaced = [cut for cut in batch if cut.before is not None]
        with self._database.write() as session:
            scope = TenantScope(session, tenant)
            partitions = scope.partitions() or [self._first_generation(scope, dense_size)]
            if replaced:
                ids = [cut.incoming.document_id for cut in replaced]
                scope.execute(scope.delete(DocumentRow).where(DocumentRow.id.in_(ids)))
                note_deletion(scope)
            scope.insert(DocumentRow, [_document_row(source, cut, seen_in) for cut in batch])
            scope.insert(DocumentTextRow, [_text_row(cut) for cut in batch])
            scope.insert(ChunkRow, list(chain.from_iterable(_chunk_rows(cut) for cut in batch)))
            orphans = unused_originals(scope, {name for cut in replaced for name in _files_before(cut)})
        for digest in orphans:
            self.blobs.delete(tenant.id, digest)
        return partitions

    def _first_dense_size(self, tenant: Tenant) -> int:
        """The dimension of the tenant's first index, 0 if it has one: asked for outside the transaction, for it may take long."""
        if self._embedder is None:
            return 0
        with self._database.read() as session:
            exists = bool(TenantScope(session, tenant).partitions())
        return 0 if exists else self._embedder.dimension

    def _first_generation(self, scope: TenantScope, dense_size: int) -> Partition:
        embedding = fingerprint(self._embedder)
        kind = kind_of_index(embedding, sealed=scope.tenant.sealed)
        return scope.add_generation(f"{kind}-1", ACTIVE, embedding, dense_size)

    def send(self, partitions: Sequence[Partition], batch: Sequence[Cut], sender: Executor) -> list[Future[None]]:
        """Analyze and embed the chunks of `batch` and have `sender`, which does one thing at a time, write their points."""
        stale = [cut.incoming.document_id for cut in batch if cut.before is not None]
        under_way = [
            sender.submit(self._vectors.delete_documents, partition, stale) for partition in partitions if stale
        ]
        entries = list(chain.from_iterable(_entries(cut) for cut in batch))
        embedder = for_any(partitions, self._embedder)
        group = UPSERT_GROUP if embedder is None else EMBED_GROUP
        for start in range(0, len(entries), group):
            points = index_points(entries[start : start + group], embedder, self._gloss)
            under_way += [
                sender.submit(self._vectors.upsert, partition, points_of(points, partition, embedder))
                for partition in partitions
            ]
        return under_way

    def see(self, tenant: Tenant, source: str, job_id: str, document_ids: Sequence[str], unread: Sequence[str]) -> None:
        """Note that the source still has these: documents by id, and files that could not be read by their names."""
        with self._database.write() as session:
            scope = TenantScope(session, tenant)
            named = DocumentRow.source_id.in_(unread) | DocumentRow.filename.in_(unread)
            scope.execute(
                scope.update(DocumentRow)
                .where(DocumentRow.id.in_(document_ids) | ((DocumentRow.source == source) & named))
                .values(seen_in=job_id)
            )

    def finish(self, tenant: Tenant, batch: Sequence[Cut], sent: Sequence[Future[None]], progress: Progress) -> bool:
        """Wait until the points of `batch` are there; then mark it as indexed and record the progress, in one transaction.

        Returns whether someone has asked that the job stop.
        """
        for each in sent:
            each.result()
        ids = [cut.incoming.document_id for cut in batch]
        with self._database.write() as session:
            scope = TenantScope(session, tenant)
            mark = scope.update(DocumentRow).where(DocumentRow.id.in_(ids)).values(indexed=True)
            there = set(scope.execute(mark.returning(DocumentRow.id)).scalars()) if ids else set()
            partitions = scope.partitions()
            stop = progress.write(scope)
        # Someone deleted these while their points were on the way.
        gone = [identifier for identifier in ids if identifier not in there]
        for partition in partitions if gone else ():
            self._vectors.delete_documents(partition, gone)
        return stop

    def delete(self, tenant: Tenant, document_ids: Sequence[str], tell: Tell | None = None) -> int:
        return delete_documents(self._database, self._vectors, self.blobs, tenant, document_ids, tell=tell)

    def delete_unseen(self, tenant: Tenant, source: str, seen_in: str, tell: Tell | None = None) -> int:
        """Delete the documents of `source` that job `seen_in` did not meet."""
        with self._database.read() as session:
            scope = TenantScope(session, tenant)
            unseen = (DocumentRow.seen_in.is_(None)) | (DocumentRow.seen_in != seen_in)
            ids = (
                scope.execute(scope.select(DocumentRow.id).where(DocumentRow.source == source, unseen)).scalars().all()
            )
        return self.delete(tenant, ids, tell)

    def keep_original(self, tenant: Tenant, file: Path) -> str:
        return self.blobs.put(tenant.id, file)


def structure(document: Document) -> dict[str, Any]:
    """Pages, headings and tables of a document as `DocumentTextRow.structure` holds them; empty ones are left out."""
    parts: dict[str, Sequence[Page | Heading | Span]] = {
        "pages": document.pages,
        "headings": document.headings,
        "tables": document.tables,
    }
    return {name: [asdict(each) for each in found] for name, found in parts.items() if found}


def _document_row(source: str, cut: Cut, seen_in: str | None) -> dict[str, Any]:
    document, moment = cut.incoming.document, now()
    return {
        "id": cut.incoming.document_id,
        "source": source,
        "source_id": document.source_id,
        "content_hash": cut.incoming.content_hash,
        "title": document.title,
        "uri": document.uri,
        "filename": document.filename,
        "media_type": document.media_type,
        "language": cut.language,
        "attributes": document.metadata,
        "groups": document.groups,
        "valid_from": document.valid_from,
        "valid_until": document.valid_until,
        "characters": len(document.text),
        "bytes": cut.incoming.bytes,
        "chunk_count": len(cut.chunks),
        "original": cut.incoming.original,
        "picture": cut.incoming.picture,
        "indexed": False,
        "seen_in": seen_in,
        "created_at": cut.before.created_at if cut.before else moment,
        "updated_at": moment,
    }


def _files_before(cut: Cut) -> Iterator[str]:
    if cut.before is not None:
        yield from filter(None, (cut.before.original, cut.before.picture))


def _text_row(cut: Cut) -> dict[str, Any]:
    document = cut.incoming.document
    return {"document_id": cut.incoming.document_id, "text": document.text, "structure": structure(document)}


def _chunk_rows(cut: Cut) -> Iterator[dict[str, Any]]:
    for identifier, chunk in zip(chunk_ids(cut.incoming), cut.chunks, strict=False):
        yield {
            "id": identifier,
            "document_id": cut.incoming.document_id,
            "ordinal": chunk.ordinal,
            "start": chunk.start,
            "end": chunk.end,
            "page": chunk.page,
            "headings": chunk.headings,
            "text": chunk.text,
        }


def _entries(cut: Cut) -> Iterator[Entry]:
    incoming, document = cut.incoming, cut.incoming.document
    metadata = filterable(document.metadata)
    for identifier, chunk in zip(chunk_ids(incoming), cut.chunks, strict=False):
        yield Entry(
            identifier,
            incoming.document_id,
            chunk.text,
            document.title,
            chunk.headings,
            document.groups,
            document.valid_from,
            document.valid_until,
            metadata,
        )
