from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vernacular.db.base import Base, TenantOwned, new_id, now


class PromptVersionRow(TenantOwned, Base):
    """One version of a text that the tenant's editors give its assistants; versions are never changed, only followed by others.

    `name`: which text, e.g. `persona`. `version`: from 1. `active`: at most one of a name. `note`: why it was made.
    """

    __tablename__ = "prompt_versions"
    __table_args__ = (UniqueConstraint("tenant_id", "name", "version", name="uq_prompt_versions"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(400), default="")
    active: Mapped[bool] = mapped_column(Boolean, default=False)
    created_by: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
