"""A whole system for the state machine: the gateway over SQLite, one of the two real vector stores, ingest, and what is learned."""

from __future__ import annotations

import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response
from qdrant_client import QdrantClient

from ingest.identity import document_id
from ingest.learn import Learner
from ingest.pipeline import Pipeline, Work
from ingest.plan import Read
from ingest.reindex import Copied, Reindexer
from ingest.store import DocumentStore
from serve.app import create_app
from serve.bootstrap import Services, make_services
from vernacular.adapters import AdapterStore
from vernacular.db.migrate import migrate
from vernacular.db.models import ApiKeyRow, ConversationRow, CorpusRow, DocumentRow, MessageRow, TenantRow
from vernacular.db.session import open_database
from vernacular.documents import delete_documents, drop_tenant
from vernacular.settings import Settings
from vernacular.tenancy import Platform, Tenant, TenantScope
from vernacular.types import Document
from vernacular.vectors.edge import EdgeDriver
from vernacular.vectors.protocol import Query, ScoredPoint, VectorStore
from vernacular.vectors.server import ServerDriver
from vernacular.vectors.store import QdrantStore
from vernacular.vectors.supervise import OwnerProcess

SOURCE = "machine"


@dataclass
class System:
    """What the machine acts on. `keeps_tenants`: they stay from one example to the next, emptied, as to make their shards takes
    longest; else each example has tenants of its own."""

    services: Services
    http: TestClient
    keeps_tenants: bool = True
    tenants: list[Tenant] = field(default_factory=list)

    def tenant(self, *, sealed: bool = False) -> Tenant:
        with self.services.database.write() as session:
            row = TenantRow(slug=f"t{uuid.uuid4().hex[:12]}", languages=["en"], profile={"sealed": sealed})
            tenant = Platform(session).create_tenant(row)
        self.tenants.append(tenant)
        return tenant

    def clear(self) -> None:
        """Take everything from the tenants, or drop them."""
        services = self.services
        services.keys.forget()
        if not self.keeps_tenants:
            adapters = AdapterStore(services.settings.adapters_path)
            for tenant in self.tenants:
                drop_tenant(services.database, services.vectors, services.blobs, adapters, tenant)
            self.tenants.clear()
        for tenant in self.tenants:
            with services.database.read() as session:
                scope = TenantScope(session, tenant)
                documents = list(scope.execute(scope.select(DocumentRow.id)).scalars())
            delete_documents(services.database, services.vectors, services.blobs, tenant, documents)
            with services.database.write() as session:
                scope = TenantScope(session, tenant)
                for held in (MessageRow, ConversationRow, ApiKeyRow, CorpusRow):
                    scope.execute(scope.delete(held))

    def key(self, tenant: Tenant, role: str, groups: Sequence[str]) -> str:
        with self.services.database.write() as session:
            return self.services.keys.ring.issue(TenantScope(session, tenant), role=role, groups=groups)

    def regroup(self, tenant: Tenant, key: str, role: str, groups: Sequence[str]) -> None:
        """The change as the gateway that makes it sees it: at once."""
        with self.services.database.write() as session:
            row: ApiKeyRow = self.services.keys.ring.find(TenantScope(session, tenant), key)
            row.role, row.groups = role, list(groups)
        self.services.keys.forget()

    def put(self, tenant: Tenant, source_id: str, text: str, title: str, groups: Sequence[str]) -> str:
        """Through the whole of ingest; the document's id."""
        document = Document(source_id=source_id, title=title, text=text, language="en", groups=tuple(groups))
        store = DocumentStore(self.services.database, self.services.vectors, self.services.blobs)
        work = Work(tenant, uuid.uuid4().hex, SOURCE)
        Pipeline(self.services.settings.ingest, store).run(work, [Read(document)])
        return document_id(tenant.id, SOURCE, source_id)

    def learn(self, tenant: Tenant) -> None:
        Learner(self.services.database).after_job(tenant)

    def reindex(self, tenant: Tenant) -> None:
        reindexer = Reindexer(self.services.database, self.services.vectors)
        generation, _total = reindexer.begin(tenant)
        copied = Copied(" ", 0)
        while copied.after:
            copied = reindexer.copy(tenant, generation, copied, None)
        reindexer.drop(tenant, reindexer.switch(tenant, generation))

    def points(self, tenant: Tenant, query: Query, groups: tuple[str, ...] | None) -> list[ScoredPoint]:
        """What the index alone gives a person with these groups, before SQL is asked."""
        with self.services.database.read() as session:
            return TenantScope(session, tenant, self.services.vectors, groups).search(query)

    def call(self, method: str, path: str, key: str, **request: Any) -> Response:
        return self.http.request(method, path, headers={"Authorization": f"Bearer {key}"}, **request)


@contextmanager
def running_system(
    home: Path, open_vectors: Callable[[], AbstractContextManager[VectorStore]], *, keeps_tenants: bool = True
) -> Iterator[System]:
    settings = Settings(home=home)
    settings.serve = settings.serve.model_copy(update={"worker": False})

    @contextmanager
    def opener(settings: Settings) -> Iterator[Services]:
        database = open_database(settings)
        migrate(database)
        with open_vectors() as vectors:
            yield make_services(settings, database, vectors)
        database.close()

    app = create_app(settings, opener)
    with TestClient(app) as http:
        yield System(app.state.services, http, keeps_tenants)


@contextmanager
def edge_vectors(folder: Path) -> Iterator[VectorStore]:
    """Qdrant Edge, in its owner process."""
    with OwnerProcess(folder / "vectors", folder / "s", open_shards=8):
        store = QdrantStore(EdgeDriver(folder / "s"))
        yield store
        store.close()


@contextmanager
def server_vectors() -> Iterator[VectorStore]:
    """The driver of a Qdrant server, on its client's local mode: all tenants in one collection, but for the sealed ones."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        store = QdrantStore(ServerDriver(QdrantClient(":memory:"), "test"))
        yield store
