from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from vernacular.db.base import Base, TenantOwned


class CorpusRow(TenantOwned, Base):
    """What was learned from a tenant's documents (`vernacular.corpus`): `payload`, new with every `revision`.

    `passages`: how many chunks there were, and `began_at` when, as it was built. `deletions` counts those since the
    row is there, `forgotten` how many of them had come before the build: words of the others may still be in it.
    """

    __tablename__ = "corpora"

    tenant_id: Mapped[str] = mapped_column(String(36), ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[str] = mapped_column(String(36), default="")
    passages: Mapped[int] = mapped_column(Integer, default=0)
    deletions: Mapped[int] = mapped_column(Integer, default=0)
    forgotten: Mapped[int] = mapped_column(Integer, default=0)
    began_at: Mapped[datetime | None] = mapped_column(default=None)
    payload: Mapped[bytes] = mapped_column(LargeBinary, default=b"", deferred=True)
