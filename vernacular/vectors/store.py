"""`QdrantStore`: the product's vector store, over whichever driver carries Qdrant's requests.

What may be seen is decided here and in `conditions`, once for the embedded shards and the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from vernacular.errors import BadRequest
from vernacular.vectors.batch import Batch, pack
from vernacular.vectors.conditions import DENSE, LEXICAL, among, check_partition, documents_filter, requests
from vernacular.vectors.fusion import fuse
from vernacular.vectors.protocol import Partition, Point, Query, ScoredPoint

_SLICE = 500


class Driver(Protocol):
    """Carries requests, in the words of Qdrant's REST API, to the points of one partition.

    Every request carries the tenant's condition; `query` gives (chunk id, document id, score), best first.
    """

    def upsert(self, partition: Partition, batch: Batch) -> None: ...

    def delete(self, partition: Partition, condition: Mapping[str, Any]) -> None: ...

    def query(self, partition: Partition, request: Mapping[str, Any]) -> list[tuple[str, str, float]]: ...

    def count(self, partition: Partition) -> int: ...

    def flush(self, partition: Partition) -> None: ...

    def drop(self, partition: Partition) -> None: ...

    def rewrite(self, partition: Partition) -> None: ...

    def partitions(self) -> list[Partition]: ...

    def ready(self) -> bool: ...

    def close(self) -> None: ...


class QdrantStore:
    """A `VectorStore` over a driver."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def upsert(self, partition: Partition, points: Sequence[Point]) -> None:
        check_partition(partition)
        batch = list(points)
        if len({point.chunk_id for point in batch}) != len(batch):
            raise BadRequest("The batch holds the same chunk id twice.")
        # All is checked before anything is written; then short slices let searches through between them.
        packed = [pack(partition, batch[start : start + _SLICE]) for start in range(0, len(batch), _SLICE)]
        for part in packed:
            self._driver.upsert(partition, part)

    def delete_documents(self, partition: Partition, document_ids: Sequence[str]) -> None:
        check_partition(partition)
        for start in range(0, len(document_ids), _SLICE):
            self._driver.delete(partition, documents_filter(partition, document_ids[start : start + _SLICE]))

    def search(self, partition: Partition, query: Query) -> list[ScoredPoint]:
        check_partition(partition)
        if query.dense is not None and len(query.dense) != partition.dense_size:
            raise BadRequest(f"The query's dense vector has not the {partition.dense_size} dimensions of this index.")
        wanted = requests(partition, query)
        found = {using: self._driver.query(partition, request) for using, request in wanted.items()}
        if len(found) == 2:
            fused = fuse(found[LEXICAL], found[DENSE], query.dense_weight, query.limit)
            return self._with_lexical_scores(partition, wanted[LEXICAL], fused)
        if LEXICAL in found:
            return [ScoredPoint(*hit, lexical=hit[2]) for hit in found[LEXICAL]]
        return [ScoredPoint(*hit, dense=hit[2]) for hit in found.get(DENSE, ())]

    def _with_lexical_scores(
        self, partition: Partition, request: Mapping[str, Any], points: list[ScoredPoint]
    ) -> list[ScoredPoint]:
        """`points` with the lexical scores of those that the lexical ranking was too short for."""
        unknown = [point.chunk_id for point in points if not point.lexical]
        if not unknown:
            return points
        asked = self._driver.query(partition, among(request, unknown))
        scores = {chunk_id: score for chunk_id, _, score in asked}
        return [replace(point, lexical=scores.get(point.chunk_id, point.lexical)) for point in points]

    def count(self, partition: Partition) -> int:
        check_partition(partition)
        return self._driver.count(partition)

    def flush(self, partition: Partition) -> None:
        check_partition(partition)
        self._driver.flush(partition)

    def drop(self, partition: Partition) -> None:
        check_partition(partition)
        self._driver.drop(partition)

    def rewrite(self, partition: Partition) -> None:
        check_partition(partition)
        self._driver.rewrite(partition)

    def partitions(self) -> list[Partition]:
        return self._driver.partitions()

    def ready(self) -> bool:
        return self._driver.ready()

    def close(self) -> None:
        self._driver.close()
