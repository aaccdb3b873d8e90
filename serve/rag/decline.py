"""Whether an answer can be trusted, and what is said when it cannot.

Confidence is a logistic model over what the best passage and the quotes hold of the question. Its weights are in
`decline_weights.json`, fitted by `bench/calibrate_decline.py` so that 0.5 is the calibrated point of every script.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import numpy as np

from serve.rag.evidence import Column, Quote, Ranking, share
from serve.rag.matching import pad
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
FEATURES: Final = ("passage", "quotes", "patterns", "rarest", "missing", "figures", "margin", "length")
NOTHING_SHARED: Final = 0.15
"""Share of the question under which a passage does not match at all, rather than not well enough."""
_RAREST: Final = 2


@dataclass(frozen=True, slots=True)
class _Model:
    weights: Mapping[str, float]
    bias: Mapping[str, float]


def features(ranking: Ranking, quotes: Sequence[Quote], words: Lexicon) -> dict[str, float]:
    """What confidence is judged by, most of it between 0 and 1; see `FEATURES`."""
    evidence, best = ranking.evidence, ranking.order[0]
    weights = content_weights(ranking, words)
    passage = evidence.words[best]
    quoted = _in_quotes(ranking, quotes)
    rarest = np.argsort(-weights, kind="stable")[:_RAREST]
    scores = np.sort(np.array([hit.score for hit in evidence.hits]))[::-1]
    figures = [at for at, word in enumerate(evidence.terms.words) if word.text.isdecimal()]
    total = max(float(weights.sum()), 1e-9)
    return {
        "passage": float(passage @ weights) / total,
        "quotes": float(quoted @ weights) / total,
        "patterns": float(share(evidence.found[best : best + 1].astype(np.float64), evidence.pattern_weights)[0]),
        "rarest": float(passage[rarest].mean()) if rarest.size else 0.0,
        "missing": float(((weights > 0) & (passage == 0)).sum()) / max(int((weights > 0).sum()), 1),
        "figures": float(any(passage[at] < 1 for at in figures)),
        "margin": float(1 - scores[1] / scores[0]) if len(scores) > 1 and scores[0] > 0 else 0.0,
        "length": math.log1p(float((weights > 0).sum())),
    }


def content_weights(ranking: Ranking, words: Lexicon) -> Column:
    """The IDF of each word of the question, 0 for function words: they say nothing about what is asked."""
    evidence = ranking.evidence
    content = "_".join(("", *words.content(evidence.terms.padded), ""))
    kept = [word.text in content for word in evidence.terms.words]
    weights: Column = evidence.word_weights * kept
    return weights


def confidence(found: Mapping[str, float], script: str) -> float:
    """The probability that the quotes answer the question."""
    model = _model()
    total = model.bias.get(script, model.bias["default"]) + sum(model.weights[name] * found[name] for name in FEATURES)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def decline(tenant: Tenant, understanding: Understanding, reason: str, outdated: Hit | None = None) -> Answer:
    """An answer that says what was looked for, why there is none, and whom to ask instead."""
    words = wording(understanding.dialect or understanding.language)
    values = {"question": shorten(understanding.question)}
    if outdated is not None and outdated.valid_until is not None:
        values |= {"title": shorten(outdated.title or outdated.source_id), "end": outdated.valid_until.isoformat()}
    lines = [words.say(reason, **values)]
    if contact := contact_line(tenant.profile.get("contact")):
        lines.append(words.say("contact", contact=contact))
    return Answer("\n\n".join(lines), False, reason, understanding)


def contact_line(contact: Any) -> str:
    """A tenant's contact, as text or as a table of name, phone, e-mail …, in one line."""
    if isinstance(contact, Mapping):
        return " · ".join(str(value) for value in contact.values() if value)
    return str(contact or "")


def _in_quotes(ranking: Ranking, quotes: Sequence[Quote]) -> Column:
    """How much of each word of the question the quotes and the title of the first one hold."""
    terms = ranking.evidence.terms
    if not quotes:
        return np.zeros(len(terms.words))
    held: Column = terms.word_matches(terms.matches(pad([quote.text for quote in quotes]))).max(axis=0)
    return held


@functools.cache
def _model() -> _Model:
    text = resources.files("serve.rag").joinpath("decline_weights.json").read_text(encoding="utf-8")
    stored = json.loads(text)
    return _Model(stored["weights"], stored["bias"])
