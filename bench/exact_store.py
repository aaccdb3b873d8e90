"""A vector store in plain numpy for offline measurements: exact, in memory, one tenant at a time is fast enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from vernacular.vectors.protocol import Partition, Point, Query, ScoredPoint


@dataclass
class _Shard:
    points: dict[str, Point] = field(default_factory=dict)
    postings: dict[int, tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]] | None = None


class ExactStore:
    """BM25 as the real stores compute it: IDF ln((N − df + 0.5)/(df + 0.5) + 1) of the partition.

    Validity and groups are applied; metadata filters are not, for no measurement needs them.
    """

    def __init__(self) -> None:
        self._shards: dict[Partition, _Shard] = {}

    def upsert(self, partition: Partition, points: Sequence[Point]) -> None:
        shard = self._shards.setdefault(partition, _Shard())
        shard.points.update({point.chunk_id: point for point in points})
        shard.postings = None

    def delete_documents(self, partition: Partition, document_ids: Sequence[str]) -> None:
        shard = self._shards[partition]
        shard.points = {name: point for name, point in shard.points.items() if point.document_id not in document_ids}
        shard.postings = None

    def search(self, partition: Partition, query: Query) -> list[ScoredPoint]:
        shard = self._shards.get(partition)
        if shard is None or query.sparse is None:
            return []
        points, postings = list(shard.points.values()), self._postings(shard)
        scores = np.zeros(len(points))
        asked = zip(np.asarray(query.sparse.indices).tolist(), np.asarray(query.sparse.values).tolist(), strict=True)
        for index, asked_for in asked:
            if index in postings:
                where, weights = postings[index]
                scores[where] += asked_for * weights
        hidden = [at for at, point in enumerate(points) if not _visible(point, query)]
        scores[hidden] = 0
        best = [at for at in np.argsort(-scores, kind="stable")[: query.limit].tolist() if scores[at] > 0]
        found = [(points[at].chunk_id, points[at].document_id, float(scores[at])) for at in best]
        return [ScoredPoint(*each, lexical=each[2]) for each in found]

    def _postings(self, shard: _Shard) -> dict[int, Any]:
        if shard.postings is None:
            points = shard.points.values()
            ids = np.concatenate([np.asarray(point.sparse.indices, dtype=np.int64) for point in points])
            values = np.concatenate([np.asarray(point.sparse.values, dtype=np.float64) for point in points])
            owners = np.repeat(np.arange(len(points)), [len(point.sparse.indices) for point in points])
            order = np.argsort(ids, kind="stable")
            distinct, first, frequency = np.unique(ids[order], return_index=True, return_counts=True)
            idf = np.log((len(points) - frequency + 0.5) / (frequency + 0.5) + 1)
            shard.postings = {
                int(index): (owners[order[at : at + count]], values[order[at : at + count]] * weight)
                for index, at, count, weight in zip(distinct, first, frequency, idf, strict=True)
            }
        return shard.postings

    def count(self, partition: Partition) -> int:
        return len(self._shards[partition].points) if partition in self._shards else 0

    def rewrite(self, partition: Partition) -> None:
        pass

    def flush(self, partition: Partition) -> None:
        """Nothing is ever behind."""

    def drop(self, partition: Partition) -> None:
        self._shards.pop(partition, None)

    def partitions(self) -> list[Partition]:
        return list(self._shards)

    def ready(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is held open."""


def _visible(point: Point, query: Query) -> bool:
    if point.groups and query.groups is not None and set(point.groups).isdisjoint(query.groups):
        return False
    if query.on is None:
        return True
    return (point.valid_from is None or point.valid_from <= query.on) and (
        point.valid_until is None or point.valid_until >= query.on
    )
