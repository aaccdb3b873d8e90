from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vernacular.db.base import Base, TenantOwned, new_id, now


class DocumentRow(TenantOwned, Base):
    """A document's head; its text is in `DocumentTextRow`, so that lists stay light.

    `attributes` is what the source calls metadata. `original` is the hash of the file it came from, `picture` that of the picture shown beside it, if any.
    `bytes`: of the text (UTF-8) and those files. `indexed` turns true once its points are in every generation of the index: what a
    crash interrupted stays false.
    `seen_in` is the last job that met the document while following its source's deletions.
    """

    __tablename__ = "documents"
    __table_args__ = (
        # PostgreSQL cannot index names so long; `ingest.identity` makes the id from the three, so that it is as unique.
        UniqueConstraint("tenant_id", "source", "source_id", name="uq_documents_source").ddl_if(dialect="sqlite"),
        Index("ix_documents_listing", "tenant_id", "created_at", "id"),
        Index("ix_documents_updated", "tenant_id", "updated_at"),
        Index("ix_documents_begins", "tenant_id", "valid_from"),
        Index("ix_documents_ends", "tenant_id", "valid_until"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    source: Mapped[str] = mapped_column(String(400))
    source_id: Mapped[str] = mapped_column(String(1000))
    content_hash: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(Text, default="")
    uri: Mapped[str | None] = mapped_column(Text, default=None)
    filename: Mapped[str | None] = mapped_column(String(1000), default=None)
    media_type: Mapped[str] = mapped_column(String(200), default="text/plain")
    language: Mapped[str | None] = mapped_column(String(35), default=None)
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    groups: Mapped[list[str]] = mapped_column(default=list)
    valid_from: Mapped[date | None] = mapped_column(default=None)
    valid_until: Mapped[date | None] = mapped_column(default=None)
    characters: Mapped[int] = mapped_column(Integer, default=0)
    bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    chunk_count: Mapped[int] = mapped_column(Integer, default=0)
    original: Mapped[str | None] = mapped_column(String(64), default=None)
    picture: Mapped[str | None] = mapped_column(String(64), default=None)
    indexed: Mapped[bool] = mapped_column(default=False)
    seen_in: Mapped[str | None] = mapped_column(String(36), default=None)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class DocumentTextRow(TenantOwned, Base):
    """The parsed text that every offset refers to, and its `structure`: pages, headings, tables."""

    __tablename__ = "document_texts"

    document_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    text: Mapped[str] = mapped_column(Text)
    structure: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ChunkRow(TenantOwned, Base):
    __tablename__ = "chunks"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    document_id: Mapped[str] = mapped_column(String(36), ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    ordinal: Mapped[int] = mapped_column(Integer)
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    page: Mapped[int | None] = mapped_column(Integer, default=None)
    headings: Mapped[list[str]] = mapped_column(default=list)
    text: Mapped[str] = mapped_column(Text)
