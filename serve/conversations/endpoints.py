from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from serve.conversations import service
from serve.conversations.schemas import Conversation, ConversationList
from serve.deps import MemberAccess

router = APIRouter(tags=["conversations"])


@router.get("/v1/conversations")
def list_conversations(access: MemberAccess, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> ConversationList:
    """The conversations led with this key, the last one used first."""
    return service.list_own(access, limit)


@router.get("/v1/conversations/{conversation_id}")
def show_conversation(access: MemberAccess, conversation_id: str) -> Conversation:
    return service.show(access, conversation_id)
