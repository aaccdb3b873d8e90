"""A gateway for tests: the real application over SQLite in a folder of the test's, with vectors kept in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi.testclient import TestClient
from httpx2 import Response

from serve.app import Opener, create_app
from serve.bootstrap import Services, make_services
from serve.rag.pipeline import RagPipeline
from tests.contracts.fakes import InMemoryVectorStore
from vernacular.access import passwords, users
from vernacular.access.keys import KeyRing
from vernacular.db.base import new_id
from vernacular.db.migrate import migrate
from vernacular.db.models import AuditEntryRow, ChunkRow, DocumentRow, DocumentTextRow, TenantRow
from vernacular.db.session import open_database
from vernacular.settings import AccessSettings, GenerationSettings, Settings, SqlSettings
from vernacular.tenancy import ACTIVE, Platform, Tenant, TenantScope
from vernacular.text.analyze import encode_document
from vernacular.vectors.protocol import Point

PASSWORD: Final = "a lamp beside seven rivers"


@dataclass
class Gateway:
    """The running application, and what a test needs to bring it into a state."""

    http: TestClient
    services: Services
    tenants: dict[str, Tenant] = field(default_factory=dict)

    def tenant(self, slug: str, **columns: Any) -> Tenant:
        with self.services.database.write() as session:
            tenant = Platform(session).create_tenant(TenantRow(slug=slug, display_name=slug.title(), **columns))
            TenantScope(session, tenant).add_generation("g1", ACTIVE)
        self.tenants[slug] = tenant
        return tenant

    def key(
        self,
        slug: str,
        role: str = "admin",
        groups: Sequence[str] = (),
        expires_at: datetime | None = None,
        scopes: Sequence[str] = (),
    ) -> str:
        with self.services.database.write() as session:
            scope = TenantScope(session, self.tenants[slug])
            return self.ring.issue(scope, role=role, groups=groups, expires_at=expires_at, scopes=scopes)

    def user(self, slug: str, username: str, password: str = PASSWORD, **columns: Any) -> str:
        """An account that can sign in; its id."""
        with self.services.database.write() as session:
            scope = TenantScope(session, self.tenants[slug])
            row = users.create(scope, username=username, password_hash=_hashed(password), **columns)
            return row.id

    def sign_in(self, slug: str, username: str) -> str:
        """The token of a new sign-in, without asking for the password."""
        with self.services.database.write() as session:
            scope = TenantScope(session, self.tenants[slug])
            return self.services.keys.sessions.begin(scope, users.find(scope, username))[0]

    def log_in(self, slug: str, username: str, password: str = PASSWORD) -> Response:
        return self.call("POST", "/v1/login", json={"tenant": slug, "username": username, "password": password})

    def audited(self, slug: str) -> list[str]:
        """The names of the tenant's audit log's entries, the oldest first."""
        self.services.audit.flush()
        with self.services.database.read() as session:
            scope = TenantScope(session, self.tenants[slug])
            return list(scope.execute(scope.select(AuditEntryRow.event).order_by(AuditEntryRow.seq)).scalars())

    def revoke(self, slug: str, key: str) -> None:
        with self.services.database.write() as session:
            self.ring.revoke(TenantScope(session, self.tenants[slug]), key)

    @property
    def ring(self) -> KeyRing:
        return KeyRing(self.services.settings.home)

    def put(self, slug: str, source_id: str, text: str, **columns: Any) -> str:
        """A document of one chunk, in SQL and in the index; its id."""
        tenant, document_id, chunk_id = self.tenants[slug], new_id(), new_id()
        structure = columns.pop("structure", {})
        row = DocumentRow(
            id=document_id,
            source="test",
            source_id=source_id,
            content_hash=source_id,
            characters=len(text),
            chunk_count=1,
            indexed=True,
            **columns,
        )
        chunk = ChunkRow(id=chunk_id, document_id=document_id, ordinal=0, start=0, end=len(text), text=text)
        with self.services.database.write() as session:
            scope = TenantScope(session, tenant, self.services.vectors)
            scope.add(row)
            scope.session.flush()
            scope.add(DocumentTextRow(document_id=document_id, text=text, structure=structure))
            scope.add(chunk)
            partition = scope.partitions()[0]
        self.services.vectors.upsert(partition, [_point(row, chunk)])
        return document_id

    def keep(self, slug: str, data: bytes) -> str:
        """A file as the original of a document to be; its digest."""
        file = self.services.settings.home / "sent"
        file.write_bytes(data)
        return self.services.blobs.put(self.tenants[slug].id, file)

    def call(self, method: str, path: str, key: str | None = None, **request: Any) -> Response:
        headers = dict(request.pop("headers", {}))
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        return self.http.request(method, path, headers=headers, **request)

    def ask(self, key: str, question: Any, **more: Any) -> Response:
        body = {"model": "default", "messages": [{"role": "user", "content": question}], **more}
        return self.call("POST", "/v1/chat/completions", key, json=body)


def memory_services(rag: RagPipeline | None = None) -> Opener:
    """Services over SQLite, with vectors in memory; `rag` takes the place of the real pipeline."""

    @contextmanager
    def opener(settings: Settings) -> Iterator[Services]:
        database = open_database(settings)
        migrate(database)
        services = make_services(settings, database, InMemoryVectorStore())
        yield services if rag is None else replace(services, rag=rag)
        services.pages.close()
        services.quotas.close()
        services.audit.close()
        database.close()

    return opener


@contextmanager
def running_gateway(
    home: Path,
    rag: RagPipeline | None = None,
    url: str = "",
    generation: Mapping[str, Any] | None = None,
    access: AccessSettings | None = None,
    **serve: Any,
) -> Iterator[Gateway]:
    """The gateway, without a worker, with its data under `home` or at `url`; `generation` and `serve` change settings of
    those sections."""
    settings = Settings(home=home, sql=SqlSettings(url=url), generation=GenerationSettings(**generation or {}))
    settings.access = access or settings.access
    settings.serve = settings.serve.model_copy(update={"worker": False, **serve})
    app = create_app(settings, memory_services(rag))
    with TestClient(app) as http:
        yield Gateway(http, app.state.services)


def _point(row: DocumentRow, chunk: ChunkRow) -> Point:
    metadata: Mapping[str, Any] = row.attributes or {}
    valid_from: date | None = row.valid_from
    return Point(
        chunk_id=chunk.id,
        document_id=row.id,
        sparse=encode_document(chunk.text),
        groups=tuple(row.groups or ()),
        valid_from=valid_from,
        valid_until=row.valid_until,
        metadata=metadata,
    )


@cache
def _hashed(password: str) -> str:
    """Hashing takes long on purpose; tests that share a password share its hash."""
    return passwords.hash_password(password)
