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

from serve.rag.evidence import OTHERS, Column, Quote, Ranking, content_pattern_weights, content_weights, share
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
FEATURES: Final = (
    "passage",
    "quotes",
    "first",
    "patterns",
    "wording",
    "rarest",
    "missing",
    "figures",
    "margin",
    "lead",
    "length",
    "evidence",
    "told",
    "asks",
    "untyped",
    "unnumbered",
    "pairs",
)
LOWERS: Final = frozenset({"missing", "figures", "untyped", "unnumbered"})
EITHER_WAY: Final = frozenset({"length", "asks"})
"""More of a feature raises confidence, but for those in `LOWERS` and, as the data have it, those in `EITHER_WAY`."""
NOTHING_SHARED: Final = 0.15
"""Share of the question under which a passage does not match at all, rather than not well enough."""
_RAREST: Final = 2
_LARGEST_IDF: Final = 4.8
"""That of a word which none of fifty passages has; where there are fewer, weights are brought to the same scale."""


_GROUPS: Final = {"Hans": "Hani", "Hant": "Hani", "Jpan": "Hani", "Arab": "Arab", "Latn": "Latn"}
_LANGUAGES: Final = frozenset({"vi"})
"""Languages whose words say so much less, or more, than those of their script that they are calibrated apart."""


def calibration(understanding: Understanding) -> str:
    """The name of the calibration for a question: a language, a group of scripts, or `other`."""
    if understanding.language in _LANGUAGES:
        return understanding.language
    return _GROUPS.get(understanding.script, "other")


def features(ranking: Ranking, quotes: Sequence[Quote], words: Lexicon) -> dict[str, float]:
    """What confidence is judged by, most of it between 0 and 1; see `FEATURES`."""
    evidence, best = ranking.evidence, ranking.order[0]
    weights = content_weights(evidence, words)
    passage = evidence.words[best]
    quoted, first = _in_quotes(ranking, quotes), _in_quotes(ranking, quotes[:1])
    rarest = np.argsort(-weights, kind="stable")[:_RAREST]
    scores = np.array([hit.score for hit in evidence.hits])
    scale = _LARGEST_IDF / math.log((len(evidence.hits) + OTHERS + 0.5) / 0.5 + 1)
    asks = words.asks_quantity(evidence.terms.padded)
    figures = [at for at, word in enumerate(evidence.terms.words) if word.text.isdecimal()]
    total = max(float(weights.sum()), 1e-9)
    top = evidence.found[best : best + 1].astype(np.float64)
    covered = float(passage @ weights) / total
    patterns = float(share(top, content_pattern_weights(evidence, words))[0])
    return {
        "passage": covered,
        "quotes": float(quoted @ weights) / total,
        "first": float(first @ weights) / total,
        "patterns": patterns,
        "wording": float(share(top, evidence.pattern_weights)[0]),
        "rarest": float(passage[rarest].mean()) if rarest.size else 0.0,
        "missing": float(((weights > 0) & (passage == 0)).sum()) / max(int((weights > 0).sum()), 1),
        "figures": float(any(passage[at] < 1 for at in figures)),
        "margin": patterns * _ahead(ranking, scores),
        "lead": covered * _ahead(ranking, ranking.scores),
        "length": math.log1p(float((weights > 0).sum())),
        "evidence": math.log1p(scale * float(passage @ weights)),
        "told": math.log1p(scale * float(first @ weights)),
        "asks": float(asks),
        "untyped": float(asks and not _new_numbers(ranking, quotes[:1], words)),
        "unnumbered": float(asks and not _new_numbers(ranking, quotes, words)),
        "pairs": float(ranking.pairs[best]),
    }


def confidence(found: Mapping[str, float], understanding: Understanding) -> float:
    """The probability that the quotes answer the question."""
    model = _models()[calibration(understanding)]
    total = model["bias"] + sum(model[name] * found[name] for name in FEATURES)
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


def _ahead(ranking: Ranking, scores: Column) -> float:
    """How far the best document is ahead of the next one, 0 to 1; passages of one document are no rivals."""
    hits, best = ranking.evidence.hits, int(scores.argmax())
    others = [
        score for hit, score in zip(hits, scores.tolist(), strict=True) if hit.document_id != hits[best].document_id
    ]
    if not others or scores[best] <= 0:
        return 1.0
    return float(min(1.0, 1 - max(others) / scores[best]))


def _in_quotes(ranking: Ranking, quotes: Sequence[Quote]) -> Column:
    """How much of each word of the question the quotes hold, with the titles of their documents."""
    terms = ranking.evidence.terms
    if not quotes:
        return np.zeros(len(terms.words))
    held: Column = terms.word_matches(terms.matches(pad([f"{quote.hit.title}\n{quote.text}" for quote in quotes]))).max(
        axis=0
    )
    return held


def _new_numbers(ranking: Ranking, quotes: Sequence[Quote], words: Lexicon) -> set[str]:
    """Numbers that the quotes tell and the question did not."""
    told = [words.numbers_in(text) for text in pad([quote.text for quote in quotes])] if quotes else []
    return set().union(*told) - words.numbers_in(ranking.evidence.terms.padded)


@functools.cache
def _models() -> dict[str, dict[str, float]]:
    text = resources.files("serve.rag").joinpath("decline_weights.json").read_text(encoding="utf-8")
    stored: dict[str, dict[str, float]] = json.loads(text)
    return stored
