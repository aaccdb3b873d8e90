"""The driver for a Qdrant server or cluster, through its own client.

One collection a generation, shared by all tenants: `tenant_id` is indexed with `is_tenant`, so that the server keeps a
tenant's points together, and every call carries the tenant's condition. A sealed tenant has collections of its own, whose
names hold its id; its calls carry the condition as well. Strict mode refuses a filter without an index.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from vernacular.errors import BadRequest, VectorStoreDown
from vernacular.settings import VectorSettings
from vernacular.vectors.batch import Batch
from vernacular.vectors.conditions import DENSE, LEXICAL, metadata_fields, tenant_filter
from vernacular.vectors.protocol import Partition
from vernacular.vectors.store import QdrantStore

_MOST_HITS: Final = 1000
_INDEX_TYPES: Final = {
    "keyword": models.PayloadSchemaType.KEYWORD,
    "float": models.PayloadSchemaType.FLOAT,
    "datetime": models.PayloadSchemaType.DATETIME,
}


class ServerDriver:
    """Calls to `client`; thread-safe where the client is, as the HTTP one.

    `prefix` begins the names of the collections: `<prefix>-<generation>`, or `<prefix>~<tenant>~<generation>` where the tenant
    is sealed (a tilde stands in no tenant's id and in no generation, see `conditions.check_partition`).
    """

    def __init__(self, client: QdrantClient, prefix: str = "vernacular") -> None:
        self._client = client
        self._prefix = prefix
        self._lock = threading.Lock()
        self._known: set[str] = set()
        self._indexed: set[tuple[str, str]] = set()

    def upsert(self, partition: Partition, batch: Batch) -> None:
        if not len(batch):
            return
        with _errors():
            name = self._collection(partition)
            self._create(name, batch.dense.shape[1])
            self._client.upsert(name, list(_points(batch)), wait=True)

    def delete(self, partition: Partition, condition: Mapping[str, Any]) -> None:
        name = self._collection(partition)
        with _errors():
            if self._exists(name):
                self._client.delete(name, models.FilterSelector(filter=_filter(condition)), wait=True)

    def query(self, partition: Partition, request: Mapping[str, Any]) -> list[tuple[str, str, float]]:
        name = self._collection(partition)
        wanted = models.QueryRequest.model_validate(request)
        with _errors():
            if not self._exists(name):
                return []
            self._index_metadata(name, request)
            found = self._client.query_points(
                name,
                query=wanted.query,
                using=wanted.using,
                query_filter=wanted.filter,
                search_params=wanted.params,
                limit=request["limit"],
                with_payload=request["with_payload"],
            )
        return [(str(hit.id), (hit.payload or {})["document_id"], hit.score) for hit in found.points]

    def count(self, partition: Partition) -> int:
        name = self._collection(partition)
        with _errors():
            if not self._exists(name):
                return 0
            return self._client.count(name, count_filter=_filter(tenant_filter(partition)), exact=True).count

    def flush(self, partition: Partition) -> None:
        """Nothing: writes are answered when they are durable, and the server optimises by itself."""

    def drop(self, partition: Partition) -> None:
        """Remove the tenant's points; the collection, when it was the last tenant."""
        name = self._collection(partition)
        with _errors():
            if not self._exists(name):
                return
            self._client.delete(name, models.FilterSelector(filter=_filter(tenant_filter(partition))), wait=True)
            if self._client.count(name, exact=True).count == 0:
                self._client.delete_collection(name)
                with self._lock:
                    self._known.discard(name)
                    self._indexed = {(known, path) for known, path in self._indexed if known != name}

    def rewrite(self, partition: Partition) -> None:
        """Nothing: the server rewrites its segments as it optimises, and the collection holds others' points too."""

    def partitions(self) -> list[Partition]:
        with _errors():
            names = [found.name for found in self._client.get_collections().collections]
            return [partition for name in sorted(names) for partition in self._held(name)]

    def ready(self) -> bool:
        try:
            with _errors():
                self._client.get_collections()
        except VectorStoreDown:
            return False
        return True

    def close(self) -> None:
        self._client.close()

    def _held(self, name: str) -> list[Partition]:
        """The partitions in the collection of that name; none in those of others."""
        if name.startswith(f"{self._prefix}~"):
            _, tenant_id, generation = name.split("~", 2)
            return [Partition(tenant_id, generation)]
        if not name.startswith(f"{self._prefix}-"):
            return []
        generation = name.removeprefix(f"{self._prefix}-")
        found = self._client.facet(name, "tenant_id", limit=100_000, exact=True)
        return [Partition(tenant_id, generation) for tenant_id in sorted(str(hit.value) for hit in found.hits)]

    def _collection(self, partition: Partition) -> str:
        if partition.sealed:
            return f"{self._prefix}~{partition.tenant_id}~{partition.generation}"
        return f"{self._prefix}-{partition.generation}"

    def _exists(self, name: str) -> bool:
        if name in self._known:
            return True
        if not self._client.collection_exists(name):
            return False
        with self._lock:
            self._known.add(name)
        return True

    def _create(self, name: str, dense_size: int) -> None:
        if self._exists(name):
            return
        with self._lock:
            if not self._client.collection_exists(name):
                self._make(name, dense_size)
            self._known.add(name)

    def _make(self, name: str, dense_size: int) -> None:
        dense = {DENSE: models.VectorParams(size=dense_size, distance=models.Distance.COSINE, on_disk=True)}
        quantized = models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
        try:
            self._client.create_collection(
                name,
                vectors_config=dense if dense_size else {},
                quantization_config=models.ScalarQuantization(scalar=quantized) if dense_size else None,
                sparse_vectors_config={LEXICAL: models.SparseVectorParams(modifier=models.Modifier.IDF)},
                # No graph over all tenants: with a tenant and groups to filter on it loses most of what it should find.
                hnsw_config=models.HnswConfigDiff(m=0, payload_m=16),
                strict_mode_config=models.StrictModeConfig(
                    enabled=True,
                    max_query_limit=_MOST_HITS,
                    unindexed_filtering_retrieve=False,
                    unindexed_filtering_update=False,
                ),
            )
        except UnexpectedResponse as error:
            if error.status_code != httpx.codes.CONFLICT:  # another process was first
                raise
        keyword = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD)
        tenant = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
        day = models.IntegerIndexParams(type=models.IntegerIndexType.INTEGER, lookup=False, range=True)
        for field, schema in (
            ("tenant_id", tenant),
            ("document_id", keyword),
            ("groups", keyword),
            ("from", day),
            ("until", day),
        ):
            self._client.create_payload_index(name, field, schema, wait=True)

    def _index_metadata(self, name: str, request: Mapping[str, Any]) -> None:
        for path, kind in metadata_fields(request["filter"]).items():
            if (name, path) not in self._indexed:
                self._client.create_payload_index(name, path, _INDEX_TYPES[kind], wait=True)
                with self._lock:
                    self._indexed.add((name, path))


def open_server(settings: VectorSettings, *, client: Callable[..., QdrantClient] = QdrantClient) -> QdrantStore:
    """The store on the server that `settings` name; nothing is sent before the first call."""
    key = settings.api_key.get_secret_value() if settings.api_key else None
    driver = ServerDriver(
        client(url=settings.url, api_key=key, timeout=30, check_compatibility=False),
        settings.collection,
    )
    return QdrantStore(driver)


@contextmanager
def _errors() -> Iterator[None]:
    """The client's errors as ours."""
    try:
        yield
    except UnexpectedResponse as error:
        if error.status_code is not None and 400 <= error.status_code < 500 and error.status_code not in (408, 429):
            raise BadRequest(f"The Qdrant server refused a request: {error.reason_phrase}.") from error
        raise VectorStoreDown(f"The Qdrant server answered with status {error.status_code}.") from error
    except (ApiException, ResponseHandlingException, httpx.HTTPError) as error:
        raise VectorStoreDown(f"The Qdrant server cannot be reached: {error}.") from error


def _filter(condition: Mapping[str, Any]) -> models.Filter:
    if not condition.get("must"):
        raise BadRequest("An empty filter would match every point.")
    return models.Filter.model_validate(condition)


def _points(batch: Batch) -> Iterator[models.PointStruct]:
    indices, values = batch.indices.tolist(), batch.values.tolist()
    dense = iter(batch.dense.tolist())
    start = 0
    rows = zip(batch.ids, batch.payloads, batch.counts.tolist(), batch.has_dense.tolist(), strict=True)
    for name, payload, count, has_dense in rows:
        end = start + count
        # Checked already: validating 400 numbers of each point again would take longer than storing them.
        vectors: dict[str, Any] = {
            LEXICAL: models.SparseVector.model_construct(indices=indices[start:end], values=values[start:end])
        }
        if has_dense:
            vectors[DENSE] = next(dense)
        yield models.PointStruct(id=name, vector=vectors, payload=payload)
        start = end
