"""`QdrantStore`: the product's vector store, over whichever driver carries Qdrant's requests.

What may be seen is decided here and in `conditions`, once for the embedded shards and the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from vernacular.errors import BadRequest
from vernacular.vectors.batch import Batch, pack
from vernacular.vectors.conditions import check_partition, documents_filter, request
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

    def partitions(self) -> list[Partition]: ...

    def ready(self) -> bool: ...

    def close(self) -> None: ...


class QdrantStore:
    """A `VectorStore` over a driver. `dense_size` 0: no dense vectors."""

    def __init__(self, driver: Driver, dense_size: int = 0) -> None:
        self._driver = driver
        self._dense_size = dense_size

    def upsert(self, partition: Partition, points: Sequence[Point]) -> None:
        check_partition(partition)
        batch = list(points)
        if len({point.chunk_id for point in batch}) != len(batch):
            raise BadRequest("The batch holds the same chunk id twice.")
        # All is checked before anything is written; then short slices let searches through between them.
        packed = [
            pack(partition, batch[start : start + _SLICE], self._dense_size) for start in range(0, len(batch), _SLICE)
        ]
        for part in packed:
            self._driver.upsert(partition, part)

    def delete_documents(self, partition: Partition, document_ids: Sequence[str]) -> None:
        check_partition(partition)
        for start in range(0, len(document_ids), _SLICE):
            self._driver.delete(partition, documents_filter(partition, document_ids[start : start + _SLICE]))

    def search(self, partition: Partition, query: Query) -> list[ScoredPoint]:
        check_partition(partition)
        if query.dense is not None and len(query.dense) != self._dense_size:
            raise BadRequest(f"The query's dense vector has not the {self._dense_size} dimensions of this index.")
        wanted = request(partition, query)
        return [] if wanted is None else [ScoredPoint(*found) for found in self._driver.query(partition, wanted)]

    def count(self, partition: Partition) -> int:
        check_partition(partition)
        return self._driver.count(partition)

    def flush(self, partition: Partition) -> None:
        check_partition(partition)
        self._driver.flush(partition)

    def drop(self, partition: Partition) -> None:
        check_partition(partition)
        self._driver.drop(partition)

    def partitions(self) -> list[Partition]:
        return self._driver.partitions()

    def ready(self) -> bool:
        return self._driver.ready()

    def close(self) -> None:
        self._driver.close()
