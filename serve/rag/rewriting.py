"""A follow-up question, rewritten by the model so that it can be searched for; without one, terms are carried over."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import regex
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from serve.prompts.loader import prompt
from serve.rag import guard
from serve.rag.matching import pad
from serve.rag.prompting import disarm, new_fence, without_markers
from serve.rag.words import lexicon
from vernacular.errors import VernacularError
from vernacular.types import Understanding

log = logging.getLogger(__name__)

REWRITE_PROMPT: Final = "rewrite.v1"
TIME_LIMIT_S: Final = 4.0
_LAST_TURNS: Final = 6
_TURN_CHARS: Final = 400
_MAX_TOKENS: Final = 120
_LONGER: Final = 200
"""Characters that a rewritten question may have beyond twice those of the question."""
_SCHEMA: Final[dict[str, Any]] = {
    "type": "json_schema",
    "json_schema": {
        "name": "question",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"question": {"type": "string", "maxLength": 400}},
            "required": ["question"],
            "additionalProperties": False,
        },
    },
}
_OBJECT: Final = regex.compile(r"\{.*\}", regex.DOTALL)


async def rewrite(
    understanding: Understanding, history: Sequence[BaseMessage], llm: BaseChatModel, limit_s: float = TIME_LIMIT_S
) -> Understanding:
    """The understanding with a query that stands alone; as it was, where the model fails, dawdles, or wanders off."""
    try:
        async with asyncio.timeout(limit_s):
            answer = await llm.ainvoke(
                _messages(understanding.question, history),
                max_tokens=_MAX_TOKENS,
                temperature=0.0,
                response_format=_SCHEMA,
            )
    except (TimeoutError, VernacularError) as error:
        log.info("a question was not rewritten", extra={"fields": {"error": type(error).__name__}})
        return understanding
    rewritten = parse(str(answer.text))
    if not rewritten or not _is_about(rewritten, understanding, history):
        return understanding
    own = lexicon(understanding.language).content(pad([understanding.question])[0])
    kept = lexicon(understanding.language).content(pad([rewritten])[0])
    query = rewritten if set(own) <= set(kept) else f"{understanding.question} {rewritten}"
    return replace(understanding, query=query, carried=())


def parse(text: str) -> str:
    """The question in a model's reply: in JSON, within other text, or bare; empty where there is none."""
    found = _OBJECT.search(text)
    try:
        told = json.loads(found.group()) if found else None
    except (ValueError, RecursionError):
        told = None
    question = told.get("question") if isinstance(told, dict) else None if found else text
    return guard.clean(" ".join(question.split())) if isinstance(question, str) else ""


def _messages(question: str, history: Sequence[BaseMessage]) -> list[BaseMessage]:
    template = prompt(REWRITE_PROMPT)
    lines = [
        f"{_speaker(turn)}: {without_markers(disarm(str(turn.text)))[:_TURN_CHARS]}" for turn in history[-_LAST_TURNS:]
    ]
    user = template.fill_user(conversation="\n".join(lines), question=disarm(question), fence=new_fence())
    return [SystemMessage(template.fill_system()), HumanMessage(user)]


def _speaker(turn: BaseMessage) -> str:
    return "Assistant" if isinstance(turn, AIMessage) else "Person"


def _is_about(rewritten: str, understanding: Understanding, history: Sequence[BaseMessage]) -> bool:
    """Whether it is a question of this conversation: not too long, and all but a little of it was said before."""
    if len(rewritten) > 2 * len(understanding.question) + _LONGER or not guard.has_words(rewritten):
        return False
    words = lexicon(understanding.language).content(pad([rewritten])[0])
    said = pad([" ".join((understanding.question, *(str(turn.text) for turn in history)))])[0]
    return not words or 2 * sum(word[:5] in said for word in words) >= len(words)
