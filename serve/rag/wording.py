"""What the product itself says, in the language of the person who asks: dialect packs and `phrases/phrases.json`."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from datetime import date
from importlib import resources
from typing import Final

from serve.rag.words import LANGUAGES
from vernacular.dialects.registry import built_in

_FALLBACK: Final = "en"
_STANDARD: Final = {
    "zh": "zh-Hans",
    "zh-TW": "zh-Hant",
    "zh-HK": "zh-Hant",
    "yue": "zh-Hant",
    "yue-Hans": "zh-Hans",
    "nan": "zh-Hant",
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


@functools.lru_cache(maxsize=LANGUAGES)
def wording(language: str) -> Wording:
    """The phrases for a language tag, or for the nearest tag we have; English where there is none.

    Those of a dialect pack come first, then those of what it builds on.
    """
    pack = built_in().find(language)
    chain = built_in().chain(pack) if pack else []
    phrases = dict(_of_language(chain[-1].tag if chain and not _has(language) else language))
    for each in reversed(chain):
        phrases.update(each.phrases)
    return Wording(phrases)


def _has(language: str) -> bool:
    return any(tag in _all() or tag in _STANDARD for tag in _prefixes(language))


def _of_language(language: str) -> Mapping[str, str]:
    phrases = _all()
    for tag in _prefixes(language):
        if found := phrases.get(tag) or phrases.get(_STANDARD.get(tag, "")):
            return found
    return phrases[_FALLBACK]


def _prefixes(tag: str) -> list[str]:
    parts = tag.split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]


@functools.cache
def _all() -> dict[str, dict[str, str]]:
    text = resources.files("serve.rag.phrases").joinpath("phrases.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found
