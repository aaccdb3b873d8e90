"""What people are told before they ask, and the words that mark what the assistant wrote, in every language it speaks."""

from __future__ import annotations

import functools
import json
from collections.abc import Container, Sequence
from importlib import resources
from typing import Final

FALLBACK: Final = "en"
_TRADITIONAL: Final = ("zh-Hant", "zh-TW", "zh-HK", "zh-MO", "nan", "hak")
_SIMPLIFIED: Final = ("zh", "cmn", "wuu")
_ARABIC: Final = ("arb", "arz", "ary", "afb", "apc", "acm", "aeb", "ars")


def notice(language: str, name: str) -> str:
    """That one talks to an AI system, on behalf of `name`: Article 50(1) of the EU's AI Act asks for it before the first input.

    `language`: a BCP 47 tag; English where there is no text for it.
    """
    return _texts()[nearest(language, _texts()) or FALLBACK]["notice"].format(name=name)


def label(language: str) -> str:
    """The visible mark of what an AI system wrote; in Chinese `AI生成`, as GB 45438-2025 words it."""
    return _texts()[nearest(language, _texts()) or FALLBACK]["label"]


def notices(languages: Sequence[str], name: str) -> dict[str, str]:
    """The notice by language, for each of a tenant's; in English where it names none."""
    return {language: notice(language, name) for language in languages or (FALLBACK,)}


def languages() -> list[str]:
    return list(_texts())


def nearest(tag: str, known: Container[str]) -> str | None:
    """Which of the `known` languages stands for a BCP 47 tag; None: none does."""
    parts = tag.split("-")
    for length in range(len(parts), 0, -1):
        prefix = "-".join(parts[:length])
        if prefix in known:
            return prefix
        if prefix in _TRADITIONAL:
            return "zh-Hant"
        if prefix in _SIMPLIFIED:
            return "zh-Hant" if "Hant" in parts else "zh-Hans"
        if prefix in _ARABIC:
            return "ar"
    return None


@functools.cache
def _texts() -> dict[str, dict[str, str]]:
    text = resources.files("serve.transparency").joinpath("notices.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found
