"""Which of the ranked passages the answer is made of."""

from __future__ import annotations

from typing import Final

from serve.rag.evidence import Ranking

_FAR_BEHIND: Final = 0.4
"""Passages that score less than this share of the best are about something else."""


def compose(ranking: Ranking, passages: int) -> tuple[int, ...]:
    """At most `passages` indices of hits, best first: no text twice, none far behind the best."""
    hits, best = ranking.evidence.hits, float(ranking.scores.max(initial=0.0))
    chosen: list[int] = []
    texts: set[str] = set()
    for place, at in enumerate(ranking.order[: ranking.evidence.closely]):
        near = place < ranking.meant or ranking.scores[at] >= _FAR_BEHIND * best
        if near and hits[at].text not in texts:
            chosen.append(at)
            texts.add(hits[at].text)
    return tuple(chosen[:passages])
