"""In-memory stand-ins that pass the same contracts as what they stand for."""

from __future__ import annotations

import math
import re
import threading
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np

from vernacular.embeddings.protocol import Vector
from vernacular.errors import BadRequest, VernacularError
from vernacular.vectors.batch import pack
from vernacular.vectors.conditions import check_partition, requests
from vernacular.vectors.fusion import fuse
from vernacular.vectors.protocol import Partition, Point, Query, ScoredPoint


class InMemoryVectorStore:
    """A `VectorStore` of plain dictionaries: exact and slow."""

    def __init__(self) -> None:
        self._points: dict[Partition, dict[str, Point]] = {}
        self._lock = threading.RLock()

    def upsert(self, partition: Partition, points: Sequence[Point]) -> None:
        check_partition(partition)
        pack(partition, points)
        if points:
            with self._lock:
                self._points.setdefault(partition, {}).update({point.chunk_id: point for point in points})

    def delete_documents(self, partition: Partition, document_ids: Sequence[str]) -> None:
        with self._lock:
            held = self._points.get(partition, {})
            for chunk_id in [name for name, point in held.items() if point.document_id in document_ids]:
                del held[chunk_id]

    def search(self, partition: Partition, query: Query) -> list[ScoredPoint]:
        check_partition(partition)
        if query.dense is not None and len(query.dense) != partition.dense_size:
            raise BadRequest("The query's dense vector has the wrong dimension.")
        if not requests(partition, query):
            return []
        with self._lock:
            held = dict(self._points.get(partition, {}))
        seen = {name: point for name, point in held.items() if _visible(point, query)}
        lexical = _lexical(held, seen, query) if query.sparse is not None else {}
        if query.dense is None:
            found = _ranked(held, lexical, query.limit)
            return [ScoredPoint(*hit, lexical=hit[2]) for hit in found]
        dense = _dense(seen, query)
        if query.sparse is None or not len(query.sparse.indices):
            return [ScoredPoint(*hit, dense=hit[2]) for hit in _ranked(held, dense, query.limit)]
        depth = max(50, 2 * query.limit)
        fused = fuse(_ranked(held, lexical, depth), _ranked(held, dense, depth), query.dense_weight, query.limit)
        return [replace(point, lexical=lexical.get(point.chunk_id, 0.0)) for point in fused]

    def count(self, partition: Partition) -> int:
        return len(self._points.get(partition, {}))

    def rewrite(self, partition: Partition) -> None:
        """Nothing is left of what was deleted."""

    def flush(self, partition: Partition) -> None:
        """Nothing is ever behind."""

    def drop(self, partition: Partition) -> None:
        with self._lock:
            self._points.pop(partition, None)

    def partitions(self) -> list[Partition]:
        return list(self._points)

    def ready(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is held open."""


class FakeEmbedder:
    """An `Embedder` that counts words, those of `same` as the word they are given, in 32 buckets.

    `error`: raised by every call, until it is set to None again.
    """

    def __init__(
        self, name: str = "fake", same: Mapping[str, str] | None = None, dimension: int = 32, languages: str = ""
    ) -> None:
        self.fingerprint = f"{name}#{zlib.crc32(name.encode()):08x}"
        self.error: VernacularError | None = None
        self.encoded = 0
        self._dimension = dimension
        self._same = same or {}
        self._languages = languages.split()

    @property
    def dimension(self) -> int:
        self._check()
        return self._dimension

    def knows(self, language: str) -> bool:
        return not self._languages or language.partition("-")[0] in self._languages

    def encode_documents(self, texts: Sequence[str]) -> Vector:
        self._check()
        self.encoded += len(texts)
        return np.stack([self._vector(text) for text in texts]) if texts else np.empty((0, self._dimension), np.float32)

    def encode_query(self, text: str) -> Vector:
        vector: Vector = self.encode_documents([text])[0]
        return vector

    def close(self) -> None:
        """Nothing is held open."""

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    def _vector(self, text: str) -> Vector:
        found = np.full(self._dimension, 1e-3, np.float32)
        for word in re.findall(r"\w+", text.lower()):
            found[zlib.crc32(self._same.get(word, word)[:6].encode()) % self._dimension] += 1
        vector: Vector = found / np.float32(np.linalg.norm(found))
        return vector


class FakeScorer:
    """A `Scorer` that likes passages the better the more often they hold `word`."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.error: VernacularError | None = None
        self.asked: list[tuple[str, int]] = []

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        if self.error is not None:
            raise self.error
        self.asked.append((query, len(passages)))
        return [float(passage.lower().count(self.word)) for passage in passages]

    def close(self) -> None:
        """Nothing is held open."""


def _visible(point: Point, query: Query) -> bool:
    if point.groups and query.groups is not None and not set(point.groups) & set(query.groups):
        return False
    if query.on and not (point.valid_from or date.min) <= query.on <= (point.valid_until or date.max):
        return False
    if query.document_ids and point.document_id not in query.document_ids:
        return False
    return all(_matches(point.metadata.get(key), wanted) for key, wanted in query.metadata.items())


def _matches(stored: Any, wanted: Any) -> bool:
    values = stored if isinstance(stored, list | tuple) else [stored]
    if isinstance(wanted, Mapping):
        return any(_within(value, wanted) for value in values)
    choices = wanted if isinstance(wanted, list | tuple | set | frozenset) else [wanted]
    return any(
        value == choice and isinstance(value, bool) == isinstance(choice, bool)
        for value in values
        for choice in choices
    )


def _within(value: Any, bounds: Mapping[str, Any]) -> bool:
    tests = {
        "gte": lambda a, b: a >= b,
        "lte": lambda a, b: a <= b,
        "gt": lambda a, b: a > b,
        "lt": lambda a, b: a < b,
    }
    for name, bound in bounds.items():
        if isinstance(bound, int | float):
            if not isinstance(value, int | float) or isinstance(value, bool) or not tests[name](value, bound):
                return False
        elif not isinstance(value, str) or not tests[name](
            *(datetime.fromisoformat(str(day)) for day in (value, bound))
        ):
            return False
    return True


def _lexical(held: Mapping[str, Point], seen: Mapping[str, Point], query: Query) -> dict[str, float]:
    assert query.sparse is not None
    frequency = Counter(index for point in held.values() for index in point.sparse.indices)
    idf = {
        index: math.log((len(held) - frequency[index] + 0.5) / (frequency[index] + 0.5) + 1)
        for index in query.sparse.indices
    }
    wanted = {index: value * idf[index] for index, value in zip(query.sparse.indices, query.sparse.values, strict=True)}
    scores = {}
    for name, point in seen.items():
        shared = [
            wanted[index] * value
            for index, value in zip(point.sparse.indices, point.sparse.values, strict=True)
            if index in wanted
        ]
        if shared:
            scores[name] = math.fsum(shared)
    return scores


def _dense(seen: Mapping[str, Point], query: Query) -> dict[str, float]:
    assert query.dense is not None
    return {name: _cosine(query.dense, point.dense) for name, point in seen.items() if point.dense is not None}


def _cosine(a: Sequence[float], b: Sequence[float]) -> float:
    lengths = math.hypot(*a) * math.hypot(*b)
    return math.fsum(x * y for x, y in zip(a, b, strict=True)) / lengths if lengths else 0.0


def _ranked(held: Mapping[str, Point], scores: Mapping[str, float], limit: int) -> list[tuple[str, str, float]]:
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]
    return [(name, held[name].document_id, score) for name, score in best]
