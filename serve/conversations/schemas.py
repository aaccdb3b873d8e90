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
    """`details` of an assistant's message: its annotations, and what `vernacular` said of it. `rating`: 1 or -1, if it got one."""

    id: str
    role: str
    content: str
    details: dict[str, Any]
    created_at: datetime
    rating: int | None = None


class ConversationList(BaseModel):
    conversations: list[ConversationView]


class Conversation(ConversationView):
    messages: list[MessageView]


class ConversationDeleted(BaseModel):
    conversation_id: str
    deleted: bool = True
