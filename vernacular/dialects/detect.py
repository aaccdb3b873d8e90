"""Which variety a question is in: what the packs' markers, the script, the tenant and the person say, as a probability."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import regex

from vernacular.dialects.family import LATIN, ROMANISED, Family, bases, build, counted
from vernacular.dialects.registry import Registry
from vernacular.dialects.signs import HAN, WORD, Mark
from vernacular.text.language import Language
from vernacular.text.normalise import normalise_with_offsets
from vernacular.text.scripts import chinese_script
from vernacular.types import Detection, Sign

SAMPLE: Final = 600
"""Characters looked at."""
_FAMILY_OF: Final = {"yue": "zh", "nan": "zh"}
_NEAR: Final = {"fa": "ar", "ps": "ar", "ug": "ar", "ur": "ar", "gl": "es", "ca": "es"}
"""What a few words are taken for now and then, and the language that they may be in."""
_TAKES_OVER: Final = 3.0
"""Evidence for a variety, in log odds, that outweighs another language."""

_GUESSED: Final = 0.5
"""A language less likely than this is a guess."""
ARABIC: Final = "ar"
_SOUND: Final = regex.compile(
    r"\b(?=(?:\p{L}*\d)?\p{L}{3}|\p{L}{2,}\d\p{L})\p{L}*(?<!\d)[23579](?!\d)\p{L}+\b|\b\p{L}{4,}[37]\b"
)
"""A word with a digit for a sound that Latin letters lack, as in Arabizi: `bta2ty`, `3ayez`, `asma3`."""
_TELLING_SOUNDS, _MOST_SOUNDS, _OF_SOUND = 2, 3, 1.3
"""From so many such words on it is Arabic even where no word of it is known; what each counts, in log odds."""
_LEAST_HAN: Final = 2
"""Chinese characters among words of another language that may be more than a quotation."""


class Detector:
    """Detects the varieties that a registry has packs for. Holds no state but indexes; threads may share it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._families: dict[str, Family] = {}
        self._lock = threading.Lock()

    def detect(
        self, text: str, language: Language, declared: Sequence[str] = (), chosen: str | None = None
    ) -> Detection:
        """The variety of `text`, which is in `language` as `vernacular.text.language.identify` finds.

        `declared`: the dialects of the tenant, which are likelier than others. `chosen`: what a person set; it is the
        answer, whatever the text says (None where there is no pack for it). The variety may be one of another language
        than `language`: Arabic, Hokkien and Cantonese in Latin letters are taken for all sorts of languages.

        Raises:
            InvalidPack: a marker of a pack is no regular expression.
        """
        normal, origins = normalise_with_offsets(text[:SAMPLE])
        tags = [pack.tag for pack in map(self._registry.find, declared) if pack]
        found = (
            self._in_latin(normal, language, tags)
            or self._among_latin(normal, language, tags)
            or self._in_family(normal, language, tags)
        )
        signs = _signs(found.marks, [tag for tag, _ in found.candidates], text, origins)
        if chosen:
            return Detection(self._chosen(chosen, found), found.script, 1.0, found.candidates, signs, "person")
        tag, confidence = found.candidates[0] if found.candidates else (None, language.confidence)
        return Detection(
            tag, found.script, confidence, found.candidates, signs, "tenant" if found.by_tenant else "text"
        )

    def _chosen(self, tag: str, found: _Found) -> str | None:
        """The pack that `tag` means; of a language in general, the likeliest standard form."""
        pack = self._registry.find(tag)
        if pack is None or pack.tag not in bases(self._registry.of_family(pack.manifest.family)):
            return pack.tag if pack else None
        regional = [each for each in self._registry.standards(pack.manifest.family) if each.tag != pack.tag]
        asked = [each.tag for each in regional if set(each.manifest.scripts) & set(tag.split("-"))]
        likely = asked or [each.tag for each in regional]
        return next((each for each, _ in found.candidates if each in likely), likely[0])

    def _in_latin(self, text: str, language: Language, declared: Sequence[str]) -> _Found | None:
        """What the Latin letters spell that the language is not usually written in; None if nothing."""
        if language.script != LATIN:
            return None
        family = self.family(ROMANISED)
        marks = family.find(text)
        sounds = list(_SOUND.finditer(text))
        if not marks and len(sounds) < _TELLING_SOUNDS:
            return None
        scores = family.scores(marks, language)
        if len(sounds) >= _TELLING_SOUNDS:
            arabic = {pack.tag for pack in self._registry.of_family(ARABIC)}
            scores = {tag: score for tag, score in scores.items() if tag in arabic} or scores
        told = _OF_SOUND * min(len(sounds), _MOST_SOUNDS)
        unknown = max(0, _unknown_words(text, marks) - len(sounds))
        odds = max(scores.values()) + told + family.scale["bias"] + family.scale["unknown"] * unknown
        if odds <= 0:
            return None
        share = 1 / (1 + math.exp(-odds))
        candidates, tipped = family.likely(scores, declared)
        return _Found(tuple((tag, p * share) for tag, p in candidates), marks, LATIN, tipped)

    def _among_latin(self, text: str, language: Language, declared: Sequence[str]) -> _Found | None:
        """What Chinese that most words of another language stand among says; None if too little."""
        if language.script != LATIN or len(HAN.findall(text)) < _LEAST_HAN:
            return None
        family = self.family("zh")
        marks = family.find(text) + [
            replace(mark, votes=votes)
            for mark in self.family(ROMANISED).find(text)
            if (votes := {tag: weight for tag, weight in mark.votes.items() if tag in family.scripts})
        ]
        if not family.scripts or _evidence(marks, family) < _TAKES_OVER:
            return None
        script, share = chinese_script(text)
        candidates, tipped = family.likely(family.scores(marks, Language("zh", script, share)), declared)
        return _Found(candidates, marks, script, tipped)

    def _in_family(self, text: str, language: Language, declared: Sequence[str]) -> _Found:
        code = language.code.partition("-")[0]
        name = _FAMILY_OF.get(code, code)
        family = self.family(name if self._registry.of_family(name) else _NEAR.get(name, ""))
        marks = family.find(text)
        guessed = language.confidence < _GUESSED
        needed = _TAKES_OVER * (language.confidence if guessed else 1.0)
        if not family.scripts or (family.name != name and _evidence(marks, family, standard=guessed) < needed):
            return _Found((), (), language.script)
        candidates, tipped = family.likely(family.scores(marks, language), declared)
        if len(family.scripts) == 1:
            candidates = ((candidates[0][0], language.confidence),)
        return _Found(candidates, marks, language.script, tipped)

    def family(self, name: str) -> Family:
        """The varieties of a language, or `ROMANISED`."""
        with self._lock:
            if name not in self._families:
                self._families[name] = build(self._registry, name)
            return self._families[name]


@dataclass(frozen=True, slots=True)
class _Found:
    candidates: tuple[tuple[str, float], ...]
    marks: Sequence[Mark]
    script: str
    by_tenant: bool = False


def _evidence(marks: Iterable[Mark], family: Family, standard: bool = False) -> float:
    """What the marks say for the variety that they say most for; `standard`: or for the standard language."""
    total = dict.fromkeys(family.scripts if standard else family.varieties, 0.0)
    for votes, tag, share in counted(marks):
        if tag in total:
            total[tag] += votes[tag] * share
    return max(total.values(), default=0.0)


def _unknown_words(text: str, marks: Sequence[Mark]) -> int:
    """Words, numbers aside, that no mark touches."""
    words = [word.span() for word in WORD.finditer(text) if not word.group().isdigit()]
    return sum(not any(mark.start < end and start < mark.end for mark in marks) for start, end in words)


def _signs(marks: Iterable[Mark], tags: Sequence[str], text: str, origins: Sequence[int]) -> tuple[Sign, ...]:
    found = []
    for mark in marks:
        start, end = origins[mark.start], origins[min(mark.end, len(origins)) - 1] + 1
        found += [Sign(text[start:end], start, end, tag, mark.votes[tag]) for tag in tags if tag in mark.votes]
    return tuple(sorted(found, key=lambda sign: (sign.start, sign.end, -sign.weight)))
