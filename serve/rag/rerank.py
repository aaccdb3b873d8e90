"""The passages in a better order: the index's score, joined by how much of the question one place of a passage holds.

score = 6.5 · BM25 + 0.8 · share of the patterns + 0.3 · share of the words + 1.0 · share of the word pairs
+ 2.5 · best sentence, each between 0 and 1 and weighted by IDF among the candidates. The weights were fitted
(listwise softmax) on public question sets in fourteen languages, on articles other than those they were tested on.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from serve.rag.evidence import READ_CLOSELY, Column, Evidence, Ranking, idf, share
from vernacular.types import Hit, Span

INDEX, PATTERNS, WORDS, PAIRS, SENTENCE = 6.5, 0.8, 0.3, 1.0, 2.5
_HIGHLIGHTS: Final = 3
_WORTH_SHOWING: Final = 0.6
_TYPICAL_SENTENCE: Final = 120


def rerank(evidence: Evidence) -> Ranking:
    """Passages below the closely read ones keep their places."""
    hits = evidence.hits
    index = np.array([hit.score for hit in hits])
    scores = INDEX * index / max(index.max(initial=0.0), 1e-9)
    scores += PATTERNS * share(evidence.found.astype(np.float64), evidence.pattern_weights)
    scores += WORDS * share(evidence.words, evidence.word_weights)
    scores += PAIRS * _pairs(evidence)
    scores += SENTENCE * _best_sentence(evidence)
    close = np.argsort(-scores[:READ_CLOSELY], kind="stable").tolist()
    return Ranking(evidence, (*close, *range(len(close), len(hits))), scores)


def sentence_strength(evidence: Evidence) -> Column:
    """How much of the question each sentence holds, the best being 1; long ones pay a little for their length."""
    sentences = evidence.sentences
    if not sentences.spans:
        return np.zeros(0)
    weights = idf(sentences.found.astype(np.float64))
    lengths = np.array([span.end - span.start for span in sentences.spans])
    strength: Column = sentences.found @ weights / (0.95 + 0.05 * lengths / _TYPICAL_SENTENCE)
    return strength / max(float(strength.max()), 1e-9)


def with_highlights(ranking: Ranking, limit: int) -> list[Hit]:
    """The best hits, with the spans of their best sentences as highlights."""
    evidence = ranking.evidence
    strength = sentence_strength(evidence)
    return [
        replace(evidence.hits[at], score=float(ranking.scores[at]), highlights=_highlights(evidence, at, strength))
        for at in ranking.order[:limit]
    ]


def _best_sentence(evidence: Evidence) -> Column:
    best = np.zeros(len(evidence.hits))
    np.maximum.at(best, evidence.sentences.owner, sentence_strength(evidence))
    return best


def _pairs(evidence: Evidence) -> Column:
    """The share of the question's neighbouring words (four characters of Han) that stand together."""
    pairs = _phrases(evidence.terms.padded.strip("_"))
    if not pairs:
        return np.zeros(len(evidence.hits))
    found = np.array([[pair in text for pair in pairs] for text in evidence.padded], dtype=np.float64)
    return share(found, idf(found) * (found.sum(axis=0) > 0))


def _phrases(padded: str) -> list[str]:
    words = [word for word in padded.split("_") if word]
    if len(words) < len(padded) / 8:
        joined = "".join(words)
        return [joined[at : at + 4] for at in range(len(joined) - 3)]
    return [f"_{first}_{second}_" for first, second in pairwise(words)]


def _highlights(evidence: Evidence, at: int, strength: Column) -> tuple[Span, ...]:
    own = np.flatnonzero(evidence.sentences.owner == at)
    if not own.size or not strength[own].max() > 0:
        return ()
    good = own[strength[own] >= _WORTH_SHOWING * strength[own].max()]
    best = sorted(good.tolist(), key=lambda each: -strength[each])[:_HIGHLIGHTS]
    return tuple(evidence.sentences.spans[each] for each in sorted(best))
