from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Float, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vernacular.db.base import Base, TenantOwned, new_id, now


class AdapterRow(TenantOwned, Base):
    """A LoRA adapter of a tenant. The rows say what model servers are to have loaded; gateways bring that about.

    `name` is what model servers know it by. `dialect` and `assistant` empty: any. `path` lies under the folder of adapters
    and never changes, nor do the files, whose `digest` it ends in. `state`: registered, active or retired. `share`: of
    the assistant's conversations that get it, 0 to 1. `note` says why it is not loaded though active. `lineage`: the
    data it was made from, their digest, the recipe, who and when.
    """

    __tablename__ = "adapters"
    __table_args__ = (
        UniqueConstraint("tenant_id", "dialect", "version", name="uq_adapters_version"),
        Index("ix_adapters_state", "state"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    dialect: Mapped[str] = mapped_column(String(35), default="")
    base_model: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(Integer)
    path: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    rank: Mapped[int] = mapped_column(Integer)
    target_modules: Mapped[list[str]] = mapped_column(default=list)
    lineage: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(20), default="registered")
    assistant: Mapped[str] = mapped_column(String(100), default="default")
    share: Mapped[float] = mapped_column(Float, default=1.0)
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
