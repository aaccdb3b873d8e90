"""A tenant's documents in memory, for asking the pipeline."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from ingest.chunk import chunk
from ingest.points import filterable
from tests.contracts.fakes import InMemoryVectorStore
from vernacular.db.base import Base
from vernacular.db.models import ChunkRow, DocumentRow, DocumentTextRow, TenantRow
from vernacular.embeddings.protocol import Embedder
from vernacular.tenancy import ACTIVE, Platform, TenantScope
from vernacular.text.analyze import encode_document
from vernacular.types import Document, Hit
from vernacular.vectors.protocol import Partition, Point

TODAY = date(2026, 6, 1)
CONTACT = {"name": "Residents' desk", "phone": "555 0100"}


def document(source_id: str, text: str, title: str = "", **fields: Any) -> Document:
    return Document(source_id, text, title, **fields)


@contextmanager
def library(
    documents: Sequence[Document], groups: tuple[str, ...] | None = None, embedder: Embedder | None = None
) -> Iterator[TenantScope]:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    with Session(engine, expire_on_commit=False) as session:
        tenant = Platform(session).create_tenant(TenantRow(slug="town", languages=["en"], profile={"contact": CONTACT}))
        scope = TenantScope(session, tenant, InMemoryVectorStore(), groups)
        model = (embedder.fingerprint, embedder.dimension) if embedder else ("", 0)
        partition = scope.add_generation("1", ACTIVE, *model)
        for each in documents:
            _store(scope, partition, each, embedder)
        session.commit()
        yield scope
    engine.dispose()


def _store(scope: TenantScope, partition: Partition, source: Document, embedder: Embedder | None) -> None:
    row = DocumentRow(
        id=str(uuid.uuid4()),
        source="test",
        source_id=source.source_id,
        content_hash="",
        title=source.title,
        attributes=dict(source.metadata),
        groups=list(source.groups),
        valid_from=source.valid_from,
        valid_until=source.valid_until,
    )
    scope.add(row)
    scope.session.flush()
    scope.add(DocumentTextRow(document_id=row.id, text=source.text, structure={}))
    points: list[Point] = []
    for each in chunk(source):
        held = ChunkRow(
            id=str(uuid.uuid4()),
            document_id=row.id,
            ordinal=each.ordinal,
            start=each.start,
            end=each.end,
            headings=list(each.headings),
            text=each.text,
        )
        scope.add(held)
        points.append(
            Point(
                held.id,
                row.id,
                encode_document(each.text, source.title),
                embedder.encode_documents([f"{source.title}\n{each.text}"])[0] if embedder else None,
                groups=source.groups,
                valid_from=source.valid_from,
                valid_until=source.valid_until,
                metadata=filterable(source.metadata),
            )
        )
    scope.session.flush()
    scope.vectors.upsert(partition, points)


def hit(text: str, score: float = 1.0, title: str = "", headings: tuple[str, ...] = ()) -> Hit:
    return Hit(str(uuid.uuid4()), "document", "source", title, text, score, headings=headings)


TOWN = [
    document(
        "bikes",
        "Residents may rent a bicycle at any station of the town. A bicycle costs 4 crowns an hour, and the first half "
        "hour is free. Bicycles must be returned to a station before midnight.",
        "Bicycle rental",
    ),
    document(
        "pool",
        "The outdoor swimming pool opens on 15 May. A day ticket for the pool costs 9 crowns for adults. Children under "
        "six swim for free.",
        "Outdoor swimming pool",
    ),
    document(
        "dogs",
        "Every dog older than three months must be registered at the town hall. The registration fee is 30 crowns a year. "
        "Owners receive a tag that the dog must wear.",
        "Dog registration",
    ),
    document(
        "library",
        "The library lends books for four weeks. A loan can be extended twice unless someone waits for the book. Overdue "
        "books cost 1 crown a day.",
        "Town library",
    ),
    document(
        "basura",
        "La recogida de muebles viejos es gratuita dos veces al año. La cita se pide por teléfono con una semana de "
        "antelación. Cada recogida adicional cuesta 12 coronas.",
        "Recogida de muebles",
    ),
    document(
        "parking",
        "住宅區泊車許可證每月收費為 450 元。申請人須出示行車證和住址證明。許可證遺失，補發每張 95 元。",
        "住宅區泊車許可證",
    ),
    document(
        "rukhsa",
        "تصدر رخصة البناء خلال عشرين يوم عمل من تاريخ تقديم الطلب. رسوم رخصة البناء 600 كرون لكل طابق. يجب أن يرفق بالطلب "
        "مخطط الموقع.",
        "رخصة البناء",
    ),
]
