from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from vernacular.db.base import Base, TenantOwned, new_id, now


class IndexGenerationRow(TenantOwned, Base):
    """One build of a tenant's vector index. Writes go to every generation listed; searches to the `active` one.

    `embedding`: fingerprint of the model that makes its dense vectors, of `dense_size` dimensions; "" and 0: it has none.
    """

    __tablename__ = "index_generations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    generation: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(20))
    embedding: Mapped[str] = mapped_column(String(120), default="", server_default="")
    dense_size: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(default=now)
