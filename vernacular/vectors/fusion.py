"""Two rankings as one, by reciprocal rank, with the scores that each gave.

Qdrant can fuse by itself and then gives the fused score alone; but whether an answer can be trusted is judged by the
lexical one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from vernacular.vectors.protocol import ScoredPoint

RRF_K: Final = 60
"""Constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""

Found: TypeAlias = tuple[str, str, float]
"""Chunk id, document id, score."""


def fuse(lexical: Sequence[Found], dense: Sequence[Found], dense_weight: float, limit: int) -> list[ScoredPoint]:
    """The `limit` points with the highest sum of weight/(RRF_K + rank); of equals the lexically better one is first.

    `lexical` and `dense` are ordered best first. What only `dense` holds has the lexical score 0 here.
    """
    documents = {chunk_id: document_id for chunk_id, document_id, _ in (*lexical, *dense)}
    terms, nearness = _scores(lexical), _scores(dense)
    fused = dict.fromkeys(documents, 0.0)
    for weight, ranking in ((1.0, lexical), (dense_weight, dense)):
        for rank, (chunk_id, _, _) in enumerate(ranking, 1):
            fused[chunk_id] += weight / (RRF_K + rank)
    best = sorted(fused, key=lambda chunk_id: (-fused[chunk_id], -terms.get(chunk_id, 0.0)))[:limit]
    return [ScoredPoint(name, documents[name], fused[name], terms.get(name, 0.0), nearness.get(name)) for name in best]


def _scores(found: Sequence[Found]) -> Mapping[str, float]:
    return {chunk_id: score for chunk_id, _, score in found}
