from __future__ import annotations

from dataclasses import replace

import pytest

from tests.contracts.vector_store import point
from vernacular.errors import BadRequest
from vernacular.types import SparseVector
from vernacular.vectors.batch import check, filterable, from_wire, pack, to_wire
from vernacular.vectors.protocol import Partition

HERE = Partition("tenant", "g1")


def test_comes_over_the_wire_as_it_was_sent() -> None:
    points = [
        point(SparseVector([2**32 - 1, 5], [0.5, 2.0]), dense=[1.0, 2.0], metadata={"a": (1, "x")}),
        point(SparseVector([], [])),
        point(SparseVector([7], [1.5])),
    ]
    batch = pack(replace(HERE, dense_size=2), points)
    read = from_wire(to_wire(batch))
    check(read)
    assert read.ids == [held.chunk_id for held in points]
    assert read.payloads == batch.payloads
    assert read.counts.tolist() == [2, 0, 1]
    assert read.indices.tolist() == [2**32 - 1, 5, 7]
    assert read.values.tolist() == [0.5, 2.0, 1.5]
    assert read.has_dense.tolist() == [True, False, False]
    assert read.dense.tolist() == [[1.0, 2.0]]


def test_the_same_index_in_two_points_is_no_repetition() -> None:
    check(pack(HERE, [point(SparseVector([7], [1.0])), point(SparseVector([7], [1.0]))]))


def test_a_batch_whose_parts_disagree_is_refused() -> None:
    parts = to_wire(pack(HERE, [point(SparseVector([7, 8], [1.0, 1.0]))]))
    parts[3] = parts[3][:4]
    with pytest.raises(BadRequest):
        check(from_wire(parts))


def test_leaves_out_what_cannot_be_filtered_on() -> None:
    metadata = {"a": "x", "b": None, "c": [1, True, 2.5], "d": {"e": 1}, "f": float("inf"), "g": 2**70, "h": [["x"]]}
    assert filterable(metadata) == {"a": "x", "c": [1, True, 2.5]}
