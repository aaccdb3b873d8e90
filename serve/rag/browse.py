"""Looking around among what was found: what there is to choose from, and what is newest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final, Literal

from serve.rag.evidence import Reader
from serve.rag.rerank import rerank, with_highlights
from serve.rag.retrieve import find, retrieve
from serve.rag.semantics import Semantics
from serve.rag.words import words_of
from vernacular.tenancy import TenantScope
from vernacular.types import Hit, Understanding
from vernacular.vectors.protocol import ScoredPoint

WIDELY: Final = 200
"""Candidates where more than the best are of interest."""
MATCHING: Final = 0.5
"""Share of the best passage's score from which a passage is about what was asked, and does not only share a word with it."""
MEANT: Final = 20
"""Passages that are about it because they are near in meaning, whatever words they share."""
Order = Literal["relevance", "newest", "oldest"]
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Within:
    """What may be found: by metadata (see `vernacular.vectors.protocol.Query`), in these documents (None: in any), valid on that
    day (None: on any)."""

    filters: Mapping[str, Any] | None = None
    documents: Sequence[str] | None = None
    on: date | None = None


def matching(
    scope: TenantScope, understanding: Understanding, within: Within, semantics: Semantics | None
) -> list[Hit]:
    """Of the best `WIDELY` passages those that match about as well as the best one, in the index's order."""
    hits = retrieve(
        scope,
        understanding,
        limit=WIDELY,
        filters=within.filters,
        on=within.on,
        semantics=semantics,
        documents=within.documents,
    )
    return [hits[at] for at in _well([(hit.score, hit.dense is not None) for hit in hits])]


def documents_matching(
    scope: TenantScope, understanding: Understanding, within: Within, semantics: Semantics | None
) -> list[str]:
    """The ids of the documents that `matching` finds passages of, without reading those: as the index has them, which may lag
    behind SQL."""
    points = _points(scope, understanding, within, semantics, WIDELY)
    well = _well([(point.lexical, point.dense is not None) for point in points])
    return list(dict.fromkeys(points[at].document_id for at in well))


def documents_found(
    scope: TenantScope, understanding: Understanding, within: Within, semantics: Semantics | None, limit: int = WIDELY
) -> list[str]:
    """The ids of the documents of the best `limit` passages, best first, as the index has them: it may lag behind SQL."""
    points = _points(scope, understanding, within, semantics, limit)
    return list(dict.fromkeys(point.document_id for point in points))


def _points(
    scope: TenantScope, understanding: Understanding, within: Within, semantics: Semantics | None, limit: int
) -> list[ScoredPoint]:
    return find(
        scope,
        understanding,
        limit=limit,
        filters=within.filters,
        on=within.on,
        semantics=semantics,
        documents=within.documents,
    )


def _well(found: Sequence[tuple[float, bool]]) -> list[int]:
    """Which match about as well as the best: of each its lexical score, and whether it is near in meaning; in the index's order."""
    least = MATCHING * max((score for score, _ in found), default=0.0)
    return [
        at for at, (score, is_near) in enumerate(found) if (is_near and at < MEANT) or (score > 0 and score >= least)
    ]


def by_date(reader: Reader, understanding: Understanding, hits: Sequence[Hit], top_k: int, order: Order) -> list[Hit]:
    """The `top_k` of `hits` whose documents are the newest, or the oldest, with highlights."""
    dated = sorted(hits, key=lambda hit: hit.updated_at or _NEVER, reverse=order == "newest")[:top_k]
    if not dated:
        return []
    evidence = reader.read(understanding.query, dated, len(dated), understanding.expansions)
    ranking = rerank(evidence, words_of(understanding), understanding.query)
    return with_highlights(replace(ranking, order=tuple(range(len(dated)))), top_k)
