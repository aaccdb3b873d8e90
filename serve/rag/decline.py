"""Whether an answer can be trusted, and what is said when it cannot.

Confidence is a logistic model over what the best passage and the quotes hold of the question. Its weights are in
`decline_weights.json`, fitted by `bench/calibrate_decline.py` so that 0.5 is the calibrated point of every script.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, Final

import numpy as np

from serve.rag import guard
from serve.rag.evidence import Column, Evidence, Quote, Ranking, share
from serve.rag.matching import pad
from serve.rag.support import Units, in_quotes, rarity, units
from serve.rag.wording import shorten, wording
from serve.rag.words import Lexicon
from vernacular.tenancy import Tenant
from vernacular.types import Answer, Hit, Understanding

EMPTY_INDEX, NO_WORDS, NO_MATCH, LOW_CONFIDENCE, OUTDATED = (
    "empty_index",
    "no_words",
    "no_match",
    "low_confidence",
    "outdated",
)
NO_ANSWER, UNSUPPORTED = "no_answer", "unsupported"
"""A model was asked: it found no answer in the passages, or what it wrote does not stand in them."""
_SAID_AS: Final = {NO_ANSWER: LOW_CONFIDENCE, UNSUPPORTED: LOW_CONFIDENCE}
FEATURES: Final = (
    "index",
    "found",
    "together",
    "wording",
    "clear",
    "length",
    "asks",
    "untyped",
    "elsewhere",
    "nowhere",
)
LOWERS: Final = frozenset({"untyped", "elsewhere", "nowhere"})
EITHER_WAY: Final = frozenset({"length", "asks"})
"""More of a feature raises confidence, but for those in `LOWERS` and, as the data have it, those in `EITHER_WAY`."""
NOTHING_SHARED: Final = 0.15
"""Share of the question under which a passage does not match at all, rather than not well enough."""
SURE: Final = 0.7
"""Confidence from which an answer is clear."""
DOUBTFUL: Final = 0.3
"""Confidence below which there is no answer at all."""
_WHOLE: Final = 0.6
"""How much of a word a quote must hold to hold it: a related form does, a few letters do not."""
_COMPLETE: Final = 2
"""Words of a question's content that must all stand in one quote for it to be an answer whatever else is found."""


_GROUPS: Final = {"Hans": "Hani", "Hant": "Hani", "Jpan": "Hani", "Arab": "Arab", "Latn": "Latn"}
_LANGUAGES: Final = frozenset({"vi"})
"""Languages whose words say so much less, or more, than those of their script that they are calibrated apart."""


def calibration(understanding: Understanding) -> str:
    """The name of the calibration for a question: a language, a group of scripts, or `other`."""
    if understanding.language in _LANGUAGES:
        return understanding.language
    return _GROUPS.get(understanding.script, "other")


def features(ranking: Ranking, quotes: Sequence[Quote], words: Lexicon, in_variety: bool = False) -> dict[str, float]:
    """What confidence is judged by.

    `FEATURES`: the index's score of the best passage, the question's content that it holds (by rarity; and as a share,
    in two neighbouring sentences), its share of all patterns of the question, how far it is ahead of other documents,
    how much content there is, whether a number is asked for, whether the first quote then lacks one, and how much of
    the content other hits hold and the best passage lacks, or none holds. `share` is that of the content that the best
    passage holds; `complete` is 1 where one quote holds all of it.
    """
    evidence, best = ranking.evidence, ranking.order[0]
    asked = units(evidence.terms, words)
    held = asked.held(evidence.terms, evidence.found)
    weights = rarity(held, asked.worth)
    total = max(float(weights.sum()), 1e-9)
    found = float(held[best] @ weights)
    untyped = not _is_typed(ranking, quotes, words)
    return {
        "index": math.log1p(max(evidence.hits[best].score, 0.0)),
        "found": math.log1p(found),
        "together": _together(ranking, asked, weights) / total,
        "wording": float(share(evidence.found[best : best + 1].astype(np.float64), evidence.pattern_weights)[0]),
        "clear": found / total * _ahead(ranking, ranking.scores),
        "length": math.log1p(len(asked.names)),
        "asks": float(words.asks_quantity(evidence.terms.padded)),
        "untyped": float(untyped),
        "elsewhere": float(((1 - held[best]) * (held.max(axis=0) >= _WHOLE) * asked.worth).sum()),
        "nowhere": float(((held.max(axis=0) < _WHOLE) * asked.worth).sum()),
        "share": found / total,
        "complete": float(not untyped and _is_complete(evidence, asked, quotes)),
    }


def confidence(found: Mapping[str, float], understanding: Understanding) -> float:
    """The probability that the quotes answer the question; at least even where one quote holds all of it."""
    model = _models()[calibration(understanding)]
    total = model["bias"] + sum(model[name] * found[name] for name in FEATURES)
    judged = 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
    return max(judged, SURE) if found.get("complete") else judged


def decline(tenant: Tenant, understanding: Understanding, reason: str, outdated: Hit | None = None) -> Answer:
    """An answer that says what was looked for, why there is none, and whom to ask instead."""
    words = wording(understanding.dialect or understanding.language)
    values = {"question": shorten(guard.repeated(understanding.question))}
    if outdated is not None and outdated.valid_until is not None:
        title = shorten(guard.harmless(outdated.title or outdated.source_id))
        values |= {"title": title, "end": outdated.valid_until.isoformat()}
    lines = [words.say(_SAID_AS.get(reason, reason), **values)]
    if contact := contact_line(tenant.profile.get("contact")):
        lines.append(words.say("contact", contact=contact))
    return Answer("\n\n".join(lines), False, reason, understanding)


def contact_line(contact: Any) -> str:
    """A tenant's contact, as text or as a table of name, phone, e-mail …, in one line."""
    if isinstance(contact, Mapping):
        return " · ".join(str(value) for value in contact.values() if value)
    return str(contact or "")


def _ahead(ranking: Ranking, scores: Column) -> float:
    """How far the best document is ahead of the next one, 0 to 1; passages of one document are no rivals."""
    hits, best = ranking.evidence.hits, int(scores.argmax())
    others = [
        score for hit, score in zip(hits, scores.tolist(), strict=True) if hit.document_id != hits[best].document_id
    ]
    if not others or scores[best] <= 0:
        return 1.0
    return float(min(1.0, 1 - max(others) / scores[best]))


def _together(ranking: Ranking, asked: Units, weights: Column) -> float:
    """The most content that two neighbouring sentences of the best passage hold."""
    evidence = ranking.evidence
    own = np.flatnonzero(evidence.sentences.owner == ranking.order[0])
    if not own.size:
        return 0.0
    held = asked.held(evidence.terms, evidence.sentences.found[own])
    held[:-1] = np.maximum(held[:-1], held[1:])
    return float((held @ weights).max())


def _is_complete(evidence: Evidence, asked: Units, quotes: Sequence[Quote]) -> bool:
    if len(asked.words) < _COMPLETE or not quotes:
        return False
    return bool((in_quotes(evidence, asked, quotes) >= _WHOLE).all(axis=1).any())


def _is_typed(ranking: Ranking, quotes: Sequence[Quote], words: Lexicon) -> bool:
    """Whether the first quote tells a number, if that is what was asked for."""
    asked = ranking.evidence.terms.padded
    if not words.asks_quantity(asked):
        return True
    return any(words.tells_quantity(text, asked) for text in pad([quote.text for quote in quotes[:1]]))


@functools.cache
def _models() -> dict[str, dict[str, float]]:
    text = resources.files("serve.rag").joinpath("decline_weights.json").read_text(encoding="utf-8")
    stored: dict[str, dict[str, float]] = json.loads(text)
    return stored
