from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class ConversationView(BaseModel):
    """`preferences`: what the person chose in it, such as `answer_in`, a variety."""

    id: str
    title: str
    preferences: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class MessageView(BaseModel):
    """`details` of an assistant's message: annotations, answered, reason, language, dialect, trace_id."""

    id: str
    role: str
    content: str
    details: dict[str, Any]
    created_at: datetime


class ConversationList(BaseModel):
    conversations: list[ConversationView]


class Conversation(ConversationView):
    messages: list[MessageView]


class ConversationDeleted(BaseModel):
    conversation_id: str
    deleted: bool = True
