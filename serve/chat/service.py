from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from serve.chat.images import read_images
from serve.chat.schemas import ChatRequest, MessageIn
from serve.chat.usage import count_tokens
from serve.conversations import repository as conversations
from serve.deps import Access
from serve.models.service import check_model
from serve.questions import check_question
from serve.rag.wording import wording
from vernacular.errors import BadRequest, NoVision
from vernacular.types import Answer, Citation

HISTORY_MESSAGES = 20


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was answered or declined, with all that the response says of it."""

    id: str
    created: int
    model: str
    answer: Answer
    annotations: list[dict[str, Any]]
    about: dict[str, Any]
    usage: dict[str, int]


def take_turn(access: Access, request: ChatRequest, trace_id: str) -> Turn:
    """Answer the last message, and keep the turn in its conversation.

    Raises:
        BadRequest: the request asks for what this gateway does not do.
        UnknownConversation: the conversation is not there, or someone else's.
    """
    _check(request)
    images = read_images(request.messages[-1].images, access.services.settings.vision)
    question = _question(access, request)
    if images:
        raise NoVision("This assistant reads text only, and the message holds an image.")
    history = _history(request.messages[:-1], access.services.settings.serve.max_question_chars)
    wish, services = request.vernacular, access.services
    with access.read() as scope:
        if wish.conversation_id:
            conversations.find(scope, access.principal, wish.conversation_id)
        answer = services.rag.answer(
            scope, question, history=history, top_k=wish.top_k, filters=wish.filters, dialect=wish.dialect, on=wish.on
        )
    services.metrics.observe_answer(answer.answered, answer.reason)
    annotations = [_annotation(citation) for citation in answer.citations]
    about = _about(answer, request.model, trace_id)
    with access.write() as scope:
        about["conversation_id"] = conversations.add_turn(
            scope,
            access.principal,
            wish.conversation_id,
            question=question,
            answer=answer.text,
            details={**about, "annotations": annotations},
        )
    return Turn(
        id=f"chatcmpl-{uuid.uuid4().hex}",
        created=int(time.time()),
        model=request.model,
        answer=answer,
        annotations=annotations,
        about=about,
        usage=_usage([question, *(str(message.content) for message in history)], answer.text),
    )


def _check(request: ChatRequest) -> None:
    check_model(request.model)
    if request.n not in {None, 1}:
        raise BadRequest(
            "`n` must be 1: this assistant gives one answer.", "Leave `n` out, or send the question again."
        )
    if request.tools:
        raise BadRequest("This assistant does not call tools.", "Leave `tools` out.")
    if (request.response_format or {}).get("type", "text") != "text":
        raise BadRequest("This assistant answers in text only.", "Leave `response_format` out.")
    if request.messages[-1].role != "user":
        raise BadRequest("The last message must be the user's.", "End `messages` with one of role `user`.")


def _question(access: Access, request: ChatRequest) -> str:
    """The last message's text; where it holds an image alone, the question what that shows."""
    last, languages = request.messages[-1], access.principal.tenant.languages
    if last.images and not last.content.strip():
        return wording(request.vernacular.dialect or next(iter(languages), "en")).say("image_question")
    return check_question(last.content, access.services.settings)


def _history(messages: Sequence[MessageIn], longest: int) -> list[BaseMessage]:
    """The turns so far. Instructions are the tenant's to give, so `system` messages of a caller are left out."""
    turns: list[BaseMessage] = []
    for message in messages[-HISTORY_MESSAGES:]:
        if message.role == "user":
            turns.append(HumanMessage(message.content[:longest]))
        elif message.role == "assistant":
            turns.append(AIMessage(message.content[:longest]))
    return turns


def _annotation(citation: Citation) -> dict[str, Any]:
    return {
        "type": "file_citation",
        "index": citation.index,
        "file_id": citation.document_id,
        "source_id": citation.source_id,
        "filename": citation.filename,
        "title": citation.title,
        "uri": citation.uri,
        "page": citation.page,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "valid_from": _day(citation.valid_from),
        "valid_until": _day(citation.valid_until),
    }


def _about(answer: Answer, assistant: str, trace_id: str) -> dict[str, Any]:
    return {
        "answered": answer.answered,
        "reason": answer.reason,
        "language": answer.understanding.language,
        "dialect": answer.understanding.dialect,
        "assistant": assistant,
        "trace_id": trace_id,
        "ai_generated": True,
        "mode": "extractive",
    }


def _usage(asked: Sequence[str], said: str) -> dict[str, int]:
    prompt, completion = sum(map(count_tokens, asked)), count_tokens(said)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
