from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from vernacular.db.base import Base, TenantOwned, new_id, now


class EvalRunRow(TenantOwned, Base):
    """One run of a tenant's questions (`vernacular.evaluation`).

    `name` and `digest` (SHA-256 of the questions, in hexadecimal) say which runs can be held against one another. `asked`:
    answers were measured beside searches. `figures`: by variety, and each variety's gap to `standard`. `outcomes`: what
    came of each question, in order.
    """

    __tablename__ = "eval_runs"
    __table_args__ = (Index("ix_eval_runs_listing", "tenant_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    standard: Mapped[str] = mapped_column(String(35), default="")
    questions: Mapped[int] = mapped_column(Integer)
    asked: Mapped[bool] = mapped_column(Boolean, default=False)
    took_s: Mapped[float] = mapped_column(Float, default=0.0)
    version: Mapped[str] = mapped_column(String(40), default="")
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    outcomes: Mapped[list[Any]] = mapped_column(default=list, deferred=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
