from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vernacular.db.base import Base, TenantOwned, new_id, now


class SavedSearchRow(TenantOwned, Base):
    """A search that a person keeps under a name: `query` is what `/v1/search` takes. `owner_id`: the principal.

    `seen_at`: when its owner last looked, so that what is new since can be told.
    """

    __tablename__ = "saved_searches"
    __table_args__ = (UniqueConstraint("tenant_id", "owner_id", "name", name="uq_saved_searches_name"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(String(36))
    name: Mapped[str] = mapped_column(String(200))
    query: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
