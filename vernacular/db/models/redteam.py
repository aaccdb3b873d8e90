from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vernacular.db.base import Base, TenantOwned, new_id, now


class RedteamRunRow(TenantOwned, Base):
    """A run of attacks against an assistant. `report` is the signed document (canonical JSON), `figures` its sums."""

    __tablename__ = "redteam_runs"
    __table_args__ = (Index("ix_redteam_runs_listing", "tenant_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    assistant: Mapped[str] = mapped_column(String(100), default="default")
    suites: Mapped[list[str]] = mapped_column(default=list)
    version: Mapped[str] = mapped_column(String(40), default="")
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    report: Mapped[str] = mapped_column(Text, deferred=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
