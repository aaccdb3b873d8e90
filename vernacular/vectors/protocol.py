"""What the product asks of a vector index, and the values that cross that line.

The index is disposable: SQL holds the truth, and every point can be made again from a chunk. One `Partition` (a tenant's
data of one generation) never sees another; the embedded store keeps each in a shard of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Protocol

from vernacular.types import SparseVector

SEALED: Final = "sealed."
"""What the generations of a sealed tenant begin with: nobody else's points may lie in the same collection of a server."""


@dataclass(frozen=True, slots=True)
class Partition:
    """One tenant's index of one generation (analyzer version + embedding model + build number).

    `dense_size`: dimension of its dense vectors, 0 where it has none; `embedding`: the fingerprint of the model that makes
    them. Both are known from SQL, and no part of the name: a store that lists what it holds leaves them out.
    """

    tenant_id: str
    generation: str
    dense_size: int = field(default=0, compare=False)
    embedding: str = field(default="", compare=False)

    @property
    def sealed(self) -> bool:
        return self.generation.startswith(SEALED)


@dataclass(frozen=True, slots=True)
class Point:
    """A chunk in the index. `chunk_id` and `document_id` are UUID strings.

    `groups` empty: readable by everyone in the tenant. `metadata` holds only what may be filtered on:
    strings, numbers, booleans and lists of them.
    """

    chunk_id: str
    document_id: str
    sparse: SparseVector
    dense: Sequence[float] | None = None
    groups: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for, and what the searcher may see.

    `groups`: those of the searcher; points without groups are visible to all; None: the searcher may see every
    group's points (an editor of the tenant). `on`: only points valid on that
    day; None: no such filter. `metadata`: field → value, list of values (any of), or `{"gte": …, "lte": …, "gt": …, "lt": …}`.
    With both vectors, two rankings are fused by reciprocal rank, the dense one with `dense_weight`, the lexical with 1.
    """

    sparse: SparseVector | None = None
    dense: Sequence[float] | None = None
    dense_weight: float = 0.5
    groups: tuple[str, ...] | None = ()
    on: date | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    document_ids: tuple[str, ...] = ()
    limit: int = 10


@dataclass(frozen=True, slots=True)
class ScoredPoint:
    """A point found. `score` is what the points are ordered by.

    `lexical`: its BM25 score, 0 where it shares no term with the query or none was asked for; it is the same whether or
    not the query had a dense vector. `dense`: its cosine similarity; None where it is not among the nearest.
    """

    chunk_id: str
    document_id: str
    score: float
    lexical: float = 0.0
    dense: float | None = None


class VectorStore(Protocol):
    """Sync and thread-safe. Every call may raise VectorStoreDown.

    Every call on a partition whose bytes are torn raises IndexDamaged, until `drop`: then write all of it again. A search
    in a partition that was never written, or whose bytes were removed, finds nothing: compare `count` with SQL.
    """

    def upsert(self, partition: Partition, points: Sequence[Point]) -> None:
        """Write points, replacing those of the same chunk id: all of the batch or, after an error, to be repeated."""
        ...

    def delete_documents(self, partition: Partition, document_ids: Sequence[str]) -> None: ...

    def search(self, partition: Partition, query: Query) -> list[ScoredPoint]:
        """The best points, best first."""
        ...

    def count(self, partition: Partition) -> int:
        """Points held, exact."""
        ...

    def flush(self, partition: Partition) -> None:
        """Return when everything acknowledged is on disk. The store optimises by itself once it is left in peace."""
        ...

    def drop(self, partition: Partition) -> None:
        """Remove the partition and its bytes; no error when there is none."""
        ...

    def rewrite(self, partition: Partition) -> None:
        """Write it anew, so that no byte of what was deleted is left on disk or in memory; searches go on meanwhile.

        A server does so in its own time.
        """
        ...

    def partitions(self) -> list[Partition]:
        """Those that have data."""
        ...

    def ready(self) -> bool:
        """Whether a call would be answered now; never raises."""
        ...

    def close(self) -> None: ...
