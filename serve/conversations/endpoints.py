from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from serve.conversations import service
from serve.conversations.export import as_json, as_markdown
from serve.conversations.schemas import Conversation, ConversationDeleted, ConversationList
from serve.deps import ConversationAccess, ConversationListAccess
from serve.responses import MARKDOWN, Format, JsonResponse

router = APIRouter(tags=["conversations"])


_SUFFIX: Final = {Format.JSON: "json", Format.MARKDOWN: "md"}
_SHAPES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/json": {}, "text/markdown": {"schema": {"type": "string"}}}}
}


@router.get("/v1/conversations")
def list_conversations(
    access: ConversationListAccess, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> ConversationList:
    """The conversations led with this key, the last one used first."""
    return service.list_own(access, limit)


@router.get("/v1/conversations/{conversation_id}")
def show_conversation(access: ConversationAccess, conversation_id: str) -> Conversation:
    return service.show(access, conversation_id)


@router.get("/v1/conversations/{conversation_id}/export", responses=_SHAPES)
def export_conversation(
    access: ConversationAccess, conversation_id: str, shape: Annotated[Format, Query(alias="format")] = Format.JSON
) -> Response:
    """The conversation as a file, labelled as AI-generated for people and for programs."""
    found = service.show(access, conversation_id)
    service.note_export(access, found, shape)
    tenant = access.principal.tenant
    name = {"content-disposition": f'attachment; filename="conversation-{found.id}.{_SUFFIX[shape]}"'}
    if shape == Format.MARKDOWN:
        return Response(as_markdown(tenant, found), media_type=MARKDOWN, headers=name)
    return JsonResponse(as_json(tenant, found), headers=name)


@router.delete("/v1/conversations/{conversation_id}")
def delete_conversation(access: ConversationAccess, conversation_id: str) -> ConversationDeleted:
    """Remove a conversation of yours with its messages. The audit log keeps, encrypted, that and what was asked."""
    service.delete(access, conversation_id)
    return ConversationDeleted(conversation_id=conversation_id)
