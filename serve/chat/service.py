"""A chat request → a turn that is ready to be answered: checked, with its conversation, its passages and its model."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final

from anyio import CapacityLimiter, to_thread
from fastapi.concurrency import run_in_threadpool
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from serve.chat.images import read_images
from serve.chat.safety import TurnSafety
from serve.chat.schemas import ChatRequest, MessageIn
from serve.chat.timing import Timing
from serve.chat.turn import Turn
from serve.chat.usage import count_tokens
from serve.conversations import repository as conversations
from serve.deps import Access
from serve.engine.adapters import choose
from serve.engine.models import ChatModel
from serve.models.service import check_model
from serve.questions import check_question
from serve.quotas.charge import Charge
from serve.quotas.visitors import admit_visitor
from serve.rag.answering import Event, Generation, Piece, Prepared, finished, generate_answer
from serve.rag.display import Display
from serve.rag.hypothesis import hypothesise
from serve.rag.rewriting import rewrite
from serve.rag.variety_check import check_for
from serve.rag.voice import answer_dialect, language_name, model_for, voice_of
from serve.rag.wording import wording
from vernacular.dialects.preferences import DialectPreferences, chosen_variety, preferences_of
from vernacular.errors import BadRequest, Forbidden, ModelUnavailable, NoVision
from vernacular.tenancy import TenantScope
from vernacular.types import Answer, Understanding

HISTORY_MESSAGES = 20
DECODING: Final = CapacityLimiter(2)
"""Messages whose images are decoded at once; the others wait here, and not in the threads that all requests share."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request asks, checked."""

    access: Access
    request: ChatRequest
    question: str
    history: tuple[BaseMessage, ...]
    images: tuple[str, ...]
    charge: Charge
    safety: TurnSafety


async def begin(access: Access, request: ChatRequest, trace_id: str) -> Turn:
    """The turn that answers the last message, with its first event known: an error comes before a response begins.

    Raises:
        BadRequest: the request asks for what this gateway does not do.
        UnknownConversation: the conversation is not there, or someone else's.
        Forbidden: the caller is a widget, of another assistant.
        QuotaExceeded: the visitor, the caller or the tenant has used up what it may.
        ModelBusy, ModelUnavailable: no model can answer, and the settings allow no answer without one.
    """
    timing = Timing(streamed=bool(request.stream))
    _check(request)
    if access.principal.assistant not in {None, request.model}:
        raise Forbidden("This widget speaks with another assistant.", "Leave `model` to the widget.")
    await admit_visitor(access, request.user)
    settings, last = access.services.settings, request.messages[-1]
    images = (
        await to_thread.run_sync(read_images, last.images, settings.vision, limiter=DECODING) if last.images else []
    )
    safety = TurnSafety(access, streamed=bool(request.stream))
    question, history = await safety.judge(
        _question(access, request), _history(request.messages[:-1], settings.serve.max_question_chars)
    )
    asked = _Asked(
        access,
        request,
        question,
        history,
        tuple(images),
        Charge(access.services.quotas, access.principal),
        safety,
    )
    turn = Turn(
        access, request, asked.question, asked.history, trace_id, charge=asked.charge, safety=safety, timing=timing
    )
    await turn.admit()
    turn.note_question(len(images))
    safety.tell()
    try:
        await _start(asked, turn)
    except BaseException as error:
        await turn.abandon(error)
        raise
    return turn


async def _start(asked: _Asked, turn: Turn) -> None:
    if asked.safety.verdict is not None and asked.safety.verdict.refuses:
        await turn.start(_refused(asked))
    elif asked.access.services.models.chat_model(vision=bool(asked.images)) is not None:
        await turn.start(await _generative(asked, turn))
    elif asked.images:
        raise NoVision("This assistant reads text only, and the message holds an image.")
    else:
        await turn.start(_extractive(asked))


async def _extractive(asked: _Asked) -> AsyncGenerator[Event]:
    answer, display = await run_in_threadpool(_answer, asked)
    published = [text for citation in answer.citations for text in (citation.quote, citation.title)]
    events = asked.safety.filtered(_whole(answer), answer.understanding, published)
    async with aclosing(_shown(events, display)) as shown:
        async for event in shown:
            yield event


async def _refused(asked: _Asked) -> AsyncGenerator[Event]:
    understanding, wishes = await run_in_threadpool(_understand, asked)
    answer = asked.safety.refused(understanding)
    async with aclosing(_shown(_whole(answer), _display(asked, understanding, wishes))) as shown:
        async for event in shown:
            yield event


async def _whole(answer: Answer) -> AsyncGenerator[Event]:
    yield Piece(answer.text, whole=True)
    yield finished(answer)


def _answer(asked: _Asked) -> tuple[Answer, Display]:
    wish = asked.request.vernacular
    with asked.access.read() as scope:
        dialect, wishes = _wishes(asked, scope)
        answer = asked.access.services.rag.answer(
            scope,
            asked.question,
            history=asked.history,
            top_k=wish.top_k,
            filters=wish.filters,
            dialect=dialect,
            on=wish.on,
            wishes=wishes,
            documents=wish.documents,
        )
    return answer, _display(asked, answer.understanding, wishes)


async def _generative(asked: _Asked, turn: Turn) -> AsyncGenerator[Event]:
    services = asked.access.services
    understanding, wishes = await run_in_threadpool(_understand, asked)
    if understanding.carried and services.settings.generation.rewrite:
        model = _model(asked, understanding)
        if model is not None:
            rewritten = await rewrite(understanding, asked.history, model.llm)
            if rewritten.query != understanding.query:
                understanding = await run_in_threadpool(_expanded, asked, rewritten, wishes)
    if await asked.safety.judge_again(understanding.query):
        asked.safety.tell()
        return _refused(asked)
    if services.settings.dialects.hypothetical and wishes.expansion:
        understanding = await _hypothesised(asked, understanding)
    prepared, generation = await run_in_threadpool(_prepare, asked, understanding, wishes, turn.conversation_id)
    turn.adapter = generation.adapter
    if asked.charge.limited:
        await asked.charge.take(sum(count_tokens(hit.text) for hit in prepared.passages))
    events = generate_answer(prepared, generation, services.rag.scale, asked.safety.watched)
    told = [text for hit in prepared.passages for text in (hit.text, hit.title, hit.uri or "")]
    told += [citation.quote for citation in prepared.extractive.citations]
    filtered = asked.safety.filtered(events, understanding, told, turn.watch, generation.canary)
    return _shown(filtered, _display(asked, understanding, wishes))


async def _hypothesised(asked: _Asked, understanding: Understanding) -> Understanding:
    """With what a model supposes that documents say, in the standard language of the question's variety."""
    model, services = _model(asked, understanding), asked.access.services
    if model is None:
        return understanding
    pack = services.rag.varieties.pack(understanding.detection.tag if understanding.detection else None)
    standard = language_name((pack.manifest.standard if pack else "") or understanding.language)
    return await hypothesise(
        understanding,
        standard or "the language of the question",
        model.llm,
        on_failure=lambda: services.metrics.observe_model_failure("hypothesis"),
    )


async def _shown(events: AsyncGenerator[Event], display: Display) -> AsyncGenerator[Event]:
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Piece):
                yield replace(event, text=display.show(event.text))
            else:
                yield replace(event, answer=replace(event.answer, text=display.show(event.answer.text)))


def _display(asked: _Asked, understanding: Understanding, wishes: DialectPreferences) -> Display:
    return Display(wishes.script, answer_dialect(asked.access.principal.tenant, understanding))


def _understand(asked: _Asked) -> tuple[Understanding, DialectPreferences]:
    rag = asked.access.services.rag
    with asked.access.read() as scope:
        dialect, wishes = _wishes(asked, scope)
        found = rag.understand(scope, asked.question, history=asked.history, dialect=dialect, wishes=wishes)
    return found, wishes


def _expanded(asked: _Asked, understanding: Understanding, wishes: DialectPreferences) -> Understanding:
    with asked.access.read() as scope:
        return asked.access.services.rag.expanded(scope, understanding, wishes)


def _prepare(
    asked: _Asked, understanding: Understanding, wishes: DialectPreferences, conversation_id: str
) -> tuple[Prepared, Generation]:
    """All that is needed of the tenant's data, in one transaction that ends before the model is asked."""
    wish, services = asked.request.vernacular, asked.access.services
    with asked.access.read() as scope:
        prepared = services.rag.prepare(
            scope,
            understanding,
            top_k=wish.top_k,
            filters=wish.filters,
            on=wish.on,
            documents=wish.documents,
            for_model=True,
            with_images=bool(asked.images),
        )
        base = _model(asked, understanding)
        adapter = None if base is None else _adapter(asked, scope, understanding, base, conversation_id)
    model = _model(asked, understanding, adapter) if adapter else base
    if model is None:
        raise ModelUnavailable("No model server is there any more.")
    return prepared, _generation(asked, understanding, wishes, model)


def _model(asked: _Asked, understanding: Understanding, adapter: str | None = None) -> ChatModel | None:
    """The tenant's model for the variety of the answer."""
    services, tenant = asked.access.services, asked.access.principal.tenant
    return services.models.chat_model(
        model=model_for(tenant, answer_dialect(tenant, understanding)),
        adapter=adapter,
        cache_salt=services.keys.cache_salt(tenant),
        vision=bool(asked.images),
        tenant=tenant.id,
        on_usage=asked.charge.note_usage,
    )


def _adapter(
    asked: _Asked, scope: TenantScope, understanding: Understanding, base: ChatModel, conversation_id: str
) -> str | None:
    """The adapter for this conversation, if a server has it loaded."""
    return choose(
        scope,
        assistant=asked.request.model,
        dialect=answer_dialect(scope.tenant, understanding),
        base_model=base.name,
        key=conversation_id,
        loaded=asked.access.services.models.adapters_on(base.name),
    )


def _generation(
    asked: _Asked, understanding: Understanding, wishes: DialectPreferences, model: ChatModel
) -> Generation:
    request, settings = asked.request, asked.access.services.settings.generation
    tenant = asked.access.principal.tenant
    dialect = answer_dialect(tenant, understanding)
    limit = request.max_completion_tokens or request.max_tokens or settings.max_tokens
    return Generation(
        model=model.name,
        llm=model.llm,
        context_tokens=min(settings.context_tokens or model.context_tokens, model.context_tokens),
        voice=voice_of(tenant, dialect, wishes.register_),
        max_tokens=min(limit, settings.max_tokens),
        temperature=settings.temperature if request.temperature is None else request.temperature,
        mode=settings.stream,
        fallback=settings.fallback and not asked.images,
        images=asked.images,
        history=asked.history,
        seed=request.seed,
        adapter=model.adapter,
        canary=asked.safety.canary,
        check=check_for(asked.access.services.rag.varieties, dialect),
    )


def _wishes(asked: _Asked, scope: TenantScope) -> tuple[str | None, DialectPreferences]:
    """The variety that the person chose, now or earlier in the conversation (None: none by name), and all preferences.

    Raises:
        UnknownConversation: the conversation is not there, or someone else's.
    """
    kept: Mapping[str, Any] = {}
    if conversation_id := asked.request.vernacular.conversation_id:
        kept = conversations.find(scope, asked.access.principal, conversation_id).preferences
    now = {**kept, **asked.request.vernacular.preferences}
    return chosen_variety(now), preferences_of(scope.tenant, asked.request.model, now)


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
        return wording(chosen_variety(request.vernacular.preferences) or next(iter(languages), "en")).say(
            "image_question"
        )
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
