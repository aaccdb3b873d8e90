"""The passages in a better order: the index's score, joined by how much of the question one place of a passage holds.

Each part is weighted by IDF among the candidates. The factors are rounded from fits (listwise softmax) on public question
sets in fourteen languages; fitted on the Chinese and Arabic sets alone they order the others equally well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from serve.rag.evidence import Column, Evidence, Ranking, content_weights, idf, share
from serve.rag.semantics import Semantics
from serve.rag.words import Lexicon
from vernacular.types import Hit, Span

RELATIVE, ABSOLUTE = 6.5, 2.0
"""The index's score, as a share of the best candidate's and of the most that the question could score."""
PAIRS, SENTENCE, TWO_SENTENCES, LENGTH = 0.9, 1.3, 2.4, -0.7
FUSED_K: Final = 10
"""Constant of the reciprocal rank fusion of this ranking with the dense one."""
MEANT: Final = 5
"""Passages that a model may bring to the top without their sharing much with the question."""
_HIGHLIGHTS: Final = 3
_WORTH_SHOWING: Final = 0.6
_TYPICAL_SENTENCE: Final = 120


def rerank(evidence: Evidence, words: Lexicon, query: str = "", semantics: Semantics | None = None) -> Ranking:
    """Passages below the closely read ones keep their places.

    With `semantics` the order is joined by that of the dense search, and of the scorer where there is one.
    """
    hits = evidence.hits
    index = np.array([hit.score for hit in hits])
    lengths = np.array([max(len(hit.text), 1) for hit in hits], dtype=np.float64)
    scores = RELATIVE * index / max(float(index.max(initial=0.0)), 1e-9)
    scores += ABSOLUTE * index / max(float(evidence.pattern_weights.sum()), 1e-9)
    pairs = _pairs(evidence)
    scores += PAIRS * pairs
    scores += SENTENCE * _best_sentence(evidence)
    scores += TWO_SENTENCES * _best_two(evidence, words)
    scores += LENGTH * np.log(lengths / lengths.mean())
    close = np.argsort(-scores[: evidence.closely], kind="stable").tolist()
    rest = range(len(close), len(hits))
    if semantics is None:
        return Ranking(evidence, (*close, *rest), scores, pairs)
    order = _judged(evidence, (*_fused(evidence, close, semantics.dense_weight), *rest), query, semantics)
    return Ranking(evidence, order, scores, pairs, 0 if order == (*close, *rest) else MEANT)


def _fused(evidence: Evidence, close: Sequence[int], weight: float) -> list[int]:
    """`close` joined by the order by nearness; as it is where nothing was searched for by nearness.

    Passages that share nothing with the question have no place in the lexical ranking.
    """
    nearness = {at: hit.dense for at, hit in enumerate(evidence.hits[: len(close)]) if hit.dense is not None}
    if not nearness:
        return list(close)
    fused = dict.fromkeys(close, 0.0)
    lexical = [at for at in close if evidence.hits[at].score > 0]
    for weighs, ranking in ((1.0, lexical), (weight, sorted(nearness, key=lambda at: -nearness[at]))):
        for rank, at in enumerate(ranking, 1):
            fused[at] += weighs / (FUSED_K + rank)
    return sorted(close, key=lambda at: -fused[at])


def _judged(evidence: Evidence, order: tuple[int, ...], query: str, semantics: Semantics) -> tuple[int, ...]:
    """`order`, its first passages by the scorer's judgement; as it is where there is no scorer."""
    if not semantics.judges:
        return order
    first = order[: semantics.scored]
    hits = [evidence.hits[at] for at in first]
    scores = semantics.scores(query, ["\n".join((hit.title, *hit.headings, hit.text)).strip() for hit in hits])
    if scores is None:
        return order
    ranked = sorted(range(len(first)), key=lambda at: -scores[at])
    return (*(first[at] for at in ranked), *order[len(first) :])


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


def _best_two(evidence: Evidence, words: Lexicon) -> Column:
    """The share of the question's content that two neighbouring sentences hold, at best."""
    sentences, weights = evidence.sentences, content_weights(evidence, words)
    both = sentences.words.copy()
    beside = np.diff(sentences.owner) == 0
    both[:-1][beside] = np.maximum(both[:-1][beside], both[1:][beside])
    best = np.zeros(len(evidence.hits))
    np.maximum.at(best, sentences.owner, share(both, weights))
    return best


def _pairs(evidence: Evidence) -> Column:
    """The share of the question's neighbouring words (four characters of Han) that stand together, where read closely."""
    pairs = _phrases(evidence.terms.padded.strip("_"))
    if not pairs:
        return np.zeros(len(evidence.hits))
    closely = evidence.padded[: evidence.closely]
    found = np.zeros((len(evidence.hits), len(pairs)))
    found[: len(closely)] = [[pair in text for pair in pairs] for text in closely]
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
