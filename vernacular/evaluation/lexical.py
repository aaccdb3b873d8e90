"""A small lexical index in memory, weighted as the real one: BM25 by the analyzer's vectors."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vernacular.text.analyze import encode_documents, encode_weighted


class LexicalIndex:
    """A few hundred texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = len(texts)
        self._postings: dict[int, list[tuple[int, float]]] = {}
        for at, vector in enumerate(encode_documents(texts)):
            for token, weight in zip(vector.indices, vector.values, strict=True):
                self._postings.setdefault(int(token), []).append((at, float(weight)))

    def rank(self, query: Sequence[tuple[str, float]], text: int) -> int | None:
        """The rank, from 1, of the text of that number for a query of weighted texts; None: it shares no token with it.

        Of texts that score the same the later ones come first: what cannot tell them apart has not found one.
        """
        scores = dict.fromkeys(range(self._texts), 0.0)
        vector = encode_weighted(query)
        for token, weight in zip(vector.indices, vector.values, strict=True):
            postings = self._postings.get(int(token), ())
            rarity = math.log((self._texts - len(postings) + 0.5) / (len(postings) + 0.5) + 1)
            for at, value in postings:
                scores[at] += float(weight) * value * rarity
        own = scores[text]
        return 1 + sum(score >= own for at, score in scores.items() if at != text) if own else None
