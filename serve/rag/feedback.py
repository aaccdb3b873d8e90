"""What the best passages of a search tell about the others: pseudo-relevance feedback by documents and series.

A passage is likelier to answer if its document, or its series, holds others that match well: in everyday words people
name the subject, which all articles of a law share, and paraphrase the rest. A series are documents whose titles differ
in numbers only, such as `Water Act, section 12` and `Water Act, section 40`.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import regex

from vernacular.text.normalise import normalise
from vernacular.types import Hit

KIN: Final = 0.2
"""What the best passages of the same series count, beside 1 for a passage's own score."""
BEST: Final = 3
"""So many of them are looked at; a series with fewer supports its passages less."""
_NUMBER: Final = regex.compile(
    r"第?\s*[〇零一二三四五六七八九十百千]+\s*(?=[條条章節节款編编項项號号])|\p{N}+(?:[-–./]\p{N}+)*|\b[ivxlc]+\b"
)
_UNIT: Final = regex.compile(r"(?:[\s第]|[條条章節节款編编項项號号]\s*之?)+$")


def lift(hits: Sequence[Hit]) -> list[Hit]:
    """The hits, best first, each with a score that also counts those of its series; the highest score stays what it was.

    Hits that were found by nearness too keep their places: these come of both.
    """
    if not hits:
        return []
    members: dict[str, list[float]] = defaultdict(list)
    for hit in hits:
        members[_series(hit)].append(hit.score)
    support = {name: KIN * sum(sorted(scores)[-BEST:]) / BEST for name, scores in members.items()}
    scores = [hit.score + support[_series(hit)] for hit in hits]
    highest = max(scores) or 1.0
    scale = max(hit.score for hit in hits) / highest
    lifted = [replace(hit, score=score * scale) for hit, score in zip(hits, scores, strict=True)]
    return lifted if any(hit.dense is not None for hit in hits) else sorted(lifted, key=lambda hit: -hit.score)


def _series(hit: Hit) -> str:
    return _stem(hit.title) or hit.document_id


@functools.lru_cache(maxsize=8192)
def _stem(title: str) -> str:
    """A title without its numbers, normalised; empty if it has nothing else."""
    return _UNIT.sub("", " ".join(_NUMBER.sub(" ", normalise(title)).split()))
