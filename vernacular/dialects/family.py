"""The varieties that one question may be in, and how likely the markers found make each: a log-linear model.

The score of a variety is a prior, what its script says, and the weights of the markers found; a softmax over a temperature
makes probabilities of the scores. Weights are in the packs' `markers.tsv`, priors and temperatures in `detection.json`,
weights and temperatures fitted to questions of known variety
(`bench/detection_fit.py`).
"""

from __future__ import annotations

import functools
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from vernacular.dialects.pack import Marker, Pack
from vernacular.dialects.registry import Registry
from vernacular.dialects.signs import HAN, Mark, SignIndex, Votes, is_latin, normalise_all, stem
from vernacular.text.language import Language

ROMANISED: Final = "romanised"
"""The name of the family of all varieties that are typed in Latin letters but not written in them."""
LATIN: Final = "Latn"
_CHINESE_SCRIPTS: Final = ("Hans", "Hant")
_DECLARED: Final = 0.5
_VARIETY: Final = -2.0
"""The prior of a variety that `detection.json` does not know; a standard language has 0."""
_AGAIN: Final = 0.5
"""What a marker counts the second time; after that nothing."""
_WITHIN: Final = 0.3
"""What a marker counts that overlaps one that says more."""
_WORTH_SAYING: Final = 0.01
_OF_LEXICON: Final = 1.0
"""What a word of one lexicon says for its variety, in log odds."""
_LEAST_SENSE: Final = 0.5
_FEW: Final = 2
"""Varieties that a word may be in and still tell something."""
_SHORTEST: Final = {True: 2, False: 4}
"""Characters of a lexicon's word, by whether it is in Han characters, from which it tells anything."""


@dataclass(frozen=True, slots=True)
class Family:
    """The varieties that one text may be in. `scripts`: by tag, in the order of preference.

    `scale` (all in log odds but the first): `temperature`; `script`, what a text in another script says against a variety;
    `declared`, what a tenant's declaration says for one; `written_alike`: 1 where the standard language as such is in
    any of the varieties, so that a declared one is what neutral wording is in.
    """

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

    def scores(self, marks: Iterable[Mark], language: Language) -> dict[str, float]:
        """The score of each variety, in log odds."""
        total = {tag: self.priors[tag] + told for tag, told in self.by_script(language).items()}
        for votes, tag, share in counted(marks):
            total[tag] += votes[tag] * share
        return total

    def by_script(self, language: Language) -> dict[str, float]:
        """What the script says: the less, the fewer of the telling characters agree."""
        certainty = 2 * language.confidence - 1 if language.script in _CHINESE_SCRIPTS else 0.0
        against = self.scale.get("script", 0.0) * certainty
        return {tag: 0.0 if language.script in scripts else -against for tag, scripts in self.scripts.items()}

    def likely(
        self, scores: Mapping[str, float], declared: Sequence[str]
    ) -> tuple[tuple[tuple[str, float], ...], bool]:
        """(tag, probability) of the varieties, best first, and whether it is for the declared ones that the first is it."""
        own = [tag for tag in declared if tag in scores]
        shares = _softmax(self._raised(scores, own), self.scale["temperature"])
        if self.scale.get("written_alike") and own and self.varieties.issuperset(own):
            best = max(own, key=lambda tag: shares[tag])
            shares[best] += sum(shares.pop(tag) for tag in self.scripts.keys() - self.varieties)
        ranked = sorted(shares.items(), key=lambda each: -each[1])
        candidates = tuple(each for number, each in enumerate(ranked) if not number or each[1] >= _WORTH_SAYING)
        return candidates, bool(own) and max(scores, key=lambda tag: scores[tag]) != candidates[0][0]

    def _raised(self, scores: Mapping[str, float], declared: Sequence[str]) -> Mapping[str, float]:
        """A declared variety is as likely beforehand as the likeliest there is, and then some."""
        most = max(self.priors.values(), default=0.0)
        more = self.scale.get("declared", _DECLARED)
        return {
            tag: score + (most - self.priors[tag] + more if tag in declared else 0.0) for tag, score in scores.items()
        }


def build(registry: Registry, name: str) -> Family:
    """The family `name`, which is a language's or `ROMANISED`.

    Raises:
        InvalidPack: a marker of a pack is no regular expression.
    """
    return _romanised(registry) if name == ROMANISED else _native(registry, name)


def bases(packs: Sequence[Pack]) -> set[str]:
    """Standard languages in general, which are written in one of their regional forms."""
    return {pack.manifest.extends for pack in packs if not pack.manifest.standard and pack.manifest.extends}


def counted(marks: Iterable[Mark]) -> Iterator[tuple[Votes, str, float]]:
    """(votes, tag, share): how much of the vote that each mark has for each variety counts.

    What says the same again says less: the same form, and what overlaps a mark that says more for the variety.
    """
    seen = Counter[str]()
    told: dict[str, list[tuple[int, int]]] = {}
    for mark in sorted(marks, key=_strength, reverse=True):
        seen[mark.form] += 1
        share = {1: 1.0, 2: _AGAIN}.get(seen[mark.form], 0.0)
        for tag in mark.votes if share else ():
            spans = told.setdefault(tag, [])
            again = any(start < mark.end and mark.start < end for start, end in spans)
            spans.append((mark.start, mark.end))
            yield mark.votes, tag, share * (_WITHIN if again else 1.0)


def _strength(mark: Mark) -> float:
    return max(map(abs, mark.votes.values()), default=0.0)


def _native(registry: Registry, name: str) -> Family:
    every = registry.of_family(name)
    packs = [pack for pack in every if pack.tag not in bases(every)]
    latin = any(pack.manifest.scripts[0] == LATIN for pack in packs)
    markers = {pack.tag: [marker for marker in pack.markers if latin or not is_latin(marker)] for pack in every}
    words = dict(_lexicon_markers(every))
    sources = {pack.tag: list(_sources(registry, pack)) for pack in packs}
    indexes = [
        SignIndex((tag, marker) for tag, tags in sources.items() for each in tags for marker in marked.get(each, ()))
        for marked in (markers, words)
    ]
    return _family(name, packs, indexes[0], indexes[1])


def _romanised(registry: Registry) -> Family:
    packs = [pack for pack in registry if pack.manifest.scripts[0] != LATIN]
    markers = [(pack.tag, marker) for pack in packs for marker in pack.markers if is_latin(marker)]
    written = {tag for tag, _ in markers}
    return _family(ROMANISED, [pack for pack in packs if pack.tag in written], SignIndex(markers), SignIndex(()))


def _family(name: str, packs: Sequence[Pack], markers: SignIndex, lexicons: SignIndex) -> Family:
    scale = dict(_scales().get(name, {"temperature": 1.0}))
    known = scale.pop("priors", {})
    usual = {pack.tag: _VARIETY if pack.manifest.standard and name != ROMANISED else 0.0 for pack in packs}
    return Family(
        name,
        markers,
        lexicons,
        {pack.tag: pack.manifest.scripts for pack in packs},
        {tag: known.get(tag, prior) for tag, prior in usual.items()},
        scale,
        frozenset(pack.tag for pack in packs if pack.manifest.standard),
    )


def _sources(registry: Registry, pack: Pack) -> Iterator[str]:
    """The packs whose markers count for a pack: its own, what it extends, and the vocabulary of its region."""
    yield pack.tag
    if extended := registry.find(pack.manifest.extends) if pack.manifest.extends else None:
        yield extended.tag
    standard = registry.find(pack.manifest.standard) if pack.manifest.standard else None
    if standard and standard.manifest.extends:
        yield standard.tag


def _lexicon_markers(packs: Sequence[Pack]) -> Iterator[tuple[str, list[Marker]]]:
    """(tag, weak markers): words that the lexicons of few varieties or regions have, and the standard has not."""
    local = [pack for pack in packs if pack.manifest.standard or pack.manifest.extends]
    words = {pack.tag: _likely_words(pack) for pack in local}
    shared = Counter(form for forms in words.values() for form in forms)
    usual = {term for pack in packs for entry in pack.lexicon for term in entry.terms}
    usual |= {form for pack in packs if pack not in local for entry in pack.lexicon for form in entry.forms}
    usual |= {form for pack in packs for entry in pack.domains for form in (*entry.forms, *entry.terms)}
    usual |= {marker.form for pack in packs for marker in pack.markers}
    known = {stem(word) for form in normalise_all(sorted(usual)) for word in (form, *form.split())}
    for pack in local:
        told = {form: sense for form, sense in words[pack.tag].items() if stem(form) not in known}
        yield (
            pack.tag,
            [
                Marker(form, _OF_LEXICON * sense / shared[form], "word")
                for form, sense in told.items()
                if shared[form] <= _FEW
            ],
        )


def _likely_words(pack: Pack) -> dict[str, float]:
    """The words that are more likely meant as the variety means them than otherwise, and how likely."""
    likely = [
        (form, entry.sense)
        for entry in pack.lexicon
        for form in (entry.forms if entry.sense >= _LEAST_SENSE else ())
        if len(form) >= _SHORTEST[bool(HAN.search(form))]
    ]
    found: dict[str, float] = {}
    for normal, (_, sense) in zip(normalise_all([form for form, _ in likely]), likely, strict=True):
        found[normal] = max(sense, found.get(normal, 0.0))
    return found


def _softmax(scores: Mapping[str, float], temperature: float) -> dict[str, float]:
    most = max(scores.values())
    powers = {tag: math.exp((score - most) / temperature) for tag, score in scores.items()}
    total = sum(powers.values())
    return {tag: power / total for tag, power in powers.items()}


@functools.cache
def _scales() -> dict[str, Any]:
    file = resources.files("vernacular.dialects").joinpath("detection.json")
    scales: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return scales
