from __future__ import annotations

from typing import Any, Final

from serve.conversations import repository as conversations
from serve.deps import Access
from serve.feedback import repository
from serve.feedback.schemas import FeedbackGiven, FeedbackRequest
from vernacular.errors import NotFound, UnknownConversation
from vernacular.safety.overrides import policy_of
from vernacular.safety.prompts import check_prompt
from vernacular.tenancy import TenantScope

WITHDRAWN: Final = 0


def give(access: Access, request: FeedbackRequest) -> FeedbackGiven:
    """Keep what the person thinks of an answer. Personal data in a comment are masked where the policy masks those of questions.

    Raises:
        UnknownConversation: there is none, or it was led with another key: administrators rate no answers of others.
        NotFound: the conversation holds no such answer.
    """
    comment = _masked(access, request.comment.strip())
    with access.write() as scope:
        conversation = conversations.find(scope, access.principal, request.conversation_id)
        if conversation.owner_id != access.principal.id:
            raise UnknownConversation("There is no such conversation.")
        _check_answer(scope, request)
        facts: dict[str, Any] = {"conversation": conversation.id, "message": request.message_id}
        if request.rating == WITHDRAWN:
            if repository.withdraw(scope, request.message_id):
                access.record(scope, "feedback.withdrawn", subject=conversation.subject, facts=facts)
        else:
            reason = request.reason or ""
            repository.put(scope, request.message_id, rating=request.rating, reason=reason, comment=comment)
            access.record(
                scope,
                "feedback.given",
                subject=conversation.subject,
                facts={**facts, "rating": request.rating, "reason": str(reason)},
                content={"comment": comment} if comment else {},
            )
    return FeedbackGiven(message_id=request.message_id, rating=request.rating)


def _masked(access: Access, comment: str) -> str:
    if not comment:
        return ""
    return check_prompt(comment, policy_of(access.principal.tenant, access.services.settings)).redacted


def _check_answer(scope: TenantScope, request: FeedbackRequest) -> None:
    answer = conversations.message(scope, request.message_id)
    if answer is None or answer.conversation_id != request.conversation_id or answer.role != "assistant":
        raise NotFound("There is no such answer in this conversation.", "Send `vernacular.message_id` of an answer.")
