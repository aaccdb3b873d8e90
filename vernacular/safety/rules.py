"""Applying a policy's rules to a folded text."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from threading import Lock
from typing import Final

import regex

from vernacular.safety.folding import UNSPACED, Folded
from vernacular.safety.lexicon import Lexicon, Occurrence
from vernacular.safety.policy import Policy, Rule
from vernacular.safety.registry import slots_of
from vernacular.safety.verdict import Finding, Stage
from vernacular.types import Span

ALLOWED: Final = "allowed words"
"""The list of what a tenant never wants taken for a term."""
REACH: Final = 200
"""Characters before and after a match in which one of `unless` takes it away."""
PATTERN_S: Final = 0.05
"""Seconds that all patterns of a tenant may take on one text; then those left are skipped, and that is a finding too."""
LEAST_HELD: Final = 120
"""Characters that the longest of personal data takes, gaps included."""
PATTERN_CHARS: Final = 200
"""Characters of a match of a tenant's pattern that an answer in pieces is sure to be searched for."""
_NEIGHBOURS: Final = 18
_NEIGHBOURS_UNSPACED: Final = 7
_KEPT: Final = 64
_UNSPACED: Final = regex.compile(rf"[{UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Match:
    rule: Rule
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    start: int
    end: int
    spans: tuple[Span, ...]


class Engine:
    """The rules of one policy, ready to be applied. Safe to share between threads."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        wanted = {slot for rule in policy.rules for slot in (*slots_of(rule), *rule.unless)}
        slots = {slot: terms for slot, terms in policy.slots.items() if slot in wanted}
        self._lexicon = Lexicon({**slots, ALLOWED: policy.allow_words})
        self._rules = {
            stage: [rule for rule in policy.rules if stage in rule.on and rule.category not in policy.disabled]
            for stage in ("prompt", "answer")
        }
        self._patterns = [(each, regex.compile(each.pattern)) for each in policy.patterns]
        answers = [rule.within for rule in self._rules["answer"]]
        lengths = [
            len(term) for rule in self._rules["answer"] for slot in slots_of(rule) for term in slots.get(slot, ())
        ]
        self.longest = max([LEAST_HELD, *answers, *lengths, *(PATTERN_CHARS for _ in self._patterns)])
        """Folded characters that anything to be found in an answer takes at most."""

    def matches(self, folded: Folded, stage: Stage) -> list[Match]:
        """The rules that hold, signs of injection (`weight`) among them."""
        found = _without_allowed(self._lexicon.find(folded))
        by_slot: dict[str, list[Occurrence]] = {}
        for each in found:
            by_slot.setdefault(each.slot, []).append(each)
        text = folded.views[0].text
        sentences = _Sentences(text)
        return [
            Match(rule, place.spans)
            for rule in self._rules[stage]
            if _may_hold(rule, by_slot) and (place := _first_place(rule, by_slot, sentences)) is not None
        ]

    def findings(self, folded: Folded, stage: Stage) -> tuple[list[Finding], float]:
        """What the rules and patterns say, and the score of the signs of injection."""
        policy = self._policy
        found: list[Finding] = []
        calm = 1.0
        for match in self.matches(folded, stage):
            rule = match.rule
            if rule.weight:
                calm *= 1 - rule.weight
            action = "log" if rule.weight else policy.action_of(rule.category, rule.action)
            found.append(
                Finding(rule.category, rule.id, action, match.spans, rule.text or policy.text_of(rule.category))
            )
        found.extend(self._by_patterns(folded, stage))
        return found, 1 - calm

    def _by_patterns(self, folded: Folded, stage: Stage) -> Iterator[Finding]:
        policy = self._policy
        for pattern, compiled in self._patterns:
            if stage not in pattern.on or pattern.category in policy.disabled:
                continue
            action = policy.action_of(pattern.category, pattern.action)
            try:
                places = [each.span() for each in compiled.finditer(folded.plain, timeout=PATTERN_S)]
            except TimeoutError:
                yield Finding(pattern.category, f"{pattern.id} (took too long)", "log")
                continue
            spans = tuple(
                Span(folded.origins[start], folded.origins[end - 1] + 1) for start, end in places if end > start
            )
            if spans:
                yield Finding(pattern.category, pattern.id, action, spans, policy.text_of(pattern.category))


class _Sentences:
    def __init__(self, text: str) -> None:
        self._text = text

    def together(self, start: int, end: int) -> bool:
        return "\n" not in self._text[start:end]

    def neighbours(self, first: Occurrence, second: Occurrence) -> bool:
        """Whether two terms stand beside each other, a few words between them at most."""
        if first.start > second.start:
            first, second = second, first
        if first.end > second.start:
            return False
        between = self._text[first.end : second.start]
        dense = _UNSPACED.search(self._text, first.start, second.end) is not None
        return "\n" not in between and len(between) <= (_NEIGHBOURS_UNSPACED if dense else _NEIGHBOURS)


def _may_hold(rule: Rule, by_slot: Mapping[str, Sequence[Occurrence]]) -> bool:
    return all(any(all(slot in by_slot for slot in pair.split("~")) for pair in part.split("|")) for part in rule.all)


def _first_place(rule: Rule, by_slot: Mapping[str, list[Occurrence]], sentences: _Sentences) -> _Place | None:
    parts = [list(_places(part, by_slot, sentences)) for part in rule.all]
    if not all(parts):
        return None
    rarest = min(range(len(parts)), key=lambda at: len(parts[at]))
    for anchor in parts[rarest]:
        chosen = [anchor]
        for number, places in enumerate(parts):
            if number == rarest:
                continue
            near = _nearest(places, chosen, rule.within, sentences)
            if near is None:
                break
            chosen.append(near)
        else:
            start, end = min(each.start for each in chosen), max(each.end for each in chosen)
            if not _taken_back(rule, by_slot, start, end):
                return _Place(start, end, tuple(chain.from_iterable(each.spans for each in chosen)))
    return None


def _places(part: str, by_slot: Mapping[str, list[Occurrence]], sentences: _Sentences) -> Iterator[_Place]:
    for alternative in part.split("|"):
        names = alternative.split("~")
        if len(names) == 1:
            for each in by_slot.get(names[0], ()):
                yield _Place(each.start, each.end, (each.span,))
            continue
        for first in by_slot.get(names[0], ()):
            for second in by_slot.get(names[1], ()):
                if sentences.neighbours(first, second):
                    start, end = min(first.start, second.start), max(first.end, second.end)
                    yield _Place(start, end, (first.span, second.span))


def _nearest(places: Sequence[_Place], chosen: Sequence[_Place], within: int, sentences: _Sentences) -> _Place | None:
    best: _Place | None = None
    least = math.inf
    low, high = min(each.start for each in chosen), max(each.end for each in chosen)
    for each in places:
        if any(each.start < other.end and other.start < each.end for other in chosen):
            continue
        start, end = min(low, each.start), max(high, each.end)
        if end - start - (high - low) < least and end - start <= within and sentences.together(start, end):
            best, least = each, end - start - (high - low)
    return best


def _taken_back(rule: Rule, by_slot: Mapping[str, list[Occurrence]], start: int, end: int) -> bool:
    return any(
        each.start < end + REACH and each.end > start - REACH for slot in rule.unless for each in by_slot.get(slot, ())
    )


def _without_allowed(found: list[Occurrence]) -> list[Occurrence]:
    allowed = [each.span for each in found if each.slot == ALLOWED]
    if not allowed:
        return found
    return [
        each
        for each in found
        if each.slot != ALLOWED
        and not any(span.start <= each.span.start and each.span.end <= span.end for span in allowed)
    ]


_engines: OrderedDict[str, Engine] = OrderedDict()
_lock = Lock()


def engine_of(policy: Policy) -> Engine:
    """The policy's rules, made ready once."""
    with _lock:
        found = _engines.get(policy.version)
        if found is not None:
            _engines.move_to_end(policy.version)
            return found
    made = Engine(policy)
    with _lock:
        _engines[policy.version] = made
        while len(_engines) > _KEPT:
            _engines.popitem(last=False)
    return made
