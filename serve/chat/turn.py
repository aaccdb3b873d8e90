"""A turn under way: its events as they come, and what is kept of it, also when the person leaves in the middle."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import anyio
from fastapi.concurrency import run_in_threadpool
from langchain_core.messages import BaseMessage

from serve.chat.safety import POLICY, TurnSafety
from serve.chat.schemas import ChatRequest
from serve.chat.timing import Timing
from serve.chat.usage import count_tokens
from serve.conversations import repository as conversations
from serve.deps import Access
from serve.quotas.charge import Charge
from serve.rag.answering import INTERRUPTED, Event, Finished, Piece
from serve.rag.decline import NO_WORDS
from serve.rag.looked_for import looked_for
from serve.rag.variety_choice import understood as understood_variety
from serve.tenants.schemas import VarietyView
from serve.transparency.labels import label_of
from vernacular.audit.events import ALLOWED
from vernacular.db.base import new_id
from vernacular.db.models import UserRow
from vernacular.errors import QuotaExceeded, VernacularError
from vernacular.safety.verdict import Verdict
from vernacular.tenancy import TenantScope
from vernacular.types import Citation


@dataclass(frozen=True, slots=True)
class Told:
    """The end of a turn: all that the response says of its text."""

    finish_reason: str
    annotations: list[dict[str, Any]]
    about: dict[str, Any]
    usage: dict[str, int]


class Turn:
    """One question and its answer."""

    def __init__(
        self,
        access: Access,
        request: ChatRequest,
        question: str,
        history: Sequence[BaseMessage],
        trace_id: str,
        *,
        charge: Charge,
        safety: TurnSafety,
        timing: Timing,
    ) -> None:
        self.id = f"chatcmpl-{uuid.uuid4().hex}"
        self.created = int(time.time())
        self.assistant = request.model
        self.adapter: str | None = None
        self._access, self._question, self._history = access, question, history
        self.conversation_id = request.vernacular.conversation_id or new_id()
        self.message_id = new_id()
        self._begins = request.vernacular.conversation_id is None
        self._preferences = request.vernacular.preferences
        self.trace_id = trace_id
        self._subject = access.services.audit.subjects.of(access.principal, request.user, self.conversation_id)
        self._so_far: Callable[[], Finished] | None = None
        self._charge = charge
        self._safety = safety
        safety.note = self._note_policy
        self._timing = timing
        self._sent = sum(count_tokens(text) for text in (question, *(str(each.content) for each in history)))
        self._written = 0

    async def admit(self) -> None:
        """Count the tokens of the question.

        Raises:
            QuotaExceeded: there is no room for them.
        """
        await self._charge.take(self._sent)

    async def abandon(self, error: BaseException) -> None:
        """There will be no answer. Those who asked pay for it where that is their own doing."""
        refunded = isinstance(error, VernacularError) and not isinstance(error, QuotaExceeded)
        with anyio.CancelScope(shield=True):
            if refunded:
                await self._charge.settle(0, 0)
            else:
                await self._broken_off()

    def note_question(self, images: int) -> None:
        """Into the audit log, whatever comes of it."""
        facts = {**self._whereabouts(), "images": images, "messages_before": len(self._history)}
        self._access.note("chat.asked", subject=self._subject, facts=facts, content={"question": self._question})

    async def start(self, events: AsyncGenerator[Event]) -> None:
        """Wait for the first event.

        Raises:
            QuotaExceeded: there is no room for it.
            VernacularError: there will be none.
        """
        self._events = events
        try:
            self._first = await self._next()
        except QuotaExceeded:
            await events.aclose()
            raise

    async def close(self) -> None:
        """Stop the model, if it still answers; `events` does so by itself once it is begun."""
        await self._events.aclose()
        await self._broken_off()

    def watch(self, so_far: Callable[[], Finished]) -> None:
        """`so_far` tells what the answer is by now."""
        self._so_far = so_far

    async def events(self) -> AsyncGenerator[Piece | Told]:
        """The pieces of the text, then `Told`; once, after `start`. Closing it stops the model and keeps what was said.

        Raises:
            QuotaExceeded: the answer has used up what there was, and ends here.
        """
        event: Event = self._first
        finished: Finished | None = None
        try:
            while isinstance(event, Piece):
                self._timing.sent(event.text)
                yield event
                event = await self._next()
            finished = event
        finally:
            with anyio.CancelScope(shield=True):
                await self._events.aclose()
                if finished is None and self._so_far is not None:
                    await run_in_threadpool(self._keep, self._so_far(), INTERRUPTED)
                if finished is None:
                    await self._broken_off()
        told = await run_in_threadpool(self._keep, finished)
        await self._charge.settle(told.usage["prompt_tokens"], told.usage["completion_tokens"])
        yield told

    async def _next(self) -> Event:
        event = await anext(self._events)
        if isinstance(event, Piece):
            tokens = count_tokens(event.text)
            self._written += tokens
            await self._charge.write(tokens)
        return event

    async def _broken_off(self) -> None:
        await self._charge.settle(self._sent, self._written, whole=False)

    def _keep(self, finished: Finished, reason: str | None = None) -> Told:
        """Write the turn into its conversation. `reason`: why the person has less than all of it."""
        answer, services = finished.answer, self._access.services
        services.metrics.observe_answer(answer.answered, reason or answer.reason)
        services.metrics.observe_mode(finished.mode, finished.fallback or "")
        if finished.fallback is not None:
            services.models.note_fallback(finished.fallback)
        annotations = [_annotation(citation) for citation in answer.citations]
        about = self._about(finished, reason or answer.reason)
        took = self._timing.details(cut_off=about["reason"] == INTERRUPTED)
        with self._access.write() as scope:
            if not self._is_erased(scope):
                conversations.add_turn(
                    scope,
                    self._access.principal,
                    self.conversation_id,
                    message_id=self.message_id,
                    begins=self._begins,
                    question=self._question,
                    answer=answer.text,
                    details={**about, **took, "annotations": annotations},
                    preferences=self._preferences,
                    subject=self._subject,
                    unnamed=services.audit.subjects.conversation(scope.tenant, self.conversation_id),
                )
            self._record(scope, finished, about)
        usage = dict(finished.usage) if finished.usage else self._usage(answer.text)
        return Told(finished.finish_reason, annotations, about, usage)

    def _is_erased(self, scope: TenantScope) -> bool:
        """Whether who asked is gone, with all she wrote: what was under way must not come back with it."""
        principal = self._access.principal
        return principal.kind == "user" and scope.get(UserRow, principal.id) is None

    def _record(self, scope: TenantScope, finished: Finished, about: dict[str, Any]) -> None:
        answer = finished.answer
        cited = sorted({citation.document_id for citation in answer.citations})
        told = ("reason", "language", "dialect", "mode", "model", "adapter", "prompt", "fallback")
        self._access.record(
            scope,
            "chat.answered" if answer.answered else "chat.declined",
            decision=ALLOWED if answer.answered else "declined",
            subject=self._subject,
            facts={
                **self._whereabouts(),
                **{name: about[name] for name in told},
                "policy_version": about["policy"]["version"],
                "retrieved": [chunk_id for chunk_id, _document in answer.retrieved],
                "cited": cited,
            },
            content={"answer": answer.text},
            documents=sorted({*cited, *(document for _chunk, document in answer.retrieved)}),
        )

    def _note_policy(self, stage: str, verdict: Verdict) -> None:
        facts = {**self._whereabouts(), "stage": stage, **verdict.facts()}
        self._access.note("safety.decided", decision=verdict.action, subject=self._subject, facts=facts)

    def _whereabouts(self) -> dict[str, Any]:
        return {"trace_id": self.trace_id, "conversation": self.conversation_id, "assistant": self.assistant}

    def _about(self, finished: Finished, reason: str) -> dict[str, Any]:
        answer = finished.answer
        understood = understood_variety(self._access.services.rag.varieties, answer.understanding.detection)
        return {
            "answered": answer.answered,
            "reason": reason,
            "language": answer.understanding.language,
            "dialect": answer.understanding.dialect,
            "understood": VarietyView.of(understood).model_dump() if understood else None,
            "assistant": self.assistant,
            "trace_id": self.trace_id,
            "conversation_id": self.conversation_id,
            "message_id": self.message_id,
            "looked_for": [] if reason in (POLICY, NO_WORDS) else looked_for(answer.understanding),
            "ai_generated": True,
            "label": label_of(
                self._access.principal.tenant, answer_id=self.id, mode=finished.mode, model=finished.model
            ),
            "mode": finished.mode,
            "approved_answer_id": answer.approved_id,
            "model": finished.model,
            "adapter": self.adapter if finished.prompt else None,
            "prompt": finished.prompt,
            "fallback": finished.fallback,
            "unsupported": [list(span) for span in finished.unsupported],
            "from_image": finished.from_image,
            "translated": list(finished.translated),
            "code": [
                {"start": block.start, "end": block.end, "language": block.language, "verified": block.verified}
                for block in finished.code
            ],
            "dropped": finished.dropped,
            "policy": self._safety.about(),
        }

    def _usage(self, said: str) -> dict[str, int]:
        prompt, completion = self._sent, count_tokens(said)
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


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
        "described": citation.described,
        "masked": citation.masked,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
