"""What is said to a person whose question is not answered, in her own language and variety."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib import resources
from typing import Final

from vernacular.dialects.registry import built_in
from vernacular.safety.policy import Policy

TEXTS: Final = ("decline", "self_harm", "emergency", "privacy", "handover", "withheld")
"""`emergency` has a place for `{number}`."""
_FALLBACK: Final = "en"
_NEAREST: Final = {
    "zh": "zh-Hans", "zh-TW": "zh-Hant", "zh-HK": "zh-Hant", "yue": "yue-Hant-HK", "yue-Hans": "yue-Hans-CN", "nan": "nan-Hant-TW",
    "hak": "hak-Hant-TW", "wuu": "wuu-Hans", "cmn": "zh-Hans", "arz": "arz-Arab-EG", "ary": "ary-Arab-MA", "afb": "afb-Arab",
    "apc": "apc-Arab", "acm": "ar", "aeb": "ar", "ars": "afb-Arab", "arb": "ar",
}  # fmt: skip


def say(policy: Policy, name: str, language: str) -> str:
    """The text `name` for a language tag: the tenant's own, else ours, in the nearest tag there is; English where none is."""
    for tag in _chain(language):
        own = policy.texts.get(tag, {}).get(name)
        ours = _all().get(tag, {}).get(name)
        if own or ours:
            return own or ours or ""
    return policy.texts.get(_FALLBACK, {}).get(name) or _all()[_FALLBACK][name]


def refusal(policy: Policy, text: str, language: str, *, handover: bool, contact: str = "") -> str:
    """All that is said instead of an answer. `contact`: the line that names whom to turn to, in that language."""
    lines = [say(policy, text, language)]
    if text == "self_harm" and policy.emergency:
        lines.append(say(policy, "emergency", language).format(number=policy.emergency))
    if handover and text != "self_harm":
        lines.append(say(policy, "handover", language))
    if contact:
        lines.append(contact)
    return "\n\n".join(lines)


@functools.lru_cache(maxsize=1000)
def _chain(language: str) -> tuple[str, ...]:
    """The tag, what it is short for, what its pack builds on, and its standard language, nearest first."""
    parts = language.split("-")
    tags = ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
    found: list[str] = []
    for tag in tags:
        found += [tag, *([_NEAREST[tag]] if tag in _NEAREST else [])]
    pack = built_in().find(language)
    if pack is not None:
        found += [each.tag for each in built_in().chain(pack)]
        found.append(pack.manifest.standard)
        found += [_NEAREST.get(pack.manifest.standard, "")]
    return tuple(dict.fromkeys(tag for tag in found if tag))


@functools.cache
def _all() -> Mapping[str, Mapping[str, str]]:
    file = resources.files("vernacular.safety").joinpath("texts.json")
    found: Mapping[str, Mapping[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    return found
