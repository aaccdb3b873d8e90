"""Which variety a question is in: what the packs' markers, the script, the tenant and the person say, as a probability.

A log-linear model: the scores of the varieties of a language are a prior each, what its script says, and the weights of
the markers found; a softmax over a temperature, fitted on questions of known variety (`bench/detection.py`), makes
probabilities of them. Priors and temperatures are in `detection.json`, weights in the packs' `markers.tsv`.
"""

from __future__ import annotations

import functools
import json
import math
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from vernacular.dialects.pack import Marker, Pack
from vernacular.dialects.registry import Registry
from vernacular.dialects.signs import HAN, WORD, Mark, SignIndex, is_latin
from vernacular.text.language import Language
from vernacular.text.normalise import normalise_with_offsets
from vernacular.types import Detection, Sign

SAMPLE: Final = 600
"""Characters looked at."""
ROMANISED: Final = "romanised"
_FAMILY_OF: Final = {"yue": "zh", "nan": "zh"}
_NEAR: Final = {"fa": "ar", "ps": "ar", "ug": "ar", "ur": "ar", "gl": "es", "ca": "es"}
"""What a few words are taken for now and then, and the language that they may be in."""
_CHINESE_SCRIPTS: Final = ("Hans", "Hant")
_LATIN: Final = "Latn"
_TAKES_OVER: Final = 3.0
_DECLARED: Final = 3.0
_VARIETY: Final = -2.0
"""The prior of a variety that `detection.json` does not know; a standard language has 0."""
_AGAIN: Final = 0.5
"""What a marker counts the second time; after that nothing."""
_WORTH_SAYING: Final = 0.01
_OF_LEXICON: Final = 0.6
_SURE_SENSE: Final = 0.9
_SHORTEST: Final = {True: 2, False: 4}
"""Characters of a lexicon's word, by whether it is in Han characters, from which it tells anything."""


class Detector:
    """Detects the varieties that a registry has packs for. Holds no state but indexes; threads may share it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._families: dict[str, _Family] = {}
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
        found = self._in_latin(normal, language, tags) or self._in_family(normal, language, tags)
        signs = _signs(found.marks, [tag for tag, _ in found.candidates], text, origins)
        if chosen:
            return Detection(self._chosen(chosen, found), found.script, 1.0, found.candidates, signs, "person")
        tag, confidence = found.candidates[0] if found.candidates else (None, language.confidence)
        return Detection(tag, found.script, confidence, found.candidates, signs, found.decided_by)

    def _chosen(self, tag: str, found: _Found) -> str | None:
        """The pack that `tag` means; of a language in general, the likeliest standard form."""
        pack = self._registry.find(tag)
        if pack is None or pack.tag not in _bases(self._registry.of_family(pack.manifest.family)):
            return pack.tag if pack else None
        regional = [each for each in self._registry.standards(pack.manifest.family) if each.tag != pack.tag]
        asked = [each.tag for each in regional if set(each.manifest.scripts) & set(tag.split("-"))]
        likely = asked or [each.tag for each in regional]
        return next((each for each, _ in found.candidates if each in likely), likely[0])

    def _in_latin(self, text: str, language: Language, declared: Sequence[str]) -> _Found | None:
        """What the Latin letters spell that the language is not usually written in; None if nothing."""
        if language.script != _LATIN:
            return None
        family = self._family(ROMANISED)
        marks = family.find(text)
        if not marks:
            return None
        scores = family.scores(marks, "", 0.0)
        odds = max(scores.values()) + family.scale["bias"] + family.scale["unknown"] * _unknown_words(text, marks)
        if odds <= 0:
            return None
        found = family.decide(scores, marks, declared, _LATIN)
        share = 1 / (1 + math.exp(-odds))
        return _Found(tuple((tag, p * share) for tag, p in found.candidates), marks, _LATIN, found.decided_by)

    def _in_family(self, text: str, language: Language, declared: Sequence[str]) -> _Found:
        code = language.code.partition("-")[0]
        name = _FAMILY_OF.get(code, code)
        family = self._family(name if self._registry.of_family(name) else _NEAR.get(name, ""))
        marks = family.find(text)
        if not family.scripts or (
            family.name != name and max(_counted(marks, family.varieties).values(), default=0.0) < _TAKES_OVER
        ):
            return _Found((), [], language.script, "text")
        certainty = 2 * language.confidence - 1 if language.script in _CHINESE_SCRIPTS else 0.0
        scores = family.scores(marks, language.script, certainty)
        return family.decide(scores, marks, declared, language.script)

    def _family(self, name: str) -> _Family:
        with self._lock:
            if name not in self._families:
                self._families[name] = (
                    _romanised(self._registry) if name == ROMANISED else _native(self._registry, name)
                )
            return self._families[name]


@dataclass(frozen=True, slots=True)
class _Found:
    candidates: tuple[tuple[str, float], ...]
    marks: Sequence[Mark]
    script: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class _Family:
    """The varieties that one text may be in. `scripts`: by tag, in the order of preference."""

    name: str
    markers: SignIndex
    lexicons: SignIndex
    scripts: Mapping[str, Sequence[str]]
    priors: Mapping[str, float]
    scale: Mapping[str, float]
    varieties: frozenset[str]

    def find(self, text: str) -> list[Mark]:
        """The markers, and the words of lexicons that none of them overlaps."""
        marks = self.markers.find(text)
        words = self.lexicons.find(text)
        return marks + [word for word in words if not any(m.start < word.end and word.start < m.end for m in marks)]

    def scores(self, marks: Iterable[Mark], script: str, certainty: float) -> dict[str, float]:
        counted = _counted(marks, self.scripts)
        against = self.scale.get("script", 0.0) * certainty
        return {
            tag: self.priors[tag] + counted.get(tag, 0.0) - (against if script not in scripts else 0.0)
            for tag, scripts in self.scripts.items()
        }

    def decide(self, scores: dict[str, float], marks: Sequence[Mark], declared: Sequence[str], script: str) -> _Found:
        own = [tag for tag in declared if tag in scores]
        raised = self._raised(scores, own)
        candidates = _softmax(raised, self.scale["temperature"])
        tipped = bool(own) and max(scores, key=lambda tag: scores[tag]) != candidates[0][0]
        return _Found(candidates, marks, script, "tenant" if tipped else "text")

    def _raised(self, scores: Mapping[str, float], declared: Sequence[str]) -> Mapping[str, float]:
        """A declared variety is as likely beforehand as the likeliest there is, and then some."""
        if not declared:
            return scores
        most = max(self.priors.values())
        return {
            tag: score + (most - self.priors[tag] + _DECLARED if tag in declared else 0.0)
            for tag, score in scores.items()
        }


def _native(registry: Registry, name: str) -> _Family:
    every = registry.of_family(name)
    bases = _bases(every)
    packs = [pack for pack in every if pack.tag not in bases]
    latin = any(pack.manifest.scripts[0] == _LATIN for pack in packs)
    markers = {pack.tag: [marker for marker in pack.markers if latin or not is_latin(marker)] for pack in every}
    words = dict(_lexicon_markers(every))
    sources = {pack.tag: list(_sources(registry, pack)) for pack in packs}
    indexes = [
        SignIndex((tag, marker) for tag, tags in sources.items() for each in tags for marker in marked.get(each, ()))
        for marked in (markers, words)
    ]
    return _family(name, packs, indexes[0], indexes[1])


def _romanised(registry: Registry) -> _Family:
    packs = [pack for pack in registry if pack.manifest.scripts[0] != _LATIN]
    markers = [(pack.tag, marker) for pack in packs for marker in pack.markers if is_latin(marker)]
    written = {tag for tag, _ in markers}
    return _family(ROMANISED, [pack for pack in packs if pack.tag in written], SignIndex(markers), SignIndex(()))


def _family(name: str, packs: Sequence[Pack], markers: SignIndex, lexicons: SignIndex) -> _Family:
    scale = dict(_scales().get(name, {"temperature": 1.0}))
    known = scale.pop("priors", {})
    usual = {pack.tag: _VARIETY if pack.manifest.standard and name != ROMANISED else 0.0 for pack in packs}
    return _Family(
        name,
        markers,
        lexicons,
        {pack.tag: pack.manifest.scripts for pack in packs},
        {tag: known.get(tag, prior) for tag, prior in usual.items()},
        scale,
        frozenset(pack.tag for pack in packs if pack.manifest.standard),
    )


def _bases(packs: Sequence[Pack]) -> set[str]:
    """Standard languages in general, which are written in one of their regional forms."""
    regional = [pack for pack in packs if not pack.manifest.standard and pack.manifest.extends]
    return {pack.manifest.extends for pack in regional}


def _sources(registry: Registry, pack: Pack) -> Iterator[str]:
    """The packs whose markers count for a pack: its own, what it extends, and the vocabulary of its region."""
    yield pack.tag
    if extended := registry.find(pack.manifest.extends) if pack.manifest.extends else None:
        yield extended.tag
    standard = registry.find(pack.manifest.standard) if pack.manifest.standard else None
    if standard and standard.manifest.extends:
        yield standard.tag


def _lexicon_markers(packs: Sequence[Pack]) -> Iterator[tuple[str, list[Marker]]]:
    """(tag, weak markers): words that one variety's lexicon has and neither its kin nor a standard language."""
    words = {pack.tag: _sure_words(pack) for pack in packs}
    shared = Counter(form for forms in words.values() for form in forms)
    usual = {term for pack in packs for entry in pack.lexicon for term in entry.terms}
    usual |= {form for pack in packs for entry in pack.domains for form in (*entry.forms, *entry.terms)}
    written = {marker.form for pack in packs for marker in pack.markers}
    for pack in packs:
        own = [form for form in words[pack.tag] if shared[form] == 1 and form not in usual and form not in written]
        yield pack.tag, [Marker(form, _OF_LEXICON, "word") for form in own]


def _sure_words(pack: Pack) -> set[str]:
    forms = [form for entry in pack.lexicon if entry.sense >= _SURE_SENSE for form in entry.forms]
    return {form for form in forms if len(form) >= _SHORTEST[bool(HAN.search(form))]}


def _unknown_words(text: str, marks: Sequence[Mark]) -> int:
    """Words, numbers aside, that no mark touches."""
    words = [word.span() for word in WORD.finditer(text) if not word.group().isdigit()]
    return sum(not any(mark.start < end and start < mark.end for mark in marks) for start, end in words)


def _counted(marks: Iterable[Mark], tags: Iterable[str]) -> dict[str, float]:
    wanted, seen, total = set(tags), Counter[str](), dict[str, float]()
    for mark in marks:
        seen[mark.form] += 1
        share = {1: 1.0, 2: _AGAIN}.get(seen[mark.form], 0.0)
        for tag, weight in mark.votes.items():
            if tag in wanted:
                total[tag] = total.get(tag, 0.0) + weight * share
    return total


def _softmax(scores: Mapping[str, float], temperature: float) -> tuple[tuple[str, float], ...]:
    most = max(scores.values())
    powers = {tag: math.exp((score - most) / temperature) for tag, score in scores.items()}
    total = sum(powers.values())
    ranked = sorted(((tag, power / total) for tag, power in powers.items()), key=lambda each: -each[1])
    return tuple(each for number, each in enumerate(ranked) if not number or each[1] >= _WORTH_SAYING)


def _signs(marks: Iterable[Mark], tags: Sequence[str], text: str, origins: Sequence[int]) -> tuple[Sign, ...]:
    found = []
    for mark in marks:
        start, end = origins[mark.start], origins[min(mark.end, len(origins)) - 1] + 1
        found += [Sign(text[start:end], start, end, tag, mark.votes[tag]) for tag in tags if tag in mark.votes]
    return tuple(sorted(found, key=lambda sign: (sign.start, sign.end, -sign.weight)))


@functools.cache
def _scales() -> dict[str, Any]:
    file = resources.files("vernacular.dialects").joinpath("detection.json")
    scales: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return scales
