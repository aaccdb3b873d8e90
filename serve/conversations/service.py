from __future__ import annotations

from serve.conversations import repository
from serve.conversations.schemas import Conversation, ConversationList, ConversationView, MessageView
from serve.deps import Access
from vernacular.db.models import ConversationRow

TITLE_CHARS = 80


def list_own(access: Access, limit: int) -> ConversationList:
    with access.read() as scope:
        rows = repository.latest(scope, access.principal, limit)
        titles = repository.first_questions(scope, [row.id for row in rows])
    return ConversationList(conversations=[_view(row, titles.get(row.id, "")) for row in rows])


def show(access: Access, conversation_id: str) -> Conversation:
    """
    Raises:
        UnknownConversation: there is none, or it is someone else's.
    """
    with access.read() as scope:
        row = repository.find(scope, access.principal, conversation_id)
        found = repository.messages(scope, conversation_id)
        ratings = repository.ratings(scope, [message.id for message in found])
    if row.owner_id != access.principal.id:
        access.note("conversation.read", subject=row.subject, facts={"conversation": row.id})
    head = _view(row, found[0].content if found else "")
    return Conversation(
        **head.model_dump(),
        messages=[
            MessageView(
                id=m.id,
                role=m.role,
                content=m.content,
                details=m.details,
                created_at=m.created_at,
                rating=ratings.get(m.id),
            )
            for m in found
        ],
    )


def delete(access: Access, conversation_id: str) -> None:
    """
    Raises:
        UnknownConversation: there is none, or it is someone else's.
    """
    with access.write() as scope:
        row = repository.find(scope, access.principal, conversation_id)
        repository.remove(scope, row)
        access.record(scope, "conversation.deleted", subject=row.subject, facts={"conversation": row.id})


def note_export(access: Access, conversation: Conversation, shape: str) -> None:
    """Into the audit log: the conversation left as a file."""
    access.note("conversation.exported", facts={"conversation": conversation.id, "format": shape})


def _view(row: ConversationRow, question: str) -> ConversationView:
    return ConversationView(
        id=row.id,
        title=question[:TITLE_CHARS],
        preferences=row.preferences,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
