from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import orjson
import pytest

from ingest.bootstrap import Parts, opened_parts
from ingest.workflows import Jobs
from tests.contracts.fakes import InMemoryVectorStore
from vernacular.db.models import ChunkRow, DocumentRow, TenantRow
from vernacular.embeddings.protocol import Embedder
from vernacular.jobs import JobQueue, new_job_id
from vernacular.settings import IngestSettings, Settings
from vernacular.tenancy import Platform, Tenant, TenantScope
from vernacular.text.analyze import encode_query
from vernacular.vectors.protocol import Partition, Query

P = ParamSpec("P")
R = TypeVar("R")


def run_now(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """A step that keeps nothing."""
    return function(*args, **kwargs)


@dataclass
class Home:
    """A home with one tenant, and what tests do with it."""

    parts: Parts
    tenant: Tenant
    vectors: InMemoryVectorStore

    @property
    def queue(self) -> JobQueue:
        return JobQueue(self.parts.settings)

    def accept(self, records: Sequence[Mapping[str, Any] | bytes], *, sync: bool = False, source: str = "api") -> str:
        """Queue a job of these records; bytes are lines as they are."""
        job_id = new_job_id()
        lines = [each if isinstance(each, bytes) else orjson.dumps(each) for each in records]
        (self.queue.upload_folder(job_id) / "records.ndjson").write_bytes(b"\n".join(lines))
        items = [{"kind": "records", "file": "records.ndjson"}]
        return self.enqueue({"source": source, "sync": sync, "items": items}, job_id)

    def enqueue(self, spec: Mapping[str, Any], job_id: str | None = None) -> str:
        return self.queue.enqueue(self.parts.database, self.tenant, "ingest", spec, job_id)

    def run(self, job_id: str) -> dict[str, Any]:
        Jobs(self.parts, run_now).run(self.tenant.id, job_id)
        return self.view(job_id)

    def ingest(self, records: Sequence[Mapping[str, Any] | bytes], *, sync: bool = False) -> dict[str, Any]:
        return self.run(self.accept(records, sync=sync))

    def view(self, job_id: str) -> dict[str, Any]:
        return self.queue.show(self.parts.database, self.tenant, job_id)

    def documents(self) -> dict[str, DocumentRow]:
        with self.parts.database.read() as session:
            scope = TenantScope(session, self.tenant)
            return {row.source_id: row for row in scope.execute(scope.select(DocumentRow)).scalars()}

    def chunk_ids(self) -> set[str]:
        with self.parts.database.read() as session:
            scope = TenantScope(session, self.tenant)
            return set(scope.execute(scope.select(ChunkRow.id)).scalars())

    def generations(self) -> list[str]:
        with self.parts.database.read() as session:
            return [partition.generation for partition in TenantScope(session, self.tenant).partitions()]

    def found(self, words: str) -> list[str]:
        """Source ids of the documents that a search finds, best first."""
        with self.parts.database.read() as session:
            scope = TenantScope(session, self.tenant, self.vectors)
            names = {row.id: row.source_id for row in scope.execute(scope.select(DocumentRow)).scalars()}
            hits = scope.search(Query(sparse=encode_query(words), groups=None))
            return [names[hit.document_id] for hit in hits]

    @contextmanager
    def configured(self, embedder: Embedder | None) -> Iterator[Home]:
        """The same home as a worker with that embedding model, or with none, has it."""
        with opened_parts(self.parts.settings, self.vectors, embedder) as parts:
            yield replace(self, parts=parts)

    def active(self) -> Partition:
        with self.parts.database.read() as session:
            partition = TenantScope(session, self.tenant).active_partition()
        assert partition is not None
        return partition

    def dense(self, partition: Partition) -> int:
        """How many points of a generation have a dense vector."""
        return sum(point.dense is not None for point in self.vectors._points[partition].values())

    def points(self) -> int:
        with self.parts.database.read() as session:
            partition = TenantScope(session, self.tenant).active_partition()
        return 0 if partition is None else self.vectors.count(partition)


@pytest.fixture
def vectors() -> InMemoryVectorStore:
    return InMemoryVectorStore()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", ingest=IngestSettings(batch_documents=3))


@pytest.fixture
def home(settings: Settings, vectors: InMemoryVectorStore) -> Iterator[Home]:
    with opened_parts(settings, vectors) as parts:
        with parts.database.write() as session:
            tenant = Platform(session).create_tenant(TenantRow(slug="harbour"))
        yield Home(parts, tenant, vectors)


def record(number: int, text: str = "", **fields: Any) -> dict[str, Any]:
    return {"id": f"r{number}", "text": text or f"Notice number {number} about the swimming pool.", **fields}
