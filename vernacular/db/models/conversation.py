from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vernacular.db.base import Base, TenantOwned, new_id, now


class ConversationRow(TenantOwned, Base):
    """`preferences`: what the person wishes for in it, in the form of `vernacular.dialects.preferences`.

    `owner_id`: the principal that led it. `subject`: the pseudonym of the person, under which her data are erased (see
    `vernacular.audit.subjects`).
    """

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    owner_id: Mapped[str | None] = mapped_column(String(36), default=None)
    subject: Mapped[str] = mapped_column(String(64), default="", index=True)
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class MessageRow(TenantOwned, Base):
    """One turn. `details` of an assistant's turn: annotations, answered, reason, language, dialect, trace_id; and `took_ms`, null
    where it was cut off, and `first_ms`, until the first of it was sent."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_conversation", "conversation_id", "position"),
        Index("ix_messages_figures", "tenant_id", "role", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(String(36), ForeignKey("conversations.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    role: Mapped[str] = mapped_column(String(20))
    content: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
