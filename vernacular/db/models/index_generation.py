from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from vernacular.db.base import Base, TenantOwned, new_id, now


class IndexGenerationRow(TenantOwned, Base):
    """One build of a tenant's vector index. Writes go to every generation listed; searches to the `active` one."""

    __tablename__ = "index_generations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    generation: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(default=now)
