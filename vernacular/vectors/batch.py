"""A batch of points in compact binary form: checked once, cheap to send, cheap to hand to an engine.

Building a model object for each of 400 numbers of each point costs more than indexing it; points therefore travel as
whole arrays, and only filters and queries as structures.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vernacular.errors import BadRequest
from vernacular.vectors.conditions import payload
from vernacular.vectors.protocol import Partition, Point

LARGEST_WEIGHT: Final = 65_504.0
"""What 16 bits hold."""
_INT64 = 2**63


@dataclass(frozen=True, slots=True)
class Batch:
    """`counts[i]` consecutive entries of `indices` and `values` are point i's sparse vector.

    `dense` holds one row for each point of which `has_dense` is true; its width is the index's dimension also where it
    holds none.
    """

    ids: list[str]
    payloads: list[dict[str, Any]]
    counts: NDArray[np.uint32]
    indices: NDArray[np.uint32]
    values: NDArray[np.float32]
    has_dense: NDArray[np.bool_]
    dense: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.ids)


def pack(partition: Partition, points: Sequence[Point]) -> Batch:
    """The points as a checked batch.

    Raises:
        BadRequest: an id is not a UUID or comes twice, a number is out of range or not finite, a sparse index is there
            twice, a dense vector has the wrong dimension, or metadata holds what cannot be filtered on.
    """
    dense_size = partition.dense_size
    for point in points:
        check_metadata(point.metadata)
    try:
        with np.errstate(over="ignore"):  # becomes infinite, and is refused as such
            values = [np.asarray(point.sparse.values, dtype=np.float32) for point in points]
            dense = [np.asarray(point.dense, dtype=np.float32) for point in points if point.dense is not None]
        indices = [np.asarray(point.sparse.indices, dtype=np.uint32) for point in points]
    except (OverflowError, ValueError, TypeError) as error:
        raise BadRequest(f"A vector holds a number out of range: {error}.") from None
    if any(a.ndim != 1 or a.shape != b.shape for a, b in zip(indices, values, strict=True)):
        raise BadRequest("A sparse vector needs as many values as indices.")
    if any(vector.shape != (dense_size,) for vector in dense):
        raise BadRequest(f"A dense vector has not the {dense_size} dimensions of this index.")
    batch = Batch(
        ids=[point.chunk_id for point in points],
        payloads=[payload(partition, point) for point in points],
        counts=np.array([len(a) for a in indices], dtype=np.uint32),
        indices=np.concatenate(indices) if indices else np.empty(0, np.uint32),
        values=np.concatenate(values) if values else np.empty(0, np.float32),
        has_dense=np.array([point.dense is not None for point in points], dtype=np.bool_),
        dense=np.array(dense, dtype=np.float32) if dense else np.empty((0, dense_size), np.float32),
    )
    check(batch)
    return batch


def check(batch: Batch) -> None:
    """Refuse what the engine would apply in part.

    Raises:
        BadRequest: as `pack`.
    """
    if len(set(batch.ids)) != len(batch.ids):
        raise BadRequest("The batch holds the same chunk id twice.")
    for name in batch.ids:
        _check_uuid(name)
    if len(batch.values) and float(np.abs(batch.values).max()) > LARGEST_WEIGHT:
        raise BadRequest(f"A sparse vector holds a weight beyond {LARGEST_WEIGHT:,.0f}.")
    if not (np.isfinite(batch.values).all() and np.isfinite(batch.dense).all()):
        raise BadRequest("A vector holds a number that is not finite.")
    if int(batch.counts.sum()) != len(batch.indices) or len(batch.indices) != len(batch.values):
        raise BadRequest("A sparse vector needs as many values as indices.")
    if len(batch.dense) != int(batch.has_dense.sum()):
        raise BadRequest("A dense vector is missing, or there is one too many.")
    # Owner of each entry in the high half: one sort finds every repetition of the batch.
    keys = np.repeat(np.arange(len(batch), dtype=np.uint64), batch.counts) << np.uint64(32) | batch.indices
    keys.sort()
    if (keys[1:] == keys[:-1]).any():
        raise BadRequest("A sparse vector holds the same index twice.")


def check_metadata(metadata: Mapping[str, Any]) -> None:
    """
    Raises:
        BadRequest: a value is not a string, a finite number, a boolean or a list of them.
    """
    for key, value in metadata.items():
        for item in value if isinstance(value, list | tuple) else (value,):
            if not _filterable(item):
                raise BadRequest(
                    f"The metadata field {key!r} cannot be indexed.",
                    "Use strings, numbers, booleans or lists of them.",
                )


def filterable(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `metadata` that an index can filter on: others are left out."""
    kept: dict[str, Any] = {}
    for key, value in metadata.items():
        try:
            check_metadata({key: value})
        except BadRequest:
            continue
        kept[key] = value
    return kept


def _filterable(value: object) -> bool:
    if isinstance(value, bool | str):
        return True
    if isinstance(value, int):
        return -_INT64 <= value < _INT64
    return isinstance(value, float) and math.isfinite(value)


def _check_uuid(name: str) -> None:
    try:
        uuid.UUID(name)
    except (ValueError, AttributeError, TypeError):
        raise BadRequest(f"The chunk id {name!r} is not a UUID.") from None


def to_wire(batch: Batch) -> list[Any]:
    """What `from_wire` reads: strings, mappings and little-endian bytes."""
    return [
        batch.ids,
        batch.payloads,
        batch.counts.astype("<u4", copy=False).tobytes(),
        batch.indices.astype("<u4", copy=False).tobytes(),
        batch.values.astype("<f4", copy=False).tobytes(),
        batch.has_dense.tobytes(),
        batch.dense.astype("<f4", copy=False).tobytes(),
        batch.dense.shape[1],
    ]


def from_wire(parts: Sequence[Any]) -> Batch:
    """The batch that `to_wire` wrote; unchecked."""
    ids, payloads, counts, indices, values, has_dense, dense, dense_size = parts
    return Batch(
        ids=ids,
        payloads=payloads,
        counts=np.frombuffer(counts, "<u4"),
        indices=np.frombuffer(indices, "<u4"),
        values=np.frombuffer(values, "<f4"),
        has_dense=np.frombuffer(has_dense, np.bool_),
        dense=np.frombuffer(dense, "<f4").reshape(-1, dense_size) if dense_size else np.empty((0, 0), np.float32),
    )
