"""What the product itself says, in the language of the person who asks: `phrases/phrases.json`."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from datetime import date
from importlib import resources
from typing import Final

_FALLBACK: Final = "en"
_STANDARD: Final = {
    "zh": "zh-Hans",
    "zh-TW": "zh-Hant",
    "zh-HK": "zh-Hant",
    "yue": "yue-Hant",
    "nan": "nan-Hant",
    "wuu": "zh-Hans",
    "cmn": "zh-Hans",
    **dict.fromkeys(("arz", "ary", "afb", "apc", "acm", "aeb", "ars"), "ar"),
}
"""Where a variety has no phrases of its own, those of its standard language."""
_LONGEST_QUESTION: Final = 120


class Wording:
    """The phrases of one language."""

    def __init__(self, phrases: Mapping[str, str]) -> None:
        self._phrases = phrases

    def say(self, name: str, **values: str) -> str:
        return self._phrases[name].format(**values)

    def quoted(self, text: str) -> str:
        marks = self._phrases["quotes"]
        return f"{marks[0]}{text}{marks[1]}"

    def validity(self, start: date | None, end: date | None) -> str:
        """Since or until when a document applies; empty when it names no date."""
        if start and end:
            return self.say("period", start=start.isoformat(), end=end.isoformat())
        if start:
            return self.say("since", start=start.isoformat())
        return self.say("until", end=end.isoformat()) if end else ""


def shorten(question: str) -> str:
    """A question as it is repeated to the person: one line, not too long."""
    line = " ".join(question.split())
    return line if len(line) <= _LONGEST_QUESTION else line[: _LONGEST_QUESTION - 1].rstrip() + "…"


@functools.cache
def wording(language: str) -> Wording:
    """The phrases for a language tag, or for the nearest tag we have; English where there is none."""
    phrases = _all()
    parts = language.split("-")
    for length in range(len(parts), 0, -1):
        tag = "-".join(parts[:length])
        found = phrases.get(tag) or phrases.get(_STANDARD.get(tag, ""))
        if found:
            return Wording(found)
    return Wording(phrases[_FALLBACK])


@functools.cache
def _all() -> dict[str, dict[str, str]]:
    text = resources.files("serve.rag.phrases").joinpath("phrases.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found
