from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vernacular.access.principal import Principal, Role
from vernacular.db.base import new_id, now
from vernacular.db.models import ConversationRow, FeedbackRow, MessageRow
from vernacular.errors import UnknownConversation
from vernacular.tenancy import TenantScope


def find(scope: TenantScope, principal: Principal, conversation_id: str) -> ConversationRow:
    """
    Raises:
        UnknownConversation: there is none, or it was led with another key. Administrators see all of their tenant's.
    """
    row = scope.get(ConversationRow, conversation_id)
    if row is None or (row.owner_id != principal.id and principal.role < Role.admin):
        raise UnknownConversation("There is no such conversation.")
    return row


def latest(scope: TenantScope, principal: Principal, limit: int) -> list[ConversationRow]:
    """The conversations led with this key, the last one used first."""
    statement = scope.select(ConversationRow).where(ConversationRow.owner_id == principal.id)
    statement = statement.order_by(ConversationRow.updated_at.desc(), ConversationRow.id).limit(limit)
    return list(scope.execute(statement).scalars())


def messages(scope: TenantScope, conversation_id: str) -> list[MessageRow]:
    statement = scope.select(MessageRow).where(MessageRow.conversation_id == conversation_id)
    return list(scope.execute(statement.order_by(MessageRow.position)).scalars())


def ratings(scope: TenantScope, message_ids: list[str]) -> dict[str, int]:
    """What was said of these answers, by their ids."""
    statement = scope.select(FeedbackRow.message_id, FeedbackRow.rating).where(FeedbackRow.message_id.in_(message_ids))
    return {str(row.message_id): int(row.rating) for row in scope.execute(statement)}


def message(scope: TenantScope, message_id: str) -> MessageRow | None:
    return scope.get(MessageRow, message_id)


def first_questions(scope: TenantScope, conversation_ids: list[str]) -> dict[str, str]:
    """What each conversation began with."""
    statement = scope.select(MessageRow.conversation_id, MessageRow.content)
    statement = statement.where(MessageRow.conversation_id.in_(conversation_ids), MessageRow.position == 0)
    return {str(row.conversation_id): str(row.content) for row in scope.execute(statement)}


def add_turn(
    scope: TenantScope,
    principal: Principal,
    conversation_id: str,
    *,
    message_id: str,
    begins: bool,
    question: str,
    answer: str,
    details: dict[str, Any],
    preferences: Mapping[str, Any],
    subject: str,
    unnamed: str,
) -> None:
    """Add a question and its answer, the message of that id, to the conversation; `begins`: to a new one of that id.

    `preferences`: those that the person changed with it; the others stay. `subject`: the person's pseudonym, `unnamed` the
    one that she has for as long as nobody names her.
    """
    if begins:
        begun = ConversationRow(
            id=conversation_id, owner_id=principal.id, subject=subject, preferences=dict(preferences)
        )
        scope.add(begun)
        position = 0
    else:
        conversation = find(scope, principal, conversation_id)
        conversation.updated_at = now()
        if conversation.subject in {"", unnamed}:
            conversation.subject = subject
        conversation.preferences = {**conversation.preferences, **preferences}
        position = scope.count(MessageRow, MessageRow.conversation_id == conversation_id)
    scope.session.flush()
    turn = [(new_id(), "user", question, {}), (message_id, "assistant", answer, details)]
    for offset, (identifier, role, content, kept) in enumerate(turn):
        scope.add(
            MessageRow(
                id=identifier,
                conversation_id=conversation_id,
                position=position + offset,
                role=role,
                content=content,
                details=kept,
            )
        )


def remove(scope: TenantScope, conversation: ConversationRow) -> None:
    """With its messages, which go by their foreign key."""
    scope.execute(scope.delete(ConversationRow).where(ConversationRow.id == conversation.id))
