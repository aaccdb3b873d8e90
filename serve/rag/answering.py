"""A prepared question → an answer by a model, verified as it is written; or, where there is none to be had, the quotes.

build the prompt → stream → write (verify, mark, make harmless) → finish, or fall back
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, TypeAlias

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage

from serve.rag import decline
from serve.rag.cite import citation
from serve.rag.ground import Grounds
from serve.rag.prompting import ANSWER_PROMPT, Passage, build_messages, new_fence
from serve.rag.tokens import TokenScale, estimate_messages
from serve.rag.variety_check import VarietyCheck
from serve.rag.voice import Voice
from serve.rag.wording import wording
from serve.rag.writing import Code, Mode, Writer, Written
from vernacular.errors import ContextTooLong, ModelBusy, ModelInterrupted, ModelRefused, ModelUnavailable, TooLong
from vernacular.tenancy import Tenant
from vernacular.types import Answer, Hit, Understanding

log = logging.getLogger(__name__)

ANSWERED, INTERRUPTED = "answered", "interrupted"
EXTRACTIVE, GENERATIVE, APPROVED = "extractive", "generative", "approved"
_LEAST_ANSWER: Final = 64
_HISTORY_SHARE: Final = 0.25
_FEWER_WORDS: Final = "Ask in fewer words, or begin a new conversation."
_CHARS_PER_TOKEN, _FEWEST_CHARS = 16, 4000
"""More than any text has on average: what is longer was written past the limit that the server was given."""
_SLACK: Final = 32
"""Tokens left free, for what a chat template adds."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question, what was found for it, and the answer that needs no model.

    `passages` stand verbatim in their documents, best first; none: no model is to be asked. `extractive` is an answer or
    a decline, to be used as it is where no model can answer.
    """

    tenant: Tenant
    understanding: Understanding
    day: date
    passages: tuple[Hit, ...]
    extractive: Answer


@dataclass(frozen=True, slots=True)
class Generation:
    """What to answer with. `model` and `llm` belong together; `context_tokens` holds prompt and answer."""

    model: str
    llm: BaseChatModel
    context_tokens: int
    voice: Voice
    max_tokens: int
    temperature: float
    mode: Mode = "sentences"
    fallback: bool = True
    images: tuple[str, ...] = ()
    history: tuple[BaseMessage, ...] = ()
    seed: int | None = None
    adapter: str | None = None
    check: VarietyCheck | None = None
    canary: str = ""


class _WrongVariety(Exception):
    """The model writes in another language, script or variety; `insist` is what it is to be told."""

    def __init__(self, insist: str) -> None:
        super().__init__(insist)
        self.insist = insist


@dataclass(frozen=True, slots=True)
class Piece:
    """Text to be sent. `whole`: all of an answer that was there at once, for the sender to cut up."""

    text: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of an answer, and what there is to say of it. `fallback`: why a model did not answer though one was asked.

    `from_image`: the `unsupported` spans tell what the model saw in the images that came with the question.
    """

    answer: Answer
    mode: str = EXTRACTIVE
    finish_reason: str = "stop"
    model: str | None = None
    prompt: str | None = None
    fallback: str | None = None
    usage: Mapping[str, int] | None = None
    unsupported: tuple[tuple[int, int], ...] = ()
    from_image: bool = False
    translated: tuple[int, ...] = ()
    code: tuple[Code, ...] = ()
    dropped: int = 0


Event: TypeAlias = Piece | Finished


async def generate_answer(
    prepared: Prepared,
    generation: Generation,
    scale: TokenScale,
    progress: Callable[[Callable[[], Finished]], None] = lambda _so_far: None,
) -> AsyncGenerator[Event]:
    """Pieces of the answer, then `Finished`. Closing the iterator stops the model.

    `progress` is called once with a function that tells how far the answer has come, for a caller that may have to stop.

    Raises:
        ModelBusy, ModelUnavailable, ModelInterrupted, ModelRefused: there is no answer, and `fallback` is off. Never after a
            `Piece`.
        TooLong: question and conversation leave no room for a single passage.
    """
    passages = prepared.passages
    if not passages and not generation.images:
        for event in _quotes(prepared, None, None):
            yield event
        return
    check, insist, shortened = generation.check, "", False
    while True:
        run = _Run(prepared, generation, scale, passages, check, insist)
        progress(run.so_far)
        try:
            async with aclosing(run.events()) as events:
                async for event in events:
                    yield event
            return
        except _WrongVariety as wrong:
            # What comes now is kept, whatever it is in: a model that cannot write the variety still answers.
            check, insist = None, wrong.insist
        except ContextTooLong as error:
            passages = run.passages[: len(run.passages) // 2]
            again, shortened = not shortened, True
            if not again or run.writer.released or not passages:
                if not generation.fallback:
                    hint = "Send fewer or smaller images." if generation.images else _FEWER_WORDS
                    raise TooLong(error.message, hint) from error
                for event in _quotes(prepared, "context_too_long", generation.model):
                    yield event
                return
        except (ModelBusy, ModelUnavailable, ModelInterrupted, ModelRefused) as error:
            if not generation.fallback:
                raise
            log.warning("no model answered", extra={"fields": {"error": error.name, "model": generation.model}})
            for event in _quotes(prepared, error.name, generation.model):
                yield event
            return


@dataclass(slots=True)
class _Run:
    """One try at an answer."""

    prepared: Prepared
    generation: Generation
    scale: TokenScale
    candidates: Sequence[Hit]
    check: VarietyCheck | None = None
    insist: str = ""
    passages: tuple[Hit, ...] = ()
    writer: Writer = field(init=False)
    _usage: dict[str, int] | None = None
    _finish_reason: str = "stop"
    _held: str = ""

    def __post_init__(self) -> None:
        self._fit()
        self.writer = Writer(
            Grounds(self.passages, self.generation.voice.dialect),
            len(self.passages),
            self.generation.mode,
            lenient=bool(self.generation.images),
        )

    async def events(self) -> AsyncGenerator[Event]:
        interrupted = False
        chunks = self._chunks()
        async with aclosing(chunks):
            try:
                async for chunk in chunks:
                    if text := self._held_back(self.writer.feed(chunk)):
                        yield Piece(text)
                    if self.writer.hopeless:
                        break
            except ModelInterrupted:
                if not self.writer.released:
                    raise
                interrupted = True
        complete = not interrupted and self._finish_reason != "length"
        if text := self._held_back(self.writer.finish(complete), last=True):
            yield Piece(text)
        for event in self._end(INTERRUPTED if interrupted else ANSWERED):
            yield event

    def _held_back(self, text: str, last: bool = False) -> str:
        """What may be sent: nothing until enough of the answer is there to tell whether it is in the right variety.

        Raises:
            _WrongVariety: it is not.
        """
        self._held += text
        if self.check is not None and self._held:
            if not last and not self.check.is_enough(self._held):
                return ""
            if complaint := self.check.complaint(self._held):
                raise _WrongVariety(complaint)
            self.check = None
        sent, self._held = self._held, ""
        return sent

    def so_far(self) -> Finished:
        """The answer as far as it was sent."""
        return self._generative(self.writer.written(), INTERRUPTED)

    async def _chunks(self) -> AsyncGenerator[str]:
        """The model's text. What the server counted and why it stopped are kept on the way."""
        options: dict[str, Any] = {"max_tokens": self._max_tokens, "temperature": self.generation.temperature}
        if self.generation.seed is not None:
            options["seed"] = self.generation.seed
        left = max(self._max_tokens * _CHARS_PER_TOKEN, _FEWEST_CHARS)
        stream = self.generation.llm.astream(self._messages, **options)
        async with aclosing(stream) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                self._note(chunk)
                if text := str(chunk.text):
                    left -= len(text)
                    yield text
                if left < 0:
                    self._finish_reason = "length"
                    return

    def _note(self, chunk: BaseMessage) -> None:
        if isinstance(chunk, AIMessageChunk) and (usage := chunk.usage_metadata):
            self._usage = {
                "prompt_tokens": usage["input_tokens"],
                "completion_tokens": usage["output_tokens"],
                "total_tokens": usage["input_tokens"] + usage["output_tokens"],
            }
            estimated = estimate_messages(self._messages)
            self.scale.learn(self.generation.model, estimated, usage["input_tokens"])
        if reason := chunk.response_metadata.get("finish_reason"):
            self._finish_reason = str(reason)

    # -- prompt ----------------------------------------------------------------------------------------------------

    def _fit(self) -> None:
        """Give the prompt as many whole passages and whole turns as there is room for, the best and the last ones first."""
        generation = self.generation
        self._max_tokens = min(generation.max_tokens, max(_LEAST_ANSWER, generation.context_tokens // 2))
        room = (generation.context_tokens - self._max_tokens - _SLACK) / self.scale.of(generation.model)
        history = _last_turns(generation.history, room * _HISTORY_SHARE)
        count = len(self.candidates)
        while True:
            self.passages = tuple(self.candidates[:count])
            self._messages = self._build(history)
            if estimate_messages(self._messages) <= room:
                return
            if count > 1:
                count -= 1
            elif history:
                history = history[2:]
            else:
                return  # the server knows its tokens better: let it decide

    def _build(self, history: Sequence[BaseMessage]) -> list[BaseMessage]:
        generation, prepared = self.generation, self.prepared
        return build_messages(
            prepared.understanding.question,
            [Passage.of(hit) for hit in self.passages],
            generation.voice,
            fence=new_fence(),
            today=prepared.day,
            history=history,
            images=generation.images,
            insist=self.insist,
            context_tokens=generation.context_tokens,
            canary=generation.canary,
        )

    _messages: list[BaseMessage] = field(init=False)
    _max_tokens: int = field(init=False)

    # -- the end ---------------------------------------------------------------------------------------------------

    def _end(self, reason: str) -> Iterator[Event]:
        written, prepared = self.writer.written(), self.prepared
        if self.writer.released:
            yield from self._told_apart(written)
            yield self._generative(self.writer.written(), reason)
        elif not written.no_answer and prepared.extractive.answered and self.generation.fallback:
            piece, finished = _quotes(prepared, decline.UNSUPPORTED, self.generation.model)
            yield piece
            yield replace(finished, usage=self._usage, dropped=written.dropped)
        else:
            reason = decline.NO_ANSWER if written.no_answer else decline.UNSUPPORTED
            answer = decline.decline(prepared.tenant, prepared.understanding, reason)
            yield Piece(answer.text, whole=True)
            yield Finished(
                replace(answer, retrieved=prepared.extractive.retrieved),
                GENERATIVE,
                model=self.generation.model,
                prompt=ANSWER_PROMPT,
                usage=self._usage,
                dropped=written.dropped,
            )

    def _told_apart(self, written: Written) -> Iterator[Event]:
        """A word on what comes from an image, where that is not all there is to tell it by."""
        if self.generation.images and written.unsupported:
            note = wording(self.generation.voice.dialect).say("from_image")
            yield Piece(self.writer.add(f"\n\n{note}"))

    def _generative(self, written: Written, reason: str) -> Finished:
        citations = tuple(citation(number, quote) for number, quote in enumerate(written.quotes, 1))
        cut_off = reason == INTERRUPTED or self._finish_reason == "length"
        return Finished(
            Answer(
                written.text, True, reason, self.prepared.understanding, citations, self.prepared.extractive.retrieved
            ),
            GENERATIVE,
            "length" if cut_off else "stop",
            self.generation.model,
            ANSWER_PROMPT,
            usage=self._usage,
            unsupported=written.unsupported,
            from_image=bool(self.generation.images and written.unsupported),
            translated=written.translated,
            code=written.code,
            dropped=written.dropped,
        )


def finished(answer: Answer) -> Finished:
    """The end of an answer that no model wrote."""
    return Finished(answer, APPROVED if answer.approved_id else EXTRACTIVE)


def _quotes(prepared: Prepared, fallback: str | None, model: str | None) -> tuple[Piece, Finished]:
    """The answer without a model, and why it is that."""
    answer = prepared.extractive
    return Piece(answer.text, whole=True), replace(finished(answer), fallback=fallback, model=model)


def _last_turns(history: Sequence[BaseMessage], room: float) -> list[BaseMessage]:
    """The last whole turns (a question and its answer) that fit in `room` tokens, beginning with a question."""
    kept: list[BaseMessage] = []
    for message in reversed(history):
        if estimate_messages([message, *kept]) > room:
            break
        kept.insert(0, message)
    while kept and kept[0].type != "human":
        kept.pop(0)
    return kept
