"""What a tenant's safety policy makes of a turn: of the question, of what came before it, and of the answer as it comes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final

import regex
from fastapi.concurrency import run_in_threadpool
from langchain_core.messages import AIMessage, BaseMessage

from serve.deps import Access
from serve.rag.answering import Event, Finished, Piece
from serve.rag.decline import contact_line
from serve.rag.wording import wording
from vernacular.safety.answers import AnswerFilter
from vernacular.safety.canary import canary_for
from vernacular.safety.overrides import policy_of
from vernacular.safety.prompts import check_prompt
from vernacular.safety.texts import refusal, say
from vernacular.safety.verdict import Finding, Verdict, decide
from vernacular.types import Answer, Citation, Understanding

POLICY: Final = "policy"
"""The reason of an answer that the policy refused or cut short."""
_MARKER: Final = regex.compile(r"\[(\d{1,3})\]")
Note = Callable[[str, Verdict], None]
SoFar = Callable[[], Finished]


class TurnSafety:
    """One a turn. `note` is told every decision that is worth an entry of the audit log, with where it fell."""

    def __init__(self, access: Access, *, streamed: bool) -> None:
        self._tenant = access.principal.tenant
        self._guard = access.services.guard
        self._streamed = streamed
        self.policy = policy_of(self._tenant, access.services.settings)
        self.note: Note = lambda _stage, _verdict: None
        self.verdict: Verdict | None = None
        self._masked: tuple[tuple[int, int], ...] = ()
        self._answer: Verdict | None = None
        self._question = ""

    @property
    def canary(self) -> str:
        return canary_for(self._tenant.id)

    # -- on the way in ---------------------------------------------------------------------------------------------

    async def judge(self, question: str, history: Sequence[BaseMessage]) -> tuple[str, tuple[BaseMessage, ...]]:
        """The question and the turns before it as they may be used: personal data masked where the policy masks it, and
        without turns that would be refused today. `verdict` is then what is to be done with the question."""
        verdict, kept = await run_in_threadpool(self._judge, question, tuple(history))
        self.verdict = verdict = await self._with_guard(verdict, question)
        self._question = verdict.redacted
        return self._question, kept

    async def judge_again(self, query: str) -> bool:
        """Whether a question that was put in other words since is refused."""
        if query == self._question:
            return False
        found = await run_in_threadpool(check_prompt, query, self.policy)
        if found.refuses:
            self.verdict = found
        return found.refuses

    def tell(self) -> None:
        """Into the audit log, what was decided on the question."""
        if self.verdict is not None and (self.verdict.action != "allow" or self.verdict.injection):
            self.note("prompt", self.verdict)

    def refused(self, understanding: Understanding) -> Answer:
        """What is said instead of an answer, in the language of the question."""
        verdict = self.verdict
        if verdict is None:
            raise RuntimeError("a question is refused before it was judged")
        return Answer(self._refusal(verdict, understanding), False, POLICY, understanding)

    def _judge(self, question: str, history: tuple[BaseMessage, ...]) -> tuple[Verdict, tuple[BaseMessage, ...]]:
        verdict = check_prompt(question, self.policy)
        if verdict.refuses:
            return verdict, ()
        kept: list[BaseMessage] = []
        refused = False
        for message in history:
            found = check_prompt(str(message.text), self.policy)
            refused = found.refuses if message.type == "human" else refused or found.refuses
            if not refused:
                kept.append(_with_text(message, found.redacted))
        return verdict, tuple(kept)

    async def _with_guard(self, verdict: Verdict, question: str) -> Verdict:
        found = None if verdict.refuses else await self._guard.finding(self.policy, question)
        if found is None:
            return verdict
        return decide(question, [*verdict.findings, found], self.policy.version, verdict.injection)

    # -- on the way out --------------------------------------------------------------------------------------------

    async def filtered(
        self,
        events: AsyncGenerator[Event],
        understanding: Understanding,
        published: Iterable[str],
        watch: Callable[[SoFar], None] = lambda _so_far: None,
        canary: str = "",
    ) -> AsyncGenerator[Event]:
        """The events of an answer with what the policy masks masked, and cut where it refuses.

        `published`: the texts that the answer is made from. `watch` is told how far the answer has come, as it left here.
        """
        judged = self.policy.guard.answers and self._guard.configured
        gate = AnswerFilter(self.policy, published=published, canary=canary, whole=judged or not self._streamed)
        whole = False
        watch(lambda: self._cut(gate, understanding))
        async with aclosing(events):
            async for event in events:
                if isinstance(event, Piece):
                    if text := gate.feed(event.text):
                        yield replace(event, text=text)
                    if gate.blocked:
                        break
                    whole = event.whole
                    continue
                rest = gate.finish()
                if judged and gate.blocked is None and (stopped := await self._guard_answer(rest, event.answer)):
                    gate.withhold(stopped)
                    rest = ""
                if rest:
                    yield Piece(rest, whole=whole)
                if gate.blocked is None:
                    yield self._ended(gate, event)
                    return
        said = self._withheld(gate, understanding)
        yield Piece(said, whole=True)
        cut = self._cut(gate, understanding)
        yield replace(cut, answer=replace(cut.answer, text=gate.text + said))

    def watched(self, so_far: SoFar) -> None:
        """`so_far` tells what the answer is by now, before the filter."""
        self._so_far = so_far

    _so_far: SoFar | None = None

    async def _guard_answer(self, text: str, answer: Answer) -> Finding | None:
        found = await self._guard.finding(self.policy, self._question, text) if answer.answered else None
        if found is None:
            return None
        self._tell_answer(decide("", [found], self.policy.version))
        return found if decide("", [found], self.policy.version).refuses else None

    def _ended(self, gate: AnswerFilter, finished: Finished) -> Finished:
        self._tell_answer(gate.verdict)
        self._masked = tuple((span.start, span.end) for span in gate.masked)
        answer = finished.answer
        citations = tuple(_shown(citation, gate) for citation in answer.citations)
        text = gate.text if len(gate.text) == len(answer.text) else answer.text
        return replace(finished, answer=replace(answer, text=text, citations=citations))

    def _cut(self, gate: AnswerFilter, understanding: Understanding) -> Finished:
        """The answer as far as it has left: with the citations whose markers have."""
        text = gate.text
        before = self._so_far() if self._so_far is not None else None
        if gate.blocked is not None:
            self._tell_answer(gate.verdict)
        self._masked = tuple((span.start, span.end) for span in gate.masked if span.end <= len(text))
        answered = gate.blocked is None
        if before is None:
            reason = POLICY if gate.blocked else "interrupted"
            return Finished(Answer(text, answered, reason, understanding))
        marked = {int(found[1]) for found in _MARKER.finditer(text)}
        citations = tuple(_shown(each, gate) for each in before.answer.citations if each.index in marked)
        answer = replace(
            before.answer,
            text=text,
            answered=answered,
            reason=before.answer.reason if answered else POLICY,
            citations=citations,
        )
        return replace(
            before,
            answer=answer,
            unsupported=tuple((start, end) for start, end in before.unsupported if end <= len(text)),
            code=tuple(block for block in before.code if block.end <= len(text)),
        )

    def _withheld(self, gate: AnswerFilter, understanding: Understanding) -> str:
        finding = gate.blocked
        language = understanding.dialect or understanding.language
        if finding is None or gate.text:
            return f"\n\n{say(self.policy, 'withheld', language)}"
        verdict = decide("", [finding], self.policy.version)
        return self._refusal(verdict, understanding)

    # -- what is said of it ----------------------------------------------------------------------------------------

    def about(self) -> dict[str, Any]:
        """In the shape of `PolicyView`."""
        told = self._answer if self._answer is not None and self._answer.refuses else self.verdict
        return {
            "version": self.policy.version,
            "action": told.action if told else "allow",
            "category": (told.category or None) if told else None,
            "masked": [list(span) for span in self._masked],
        }

    def _refusal(self, verdict: Verdict, understanding: Understanding) -> str:
        language = understanding.dialect or understanding.language
        contact = contact_line(self._tenant.profile.get("contact"))
        line = wording(language).say("contact", contact=contact) if contact else ""
        handover = verdict.action == "handover"
        return refusal(self.policy, verdict.text, language, handover=handover, contact=line)

    def _tell_answer(self, verdict: Verdict) -> None:
        if self._answer is None and verdict.action != "allow":
            self._answer = verdict
            self.note("answer", verdict)


def _shown(citation: Citation, gate: AnswerFilter) -> Citation:
    quote = gate.quote(citation.quote)
    return citation if quote == citation.quote else replace(citation, quote=quote, masked=True)


def _with_text(message: BaseMessage, text: str) -> BaseMessage:
    if text == str(message.text):
        return message
    return AIMessage(text) if isinstance(message, AIMessage) else type(message)(content=text)
