"""A question in everyday words, as an official document would put it, and a passage that could answer it, by a model.

Both are searched for beside the question, and are evidence of nothing: an answer comes from the documents alone. The passage
is a hypothetical answer (HyDE, Gao et al. 2022).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import regex
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from serve.prompts.loader import prompt
from serve.rag import guard
from serve.rag.prompting import disarm, new_fence
from vernacular.errors import VernacularError
from vernacular.types import Expansion, Understanding

log = logging.getLogger(__name__)

HYPOTHESIS_PROMPT: Final = "hypothesis.v1"
TIME_LIMIT_S: Final = 4.0
KIND: Final = "model"
WEIGHTS: Final = {"question": 0.5, "passage": 0.25}
"""What a word of each counts in the search, beside 1 for a word of the person's own."""
LONGEST: Final = {"question": 300, "passage": 600}
"""Characters; what is longer is not what was asked for."""
_MAX_TOKENS: Final = 300
_SCHEMA: Final[dict[str, Any]] = {
    "type": "json_schema",
    "json_schema": {
        "name": "hypothesis",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {name: {"type": "string", "maxLength": LONGEST[name]} for name in WEIGHTS},
            "required": list(WEIGHTS),
            "additionalProperties": False,
        },
    },
}
_OBJECT: Final = regex.compile(r"\{.*\}", regex.DOTALL)


async def hypothesise(
    understanding: Understanding,
    language: str,
    llm: BaseChatModel,
    *,
    limit_s: float = TIME_LIMIT_S,
    on_failure: Callable[[], None] = lambda: None,
) -> Understanding:
    """The understanding with expansions of the kind `model`; as it was, where the model fails, dawdles, or wanders off.

    `language`: what the model knows the documents' language by. `on_failure` is called where nothing came of it.
    """
    try:
        async with asyncio.timeout(limit_s):
            answer = await llm.ainvoke(
                _messages(understanding.query, language),
                max_tokens=_MAX_TOKENS,
                temperature=0.0,
                response_format=_SCHEMA,
            )
    except (TimeoutError, VernacularError) as error:
        log.info("a question was searched for without a hypothesis", extra={"fields": {"error": type(error).__name__}})
        on_failure()
        return understanding
    found = parse(str(answer.text))
    if not found:
        on_failure()
        return understanding
    added = tuple(Expansion(0, 0, (text,), WEIGHTS[name], KIND, name) for name, text in found.items())
    return replace(understanding, expansions=(*understanding.expansions, *added))


def parse(text: str) -> dict[str, str]:
    """`question` and `passage` of a model's reply, those of them that are there and are texts of a fitting length."""
    found = _OBJECT.search(text)
    try:
        told = json.loads(found.group()) if found else None
    except (ValueError, RecursionError):
        told = None
    texts = {name: told.get(name) for name in WEIGHTS} if isinstance(told, dict) else {}
    clean = {name: guard.clean(" ".join(each.split())) for name, each in texts.items() if isinstance(each, str)}
    return {name: each for name, each in clean.items() if guard.has_words(each) and len(each) <= LONGEST[name]}


def _messages(question: str, language: str) -> list[BaseMessage]:
    template = prompt(HYPOTHESIS_PROMPT)
    user = template.fill_user(question=disarm(question), fence=new_fence())
    return [SystemMessage(template.fill_system(language=language)), HumanMessage(user)]
