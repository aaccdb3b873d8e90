from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vernacular.db.base import Base, TenantOwned, now


class AuditHeadRow(TenantOwned, Base):
    """The end of a tenant's chain: the next entry's number, the last entry's hash, and the first number still kept.

    `nodes`: the roots of the perfect subtrees of the Merkle tree over all entries, in hexadecimal, largest first.
    `checkpointed`: how many entries the last signed checkpoint covers.
    """

    __tablename__ = "audit_heads"

    tenant_id: Mapped[str] = mapped_column(String(36), ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True)
    next_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    first_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    last_hash: Mapped[str] = mapped_column(String(64), default="")
    nodes: Mapped[list[str]] = mapped_column(JSON, default=list)
    checkpointed: Mapped[int] = mapped_column(BigInteger, default=0)
    checkpointed_at: Mapped[datetime] = mapped_column(default=now)


class AuditEntryRow(TenantOwned, Base):
    """An entry of a tenant's log: `body` is its canonical JSON, and nothing else of it is evidence.

    `event`, `at` and `subject` repeat what `body` says, to be searched by.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_at", "tenant_id", "at"),)

    tenant_id: Mapped[str] = mapped_column(String(36), ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(default=now)
    event: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(64), default="")
    body: Mapped[str] = mapped_column(Text)


class AuditSubjectRow(TenantOwned, Base):
    """The key that a person's content in the log is encrypted with; it is destroyed to erase that content."""

    __tablename__ = "audit_subjects"

    tenant_id: Mapped[str] = mapped_column(String(36), ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    created_at: Mapped[datetime] = mapped_column(default=now)
    erased_at: Mapped[datetime | None] = mapped_column(default=None)


class AuditCheckpointRow(TenantOwned, Base):
    """A signed tree head: `body` is its canonical JSON with the signature."""

    __tablename__ = "audit_checkpoints"

    tenant_id: Mapped[str] = mapped_column(String(36), ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(default=now)
    body: Mapped[str] = mapped_column(Text)
