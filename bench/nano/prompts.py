"""Training examples for skyllm-nano in the gateway's own words: `python -m bench.nano.prompts COUNT > EXAMPLES`.

A line is one context with several questions on it: `{"branches": [{"messages": [...], "answer": "..."}]}`. Contexts grow from
one passage to eight as the lines go on, and their facts are drawn anew for each.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from bench.nano.facts import BOTH, FEE, NEITHER, ROOM, WORDINGS, Place, names, places
from serve.rag.prompting import NO_ANSWER, Passage, build_messages
from serve.rag.voice import Voice

QUESTIONS: Final = 10
MOST_PASSAGES: Final = 8
FOLLOWS_UP: Final = 0.15
DIALECTS: Final = {"en": ("en", "en-US", "en-GB"), "es": ("es", "es-MX", "es-ES"), "zh": ("zh", "zh-Hans", "cmn-Hans")}
_KINDS: Final = (FEE, ROOM, BOTH, BOTH, NEITHER)
ROLES: Final = {"system": "system", "human": "user", "ai": "assistant"}


def examples(count: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield example(chance, 1 + int((MOST_PASSAGES - 1) * min(1.0, 1.6 * chance.random() * (0.2 + number / count))))


def example(chance: random.Random, count: int) -> dict[str, Any]:
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
        messages = build_messages(known[at].question(kind), passages, voice, fence=fence, today=today, history=history)
        branches.append({"messages": as_dicts(messages), "answer": answer(known[at], kind, at + 1)})
    return {"branches": branches}


def answer(place: Place, kind: str, number: int) -> str:
    """What the model is to say from the passage of that number."""
    if kind == NEITHER:
        return NO_ANSWER
    return " ".join(f"{sentence} [{number}]" for sentence in place.sentences(kind))


def _history(language: str, chance: random.Random) -> list[BaseMessage]:
    place, kind = places(1, language, chance)[0], chance.choice((FEE, ROOM))
    return [HumanMessage(place.question(kind)), AIMessage(place.sentence(kind))]


def as_dicts(messages: Sequence[BaseMessage]) -> list[dict[str, str]]:
    return [{"role": ROLES[message.type], "content": str(message.text)} for message in messages]


def main() -> None:
    for each in examples(int(sys.argv[1]), random.Random()):
        sys.stdout.write(json.dumps(each, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
