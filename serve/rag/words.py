"""Function words, follow-up openers, pronouns and number questions: `phrases/words.json` by language, packs by variety."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final

import regex

from serve.rag.matching import pad
from vernacular.dialects.registry import built_in
from vernacular.types import Understanding

_UNSPACED: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_DIGITS: Final = regex.compile(r"[0-9]+")
LANGUAGES: Final = 256
"""Tags whose words are kept ready; a person may send any tag."""
_FALLBACK: Final = "en"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's little words, all in padded form without the outer `_`.

    `times` answer a question for a number without one, such as `monthly` or `friday`.
    `units` are what a number is given in, such as `years`: a question for a number says nothing of its subject by them.
    `inside` finds function words in scripts that put no spaces between words, but not within the longer words that
    merely begin or end like one (`keep`).
    """

    function: frozenset[str]
    pronouns: frozenset[str]
    openers: tuple[str, ...]
    quantities: tuple[str, ...]
    numbers: frozenset[str]
    times: frozenset[str]
    units: frozenset[str]
    inside: regex.Pattern[str] | None
    pronoun_inside: regex.Pattern[str] | None

    def content(self, padded: str) -> tuple[str, ...]:
        """The words of a padded text that carry meaning, in order, each once."""
        text = padded if self.inside is None else self.inside.sub("_", padded)
        words = (word for word in text.split("_") if word)
        return tuple(dict.fromkeys(word for word in words if word not in self.function and word not in self.pronouns))

    def opens_follow_up(self, padded: str) -> bool:
        return padded.lstrip("_").startswith(self.openers)

    def has_pronoun(self, padded: str) -> bool:
        if self.pronoun_inside is not None and self.pronoun_inside.search(padded):
            return True
        return not self.pronouns.isdisjoint(padded.split("_"))

    def asks_quantity(self, padded: str) -> bool:
        """Whether the question wants a number or a date."""
        return any(phrase in padded for phrase in self.quantities)

    def names_quantity(self, word: str) -> bool:
        return word in self.quantities or f"_{word}_" in self.quantities

    def numbers_in(self, padded: str) -> set[str]:
        found = set(_DIGITS.findall(padded))
        if self.inside is not None:
            found.update(char for char in padded if char in self.numbers)
        return found | self.numbers.intersection(padded.split("_"))

    def tells_quantity(self, padded: str, known: str) -> bool:
        """Whether a text tells a number, a date or a time that is not in `known`."""
        told = self.numbers_in(padded) | self.times.intersection(padded.split("_"))
        return bool(told - self.numbers_in(known) - set(known.split("_")))


def words_of(understanding: Understanding) -> Lexicon:
    """The little words of the variety that the question is in."""
    detected = understanding.detection.tag if understanding.detection else None
    return lexicon(detected or understanding.language)


@functools.lru_cache(maxsize=LANGUAGES)
def lexicon(language: str) -> Lexicon:
    """The lexicon of a language or variety; that of English for languages we have none of."""
    entry = _of_variety(language)
    pronouns = _padded(entry["pronouns"].split())
    function = _with_proclitics(_padded(entry["function"].split()), _padded(entry.get("proclitics", "").split()))
    unspaced = _UNSPACED.search(entry["function"]) is not None
    openers = _padded([each for each in entry["openers"].split(";") if each])
    quantities = _padded([each for each in entry["quantities"].split(";") if each])
    keep = _padded(entry.get("keep", "").split())
    return Lexicon(
        frozenset(function),
        frozenset(pronouns),
        tuple(openers if unspaced else [f"{each}_" for each in openers]),
        tuple(quantities if unspaced else [f"_{each}_" for each in quantities]),
        frozenset(_padded(entry["numbers"].split())),
        frozenset(_padded(entry.get("times", "").split())),
        frozenset(_padded(entry.get("units", "").split())),
        _alternatives(function + pronouns, keep) if unspaced else None,
        _alternatives(pronouns) if unspaced else None,
    )


def _of_variety(language: str) -> dict[str, str]:
    """The lists of a tag: those of its dialect pack, of what that builds on, and of its language."""
    pack = built_in().find(language)
    lists, code = _lists(), language.partition("-")[0]
    found = lists.get(pack.manifest.family if pack and code not in lists else code, lists[_FALLBACK])
    for each in built_in().chain(pack) if pack else ():
        found = _joined(found, each.words.model_dump(exclude_defaults=True))
    return found


def _joined(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    joint = {name: ";" if name in ("openers", "quantities") else " " for name in {**one, **other}}
    return {name: between.join(filter(None, (one.get(name), other.get(name)))) for name, between in joint.items()}


def _with_proclitics(words: list[str], proclitics: list[str]) -> list[str]:
    """The words, and each with a particle written together with it, as Arabic does with `and` or `for`."""
    return words + [clitic + word for word in words for clitic in proclitics if len(word) > 1]


@functools.cache
def _lists() -> dict[str, dict[str, str]]:
    text = resources.files("serve.rag.phrases").joinpath("words.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found


def _padded(words: list[str]) -> list[str]:
    return [word.strip("_") for word in pad(words)] if words else []


def _alternatives(words: list[str], keep: list[str] | None = None) -> regex.Pattern[str]:
    """Any of the words, the longest first, where none of those to keep stands."""
    found = "|".join(regex.escape(word) for word in sorted(set(words), key=len, reverse=True))
    if not keep:
        return regex.compile(found)
    kept = "|".join(regex.escape(word) for word in sorted(set(keep), key=len, reverse=True))
    return regex.compile(f"(?:{kept})(*SKIP)(*FAIL)|{found}")
