"""Documents written in a variety: the standard words for what they say, by which other wordings of it find them.

A text is taken to be in a variety when it has many of the words that tell one, for its length; the detection of questions
would be misled by the few that any long text has. All other texts are passed over at the cost of a look at their words.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import add
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import regex

from vernacular.dialects.detect import Detector
from vernacular.dialects.expand import Expander
from vernacular.dialects.family import LATIN, ROMANISED
from vernacular.dialects.registry import Registry, current
from vernacular.dialects.romanised import from_latin
from vernacular.dialects.signs import Votes
from vernacular.text.language import Language, identify, identify_all
from vernacular.text.normalise import folded_points
from vernacular.text.tables import JOINER, class_table, to_text
from vernacular.types import Detection, Expansion

Glosses: TypeAlias = tuple[Expansion, ...]
Gloss: TypeAlias = Callable[[Sequence[str]], list[Glosses]]
"""The glosses of each text, in its own offsets; none for one that is in no variety."""

SAMPLE: Final = 400
"""Characters looked at, half as many where there are Han characters: they say more, and cost more."""
TELLING: Final = 1.5
"""Log odds from which a marker tells a variety from the standard language."""
RATES: Final = {"zh": 0.03, ROMANISED: 0.3}
"""Log odds that must be found for each Han character, or word, of a text that is taken to be in a variety."""
_RATE: Final = 0.07
SURE: Final = 0.75
"""Probability, that of all varieties together, from which the detection agrees."""
_MEANT: Final = 0.35
"""Weight from which an expansion says what the text says."""
_MOST_TERMS: Final = 4
_BREAK: Final = "\n"
_HAN: Final = regex.compile(r"\p{Han}")


def with_glosses(texts: Sequence[str], gloss: Gloss) -> list[str]:
    """The texts as they are to be indexed: those in a variety with the terms of their glosses below them."""
    return ["\n".join((text, *terms_of(found))) for text, found in zip(texts, gloss(texts), strict=True)]


def terms_of(glosses: Iterable[Expansion]) -> list[str]:
    """The terms, each once."""
    return list(dict.fromkeys(term for each in glosses for term in each.terms))


class Glosser:
    """Glosses texts by the packs of a registry. Safe to share between threads."""

    def __init__(
        self,
        registry: Registry,
        detector: Detector,
        expander: Expander,
        language: Callable[[str], Language] = identify,
    ) -> None:
        """`language` tells that of a text."""
        self._language = language
        self._registry = registry
        self._detector = detector
        self._expander = expander
        self._lock = threading.Lock()
        self._made: _Signs | None = None

    def gloss(self, texts: Sequence[str]) -> list[Glosses]:
        """See `Gloss`. Texts are read several times faster together than one by one.

        Raises:
            InvalidPack: a marker of a pack is no regular expression.
        """
        signs = self._signs()
        tell = (signs.tell(sample) for sample in _samples(texts))
        return [self._glosses(text) if told else () for text, told in zip(texts, tell, strict=True)]

    def _glosses(self, text: str) -> Glosses:
        detection = self._detector.detect(text, self._language(text[:SAMPLE]))
        pack = self._registry.find(detection.tag) if detection.tag else None
        varieties = {each.tag for each in self._registry if each.manifest.standard}
        sure = sum(share for tag, share in detection.candidates if tag in varieties) >= SURE
        if pack is None or pack.tag not in varieties or not sure:
            return ()
        family = pack.manifest.family
        found = list(self._expander.expand(text, family, detection, domains=False))
        if _is_romanised(detection, pack.manifest.scripts):
            found += from_latin(text, self._registry.of_family(family), None)
        return tuple(
            Expansion(each.start, each.end, each.terms[:_MOST_TERMS], each.weight, each.kind, each.source)
            for each in found
            if each.weight >= _MEANT
        )

    def _signs(self) -> _Signs:
        with self._lock:
            if self._made is None:
                self._made = _signs_of(self._registry, self._detector)
            return self._made


def _language(text: str) -> Language:
    """By the model that ingestion has loaded already: another would take 100 MB more."""
    return identify_all([text])[0]


class CurrentGlosser:
    """Glosses texts by the packs as they are now; see `vernacular.dialects.registry.CurrentRegistry`."""

    def __init__(self, imported: Path | None = None) -> None:
        """`imported`: folder of the dictionaries that an operator imported."""
        self._imported = imported
        self._lock = threading.Lock()
        self._made: tuple[Registry, Glosser] | None = None

    def gloss(self, texts: Sequence[str]) -> list[Glosses]:
        """See `Glosser.gloss`."""
        registry = current(self._imported)
        with self._lock:
            if self._made is None or self._made[0] is not registry:
                self._made = registry, Glosser(registry, Detector(registry), Expander(registry), _language)
            glosser = self._made[1]
        return glosser.gloss(texts)


@dataclass(slots=True)
class _Telling:
    """The markers of one family that tell a variety from the standard language, and what each counts."""

    words: dict[str, float] = field(default_factory=dict)
    phrases: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    parts: dict[str, list[tuple[str, float]]] = field(default_factory=dict)

    def take_in(self, form: str, kind: str, weight: float) -> None:
        if kind == "part":
            self.parts.setdefault(form[:2], []).append((form, weight))
        elif " " in form:
            self.phrases.setdefault(max(form.split(), key=len), []).append((form, weight))
        else:
            self.words[form] = weight

    def evidence(self, text: str, words: Iterable[str], pairs: Iterable[str]) -> float:
        """What those of `words` and `pairs` say that stand in `text`, each form once, the longest where they overlap."""
        found = {form: weight for pair in pairs for form, weight in self.parts.get(pair, ()) if form in text}
        total = sum(
            weight for form, weight in found.items() if not any(form in other for other in found.keys() - {form})
        )
        for word in words:
            total += self.words.get(word, 0.0)
            total += sum(weight for form, weight in self.phrases.get(word, ()) if f" {form} " in f" {text} ")
        return total


@dataclass(frozen=True, slots=True)
class _Signs:
    """What texts are looked through for. `words` and `pairs` are those of all families together."""

    families: Mapping[str, _Telling]
    words: frozenset[str]
    pairs: frozenset[str]

    def tell(self, text: str) -> bool:
        """Whether a normalised text, its words parted by single spaces, may be in a variety."""
        words = self.words.intersection(text.split(" "))
        pairs: frozenset[str] = frozenset()
        if not text.isascii() and _HAN.search(text):
            pairs = self.pairs.intersection(map(add, text, text[1:])) | self.pairs.intersection(text)
        if not words and not pairs:
            return False
        return any(
            found >= RATES.get(name, _RATE) * _length(text, name)
            for name, telling in self.families.items()
            if (found := telling.evidence(text, words, pairs))
        )


def _signs_of(registry: Registry, detector: Detector) -> _Signs:
    families = {pack.manifest.family for pack in registry if pack.manifest.standard}
    found = {name: _telling(registry, detector, name) for name in (*sorted(families), ROMANISED)}
    return _Signs(
        found,
        frozenset().union(*(each.words.keys() | each.phrases.keys() for each in found.values())),
        frozenset().union(*(each.parts for each in found.values())),
    )


def _telling(registry: Registry, detector: Detector, name: str) -> _Telling:
    telling = _Telling()
    varieties = {pack.tag for pack in registry if pack.manifest.standard}
    for form, kind, votes in detector.family(name).markers.entries():
        if kind in ("word", "part") and (weight := _margin(votes, varieties)) >= TELLING:
            telling.take_in(form, kind, weight)
    return telling


def _margin(votes: Votes, varieties: set[str]) -> float:
    """How much more a marker says for a variety than for any standard language."""
    told = max((weight for tag, weight in votes.items() if tag in varieties), default=0.0)
    return told - max((weight for tag, weight in votes.items() if tag not in varieties), default=0.0)


def _length(text: str, family: str) -> int:
    return len(_HAN.findall(text)) if family == "zh" else text.count(" ") + 1


def _is_romanised(detection: Detection, scripts: Sequence[str]) -> bool:
    return detection.script == LATIN and scripts[0] != LATIN


def _samples(texts: Sequence[str]) -> list[str]:
    """The beginning of each text, normalised, with one space for whatever parts its words."""
    if not texts:
        return []
    begins = (text[: SAMPLE // 2 if _HAN.search(text[:SAMPLE]) else SAMPLE] for text in texts)
    points = folded_points(_BREAK.join(text.replace(_BREAK, " ") for text in begins))
    parting = (class_table()[points] <= JOINER) & (points != ord(_BREAK))
    spaced = np.where(parting, np.uint32(ord(" ")), points).astype(np.uint32)
    again = np.zeros(len(spaced), dtype=np.bool_)
    again[1:] = parting[1:] & parting[:-1]
    return [sample.strip(" ") for sample in to_text(spaced[~again]).split(_BREAK)]
