from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vernacular.db.base import Base, TenantOwned, now


class FeedbackRow(TenantOwned, Base):
    """What a person thinks of an answer, one a message; it goes with the conversation.

    `rating`: 1 or -1. `reason`: one of a few words that the API names, "" for none. `handled_at`: when an editor put it aside.
    """

    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_listing", "tenant_id", "created_at"),)

    message_id: Mapped[str] = mapped_column(String(36), ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    rating: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(String(40), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    handled_at: Mapped[datetime | None] = mapped_column(default=None)


class QuestionReviewRow(TenantOwned, Base):
    """What editors did about a question that was not answered; it goes with the conversation.

    `message_id`: of the decline. `outcome`: `approved`, `document` or `dismissed`. `by`: the principal.
    """

    __tablename__ = "question_reviews"

    message_id: Mapped[str] = mapped_column(String(36), ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(20))
    approved_id: Mapped[str | None] = mapped_column(String(36), default=None)
    by: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
