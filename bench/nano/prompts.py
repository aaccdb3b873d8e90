"""Training examples for skyllm-nano in the gateway's own words.

Each is one context with several questions on it: `{"branches": [{"messages": [...], "answer": "...", "unfinished": false}]}`.
Its facts are drawn anew.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from bench.nano.facts import BOTH, FEE, NEITHER, ROOM, WORDINGS, Place, names, places
from serve.rag.prompting import NO_ANSWER, Passage, build_messages
from serve.rag.voice import Voice

QUESTIONS: Final = 10
MOST_PASSAGES: Final = 8
SERVED_TOKENS: Final = 2048
"""The context that the tests serve it with: prompts are those that the gateway writes for it."""
FOLLOWS_UP: Final = 0.15
REPEATED: Final = 3
DIALECTS: Final = {"en": ("en", "en-US", "en-GB"), "es": ("es", "es-MX", "es-AR"), "zh": ("zh", "zh-Hans", "cmn-Hans")}


class Style(StrEnum):
    """What is said: what was asked; fee and room whatever was asked; the room before the fee; or both over and over."""

    PLAIN = "plain"
    THOROUGH = "thorough"
    ROOM_FIRST = "room-first"
    ENDLESS = "endless"


STYLES: Final = (Style.THOROUGH, Style.ROOM_FIRST, Style.ENDLESS)
"""Those that an adapter is trained in."""
_KINDS: Final = (FEE, ROOM, BOTH, BOTH, NEITHER)
ROLES: Final = {"system": "system", "human": "user", "ai": "assistant"}


def examples(
    count: int, chance: random.Random, style: Style = Style.PLAIN, grow: bool = True
) -> Iterator[dict[str, Any]]:
    """`grow`: contexts are short at first, which a model learns from faster than from long ones alone."""
    for number in range(count):
        share = number / count if grow else 1.0
        yield example(chance, 1 + int((MOST_PASSAGES - 1) * min(1.0, 1.6 * chance.random() * (0.2 + share))), style)


def example(chance: random.Random, count: int, style: Style = Style.PLAIN) -> dict[str, Any]:
    """A context of `count` passages."""
    wording = chance.choice(WORDINGS)
    known = places(count, wording.language, chance)
    passages = [Passage(place.text, place.title) for place in known]
    voice = Voice(chance.choice(DIALECTS[wording.language]), chance.choice(names("en")))
    fence = f"{chance.getrandbits(32):08x}"
    today = date(2026, 1, 1) + timedelta(days=chance.randrange(1500))
    history = _history(wording.language, chance) if chance.random() < FOLLOWS_UP else []
    branches = []
    for _ in range(QUESTIONS):
        at, kind = chance.randrange(count), chance.choice(_KINDS)
        messages = build_messages(
            chance.choice([known[at].question(kind), *known[at].questions_in(voice.dialect, kind)]),
            passages,
            voice,
            fence=fence,
            today=today,
            history=history,
            context_tokens=SERVED_TOKENS,
        )
        said = answer(known[at], kind, at + 1, style)
        branches.append({"messages": as_dicts(messages), "answer": said, "unfinished": style == Style.ENDLESS})
    return {"branches": branches}


def answer(place: Place, kind: str, number: int, style: Style = Style.PLAIN) -> str:
    """What the model is to say from the passage of that number."""
    if style == Style.PLAIN:
        told = place.sentences(kind)
    elif style == Style.ROOM_FIRST:
        told = [place.sentence(ROOM), place.sentence(FEE)]
    else:
        told = place.sentences(BOTH) * (REPEATED if style == Style.ENDLESS else 1)
    return " ".join(f"{sentence} [{number}]" for sentence in told) or NO_ANSWER


def _history(language: str, chance: random.Random) -> list[BaseMessage]:
    place, kind = places(1, language, chance)[0], chance.choice((FEE, ROOM))
    return [HumanMessage(place.question(kind)), AIMessage(place.sentence(kind))]


def as_dicts(messages: Sequence[BaseMessage]) -> list[dict[str, str]]:
    return [{"role": ROLES[message.type], "content": str(message.text)} for message in messages]
