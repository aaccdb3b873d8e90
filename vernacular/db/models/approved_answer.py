from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vernacular.db.base import Base, TenantOwned, new_id, now


class ApprovedAnswerRow(TenantOwned, Base):
    """An answer that an editor wrote or approved for a question, and for the `variants` of its wording.

    It is a document of its own too, so that it is searched and cited as any other; see `vernacular.approved`. `language`: a BCP 47 tag. `uri`: where to
    read more. `created_by`, `updated_by`: principals. `borrowed`: of the wordings that are a person's own, word for word, her pseudonym, by
    which they go when she is erased. `question` is empty where it was one of them, and nothing took its place.
    """

    __tablename__ = "approved_answers"
    __table_args__ = (Index("ix_approved_answers_listing", "tenant_id", "updated_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    question: Mapped[str] = mapped_column(Text)
    variants: Mapped[list[str]] = mapped_column(default=list)
    borrowed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answer: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(35), default="")
    uri: Mapped[str | None] = mapped_column(Text, default=None)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    valid_from: Mapped[date | None] = mapped_column(default=None)
    valid_until: Mapped[date | None] = mapped_column(default=None)
    created_by: Mapped[str] = mapped_column(String(64), default="")
    updated_by: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
