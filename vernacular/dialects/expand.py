"""What documents may call what a question says: terms that are added to it, with how much they count.

The words of the variety, then those of its standard language's domains, which are looked for both in the question and in
its standard wording. Nothing is taken away from the question: a word that means two things keeps both.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import regex

from vernacular.dialects.fold import fold_all
from vernacular.dialects.lookup import UNSPACED, Lookup, Match
from vernacular.dialects.pack import Entry, Pack
from vernacular.dialects.registry import Registry
from vernacular.types import Detection, Expansion

LEXICON, DOMAIN, GLOSSARY = "lexicon", "domain", "glossary"
WEIGHTS: Final = {LEXICON: 0.8, DOMAIN: 0.5, GLOSSARY: 0.9}
"""What a term of each kind counts in a search, beside 1 for a word of the question, where its sense is certain."""
_SURE: Final = 0.7
"""Confidence of the detection from which no other variety's words are looked up."""
_KIN: Final = 0.4
"""What the words of a language's other varieties count while it is unsure which one was written."""
_PEELED: Final = 0.8
"""What an entry counts whose form was found only after a clitic or an ending was taken off."""
_STANDARD_TOO: Final = 0.5
"""What the other words count of an entry that names its own form among the standard words."""
_REPLACES: Final = 0.5
"""Sense from which a word is read as its standard one."""
_MOST_TERMS: Final = 8
_WORTH_ADDING: Final = 0.05
_GLOSSARIES: Final = 32
"""Tenants' synonyms that are kept ready to be looked up."""


@dataclass(frozen=True, slots=True)
class _Word:
    """An entry of a pack's lexicon or of its domains. `tag` is the pack's, `name` what it is called by in an expansion."""

    tag: str
    name: str
    terms: tuple[str, ...]
    sense: float
    kind: str
    domain: str = ""
    is_standard: bool = False


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text, and for each character the span of the question that it stands for."""

    text: str
    spans: tuple[tuple[int, int], ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        covered = self.spans[start:end]
        return min(span[0] for span in covered), max(span[1] for span in covered)

    def without(self, little: regex.Pattern[str]) -> _Reading:
        kept = [at for gap in _gaps(little, self.text) for at in gap]
        return _Reading("".join(self.text[at] for at in kept), tuple(self.spans[at] for at in kept))

    def closes_up(self, start: int, end: int) -> bool:
        """Whether characters of the question were left out between start and end."""
        return any(second[0] > first[1] for first, second in pairwise(self.spans[start:end]))


class Expander:
    """Expands questions by the packs of a registry. Safe to share between threads."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._lookups = functools.cache(self._compile)
        self._little = functools.cache(self._little_words)

    def expand(
        self,
        query: str,
        family: str,
        detection: Detection | None,
        *,
        lexicon: bool = True,
        domains: Iterable[str] | bool = True,
        synonyms: Mapping[str, Sequence[str]] | None = None,
    ) -> tuple[Expansion, ...]:
        """`domains`: the names of those to use, or all, or none. `synonyms`: the tenant's own, term → what documents say."""
        weights = self._weights(family, detection)
        words = list(self._words(query, family, weights)) if lexicon else []
        found = [_expansion(match.start, match.end, match, weights) for match in words]
        if domains:
            only = None if domains is True else frozenset(domains)
            found += self._domains(query, words, family, weights, only)
        if synonyms:
            found += _own(query, synonyms)
        return tuple(each for each in found if each.weight >= _WORTH_ADDING)

    def _words(self, query: str, family: str, weights: Mapping[str, float]) -> Iterable[Match[_Word]]:
        for match in self._lookups(family)[LEXICON].scan(query, lambda word: word.tag in weights):
            if words := tuple(word for word in match.values if word.terms):
                yield Match(match.start, match.end, words, match.bare)

    def _domains(
        self,
        query: str,
        words: Sequence[Match[_Word]],
        family: str,
        weights: Mapping[str, float],
        only: frozenset[str] | None,
    ) -> list[Expansion]:
        lookup, little = self._lookups(family)[DOMAIN], self._little(family)
        found: dict[tuple[int, int, tuple[str, ...]], Expansion] = {}
        readings = _readings(query, words, weights)
        shorter = [reading.without(little) for reading in readings] if little is not None else []
        for at, reading in enumerate((*readings, *shorter)):
            for match in lookup.scan(
                reading.text, lambda word: word.tag in weights and (only is None or word.domain in only)
            ):
                if at >= len(readings) and not reading.closes_up(match.start, match.end):
                    continue
                expansion = _expansion(*reading.span(match.start, match.end), match, weights)
                found.setdefault((expansion.start, expansion.end, expansion.terms), expansion)
        return list(found.values())

    def _weights(self, family: str, detection: Detection | None) -> dict[str, float]:
        """What the words of each pack count for this question, by tag."""
        weights = {pack.tag: 1.0 for pack in self._registry.standards(family)}
        candidates = dict(detection.candidates) if detection else {}
        if detection is not None and detection.tag is not None:
            candidates[detection.tag] = max(detection.confidence, candidates.get(detection.tag, 0.0))
        unsure = max(candidates.values(), default=0.0) < _SURE
        for pack in self._registry.of_family(family):
            likely = min(1.0, candidates.get(pack.tag, 0.0) / _SURE)
            weight = max(likely, _KIN if unsure else 0.0)
            for each in self._registry.chain(pack) if weight else ():
                weights[each.tag] = max(weights.get(each.tag, 0.0), weight)
        return weights

    def _compile(self, family: str) -> dict[str, Lookup[_Word]]:
        packs = self._registry.of_family(family)
        return {
            LEXICON: Lookup((form, word) for pack in packs for form, word in _lexicon(pack)),
            DOMAIN: Lookup((form, word) for pack in packs for form, word in _official(pack)),
        }

    def _little_words(self, family: str) -> regex.Pattern[str] | None:
        """Words that may stand within a phrase of the domains, in a language that puts no spaces between words."""
        words = {
            word
            for pack in self._registry.standards(family)
            for word in f"{pack.words.pronouns} {pack.words.function}".split()
        }
        unspaced = sorted(filter(UNSPACED.match, words), key=len, reverse=True)
        return regex.compile("|".join(map(regex.escape, unspaced))) if unspaced else None


def _lexicon(pack: Pack) -> Iterable[tuple[str, _Word]]:
    """A form that the standard language writes the same has no terms: it only keeps the shorter ones within it away."""
    entries = [_in_variants(pack, entry) for entry in pack.lexicon if entry.terms]
    entries += [Entry((variant,), (usual,)) for variant, usual in pack.manifest.variants.items() if len(variant) > 1]
    folded = iter(fold_all([text for entry in entries for text in (*entry.forms, *entry.terms)]))
    for entry in entries:
        forms = [next(folded) for _ in entry.forms]
        terms = [next(folded) for _ in entry.terms]
        word = _Word(pack.tag, pack.tag, entry.terms, entry.sense, LEXICON)
        for form, key in zip(entry.forms, forms, strict=True):
            if key in terms:
                yield form, replace(word, terms=() if set(terms) == {key} else entry.terms, is_standard=True)
            else:
                yield form, word


def _in_variants(pack: Pack, entry: Entry) -> Entry:
    """The entry with its forms as the pack's spelling variants write them, too."""
    spelt = (
        form.replace(usual, variant)
        for form in entry.forms
        for variant, usual in pack.manifest.variants.items()
        if usual in form
    )
    return replace(entry, forms=tuple(dict.fromkeys((*entry.forms, *spelt))))


def _official(pack: Pack) -> Iterable[tuple[str, _Word]]:
    for entry in pack.domains:
        word = _Word(pack.tag, f"{pack.tag}/{entry.domain}", entry.terms, entry.sense, DOMAIN, entry.domain)
        yield from ((form, word) for form in entry.forms)


def _expansion(start: int, end: int, match: Match[_Word], weights: Mapping[str, float]) -> Expansion:
    """All that the words of one form may stand for; the likeliest first, and it says how much they count."""
    ranked = sorted(match.values, key=lambda word: -word.sense * weights[word.tag])
    terms = tuple(dict.fromkeys(term for word in ranked for term in word.terms))[:_MOST_TERMS]
    best = ranked[0]
    weight = WEIGHTS[best.kind] * best.sense * weights[best.tag]
    weight *= (1.0 if match.bare else _PEELED) * (_STANDARD_TOO if best.is_standard else 1.0)
    return Expansion(start, end, terms, weight, best.kind, best.name)


def _readings(query: str, words: Sequence[Match[_Word]], weights: Mapping[str, float]) -> list[_Reading]:
    """The question as it was written, and in its standard wording, where that is another."""
    readings = [_Reading(query, tuple((at, at + 1) for at in range(len(query))))]
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    last = 0
    for match in words:
        best = max(match.values, key=lambda word: word.sense * weights[word.tag])
        if best.sense * weights[best.tag] < _REPLACES:
            continue
        pieces += [query[last : match.start], best.terms[0]]
        spans += [(at, at + 1) for at in range(last, match.start)] + [(match.start, match.end)] * len(best.terms[0])
        last = match.end
    if pieces:
        rest = query[last:]
        pieces.append(rest)
        spans += [(at, at + 1) for at in range(last, len(query))]
        readings.append(_Reading("".join(pieces), tuple(spans)))
    return readings


def _gaps(pattern: regex.Pattern[str], text: str) -> Iterable[range]:
    """The stretches of `text` between the matches of a pattern."""
    last = 0
    for match in pattern.finditer(text):
        yield range(last, match.start())
        last = match.end()
    yield range(last, len(text))


def _own(query: str, synonyms: Mapping[str, Sequence[str]]) -> list[Expansion]:
    lookup = _glossary(tuple((term, tuple(others)) for term, others in synonyms.items() if others))
    return [
        Expansion(match.start, match.end, tuple(dict.fromkeys(sum(match.values, ()))), WEIGHTS[GLOSSARY], GLOSSARY)
        for match in lookup.scan(query)
    ]


@functools.lru_cache(maxsize=_GLOSSARIES)
def _glossary(synonyms: tuple[tuple[str, tuple[str, ...]], ...]) -> Lookup[tuple[str, ...]]:
    """By what is in it, so that a tenant that changes its synonyms has the new ones at once."""
    return Lookup(synonyms)
