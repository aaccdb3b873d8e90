"""Whether two questions are the same one, in other words or in another variety, and not merely about the same subject.

Each is read against the other: what of its content, by rarity, stands in the other one, in its own words or in those it was
expanded with. Both must ask for the same (a price, a place …), deny alike, and tell the same figures and names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Final

import numpy as np
import regex

from serve.rag.asks import Asked, agree, asked
from serve.rag.facts import Facts, currencies_agree, facts, missing_figures, names
from serve.rag.matching import Terms, pad, terms
from serve.rag.support import Units, rarity, units
from serve.rag.words import Lexicon, words_of
from vernacular.dialects.romanised import RomanIndex
from vernacular.dialects.spelling import SpellingIndex
from vernacular.types import Understanding

SAME: Final = 0.8
"""Likeness from which two questions are the same."""
_NOT_EVIDENCE: Final = frozenset({"model", "domain"})
"""Expansions with words that are only near in meaning: a fee of one kind is not that of another."""
_MEANS: Final = 0.35
_HELD: Final = 0.45
"""How much of a unit the other question must hold not to lack it."""
_REPLACED: Final = 0.9
"""Share that each must hold of the other where both say something that the other does not."""
_SLIP: Final = 0.5
_TYPED: Final = 0.9
_FORM: Final = 0.95
_ALIKE: Final = 0.85
_STEM: Final = 3
_LIKE: Final = 0.6
_LONG_ENOUGH: Final = 5
_COUNTS: Final = frozenset(pad(["use used using usar uso"])[0].split("_"))
"""Function words elsewhere, that tell one question from another here."""
_SAYS_NOTHING: Final = frozenset(
    pad(
        [
            "required require requires needed necessary necesarios necesario necesaria requiere requieren المطلوبة المطلوب el il"
        ]
    )[0].split("_")
)
_EITHER_OR: Final = regex.compile(r"(\p{Han})[不唔没冇勿未]\1")
"""`去不去` asks whether, and denies nothing."""
_LETTERS: Final = regex.compile(r"[\p{Latin}\p{Arabic}\p{Cyrillic}\p{Greek}]{3,}|[a-z0-9]{3,}")
_ARABIC: Final = regex.compile(r"\p{Arabic}")
_ATTACHED: Final = regex.compile(r"^[وف]?(?:ال|لل|[بلكهح])?(?=\p{L}{3})")
_VERB: Final = regex.compile(r"^[يتنا](?=\p{L}{3})")


@dataclass(frozen=True, slots=True)
class Phrasing:
    """A question as it is compared: what it asks for, what it is about, and its words with those it may be said in."""

    asked: Asked
    terms: Terms
    units: Units
    padded: str
    told: str
    facts: Facts
    denies: bool
    names: frozenset[str]


def folded(texts: Sequence[str]) -> list[str]:
    """Each text so that it is the same as another that differs in letters' forms, marks and spaces only."""
    return ["_".join(filter(None, text.split("_"))) for text in pad(texts)] if texts else []


def phrasing(understanding: Understanding) -> Phrasing:
    query, language = understanding.query, understanding.language
    detected = understanding.detection.tag if understanding.detection else None
    meant = [
        each
        for each in understanding.expansions
        if each.kind not in _NOT_EVIDENCE and each.weight >= _MEANS and each.end > each.start
    ]
    texts = [text for each in meant for text in (query[each.start : each.end], *each.terms)]
    padded, *others = pad([query, *texts])
    rest = iter(others)
    alternatives = [(next(rest), [next(rest) for _term in each.terms]) for each in meant]
    wanted = asked(padded, language, detected)
    said = terms(wanted.rest, alternatives)
    return Phrasing(
        wanted,
        said,
        _units(said, words_of(understanding)),
        padded,
        "_".join((padded, *(text for _part, found in alternatives for text in found))),
        facts(query, language, padded),
        facts(query, language, _EITHER_OR.sub("_", wanted.rest)).denies,
        frozenset(word.strip("_") for word in pad(names(query, language))) if wanted.in_script else frozenset(),
    )


def _units(said: Terms, words: Lexicon) -> Units:
    function = (
        (words.function - _COUNTS)
        | _SAYS_NOTHING
        | frozenset(word for word in said.padded.split("_") if len(word) == 1 and word.isascii())
    )
    return units(said, replace(words, function=function))


def likeness(one: Phrasing, other: Phrasing, texts: Sequence[str]) -> float:
    """0 (another question) to 1 (the same). `texts`: padded passages about the subject, by which words are rare or not."""
    if not agree(one.asked, other.asked) or not _facts_agree(one, other):
        return 0.0
    if not one.units.names or not other.units.names:
        return 0.0
    forth, lacks = _covered(one, other, texts)
    back, lacked = _covered(other, one, texts)
    found = min(forth, back)
    return 0.0 if lacks and lacked and found < _REPLACED else found


def _facts_agree(one: Phrasing, other: Phrasing) -> bool:
    if one.denies != other.denies:
        return False
    if missing_figures(one.facts.figures, other.facts.figures) or missing_figures(
        other.facts.figures, one.facts.figures
    ):
        return False
    return currencies_agree(one.facts, [other.facts]) and currencies_agree(other.facts, [one.facts])


def _covered(one: Phrasing, other: Phrasing, texts: Sequence[str]) -> tuple[float, bool]:
    """The share of what `one` is about that the other says, and whether that leaves something out."""
    held = one.units.held(one.terms, one.terms.matches([other.told]))[0]
    words = [word for word in other.padded.split("_") if word]
    for at in np.flatnonzero(held < _FORM).tolist():
        held[at] = max(held[at], _near(one.units.names[at], words, texts))
    weights = rarity(one.units.held(one.terms, one.terms.matches(texts)), one.units.worth)
    lacking = held < _HELD
    if any(one.units.names[at] in one.names for at in np.flatnonzero(lacking).tolist()):
        return 0.0, True
    return float(held @ weights) / max(float(weights.sum()), 1e-9), bool(lacking.any())


def _near(word: str, others: Sequence[str], texts: Sequence[str]) -> float:
    """What a word counts that the other question has in another form, typed wrong, or in other letters."""
    if not _LETTERS.fullmatch(word):
        return 0.0
    if any(_is_form(word, other) for other in others):
        return _FORM
    if _sounds_alike(word, others):
        return _TYPED
    near = SpellingIndex(dict.fromkeys(others, 1)).nearest(word) if len(word) >= _LONG_ENOUGH else ()
    if not near or near[0][1] < _SLIP or all(any(f"_{each}_" in text for text in texts) for each in (word, near[0][0])):
        return 0.0
    return _TYPED


def _is_form(word: str, other: str) -> bool:
    """Whether both are forms of one word: `open` and `opens`, `abre` and `abren`, بتفتح and تفتح."""
    one, two = (_bare(word), _bare(other)) if _ARABIC.search(word) else (word, other)
    shorter, longer = sorted((len(one), len(two)))
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False)))
    return same >= _STEM and same >= _LIKE * longer and same >= shorter - 1


def _bare(word: str) -> str:
    """An Arabic word without what is written together with it, or begins its verb's forms."""
    bare = _ATTACHED.sub("", word)
    return _VERB.sub("", bare)


def _sounds_alike(word: str, others: Sequence[str]) -> bool:
    latin = word[0].isascii()
    pairs = [(word, each) if latin else (each, word) for each in others if each[0].isascii() != latin]
    return any(match.likeness >= _ALIKE for typed, written in pairs for match in RomanIndex({written: 1}).alike(typed))
