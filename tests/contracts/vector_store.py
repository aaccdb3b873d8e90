"""What every `VectorStore` does. A test module inherits from these classes and provides the fixture `open_store`."""

from __future__ import annotations

import math
import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from vernacular.errors import BadRequest
from vernacular.types import SparseVector
from vernacular.vectors.protocol import Partition, Point, Query, VectorStore

DENSE_SIZE = 4
Opener = Callable[[], VectorStore]
"""Opens the same store again at each call."""

WORD = SparseVector([7], [1.0])


def name() -> str:
    return str(uuid.uuid4())


def point(sparse: SparseVector = WORD, **fields: Any) -> Point:
    return Point(**{"chunk_id": name(), "document_id": name(), "sparse": sparse, **fields})


def zipf_points(rng: random.Random, number: int) -> list[Point]:
    """Points whose terms are as unevenly common as words are."""
    terms = list(range(1, 400))
    weights = [1 / rank for rank in terms]
    points = []
    for _ in range(number):
        indices = sorted(set(rng.choices(terms, weights, k=30)))
        points.append(point(SparseVector(indices, [rng.uniform(0.5, 2.0) for _ in indices])))
    return points


def brute_force(points: Sequence[Point], query: SparseVector) -> dict[str, float]:
    """Score of each point: BM25's IDF, as Qdrant computes it, times both weights (which a store may keep in 16 bits)."""
    frequency = Counter(index for held in points for index in held.sparse.indices)
    wanted = dict(zip(query.indices, query.values, strict=True))
    scores = {}
    for held in points:
        score = 0.0
        for index, value in zip(held.sparse.indices, held.sparse.values, strict=True):
            if index in wanted:
                idf = math.log((len(points) - frequency[index] + 0.5) / (frequency[index] + 0.5) + 1)
                score += wanted[index] * value * idf
        if score:
            scores[held.chunk_id] = score
    return scores


class VectorStoreContract:
    """Inherit, and provide `open_store`. `kind` begins the names of the generations."""

    kind = "g"

    @pytest.fixture
    def store(self, open_store: Opener) -> Iterator[VectorStore]:
        store = open_store()
        yield store
        store.close()

    @pytest.fixture
    def here(self, store: VectorStore) -> Iterator[Partition]:
        """A partition that nothing else uses, also on a server that keeps its data."""
        partition = Partition(f"t{uuid.uuid4().hex}", f"{self.kind}{uuid.uuid4().hex}")
        yield partition
        store.drop(partition)

    def found(self, store: VectorStore, partition: Partition, sparse: SparseVector = WORD, **query: Any) -> set[str]:
        return {hit.chunk_id for hit in store.search(partition, Query(sparse=sparse, limit=100, **query))}

    def test_finds_what_was_written(self, store: VectorStore, here: Partition) -> None:
        written = point()
        store.upsert(here, [written, point(SparseVector([8], [1.0]))])
        hits = store.search(here, Query(sparse=WORD))
        assert [(hit.chunk_id, hit.document_id) for hit in hits] == [(written.chunk_id, written.document_id)]
        assert hits[0].score > 0

    def test_written_anew_it_is_what_it_was(self, store: VectorStore, here: Partition) -> None:
        points = zipf_points(random.Random(8), 1200)
        store.upsert(here, points)
        store.delete_documents(here, [points[3].document_id])
        before = store.search(here, Query(sparse=points[0].sparse, limit=50))
        store.rewrite(here)
        after = store.search(here, Query(sparse=points[0].sparse, limit=50))
        assert [hit.chunk_id for hit in after] == [hit.chunk_id for hit in before]
        assert [hit.score for hit in after] == pytest.approx([hit.score for hit in before])
        assert store.count(here) == 1199
        store.upsert(here, [points[3]])
        assert store.count(here) == 1200

    def test_replaces_a_point_of_the_same_chunk(self, store: VectorStore, here: Partition) -> None:
        first = point()
        store.upsert(here, [first])
        store.upsert(here, [point(SparseVector([9], [1.0]), chunk_id=first.chunk_id)])
        assert store.count(here) == 1
        assert self.found(store, here) == set()
        assert self.found(store, here, SparseVector([9], [1.0])) == {first.chunk_id}

    def test_gives_the_best_first_and_no_more_than_asked(self, store: VectorStore, here: Partition) -> None:
        points = [point(SparseVector([7], [weight])) for weight in (1.0, 3.0, 2.0)]
        store.upsert(here, points)
        hits = store.search(here, Query(sparse=WORD, limit=2))
        assert [hit.chunk_id for hit in hits] == [points[1].chunk_id, points[2].chunk_id]

    def test_a_point_without_terms_is_kept_and_not_found(self, store: VectorStore, here: Partition) -> None:
        store.upsert(here, [point(SparseVector([], []))])
        assert store.count(here) == 1
        assert self.found(store, here) == set()

    def test_a_query_without_terms_finds_nothing(self, store: VectorStore, here: Partition) -> None:
        store.upsert(here, [point()])
        assert self.found(store, here, SparseVector([], [])) == set()
        assert store.search(here, Query()) == []

    def test_an_unwritten_partition_is_empty(self, store: VectorStore, here: Partition) -> None:
        assert self.found(store, here) == set()
        assert store.count(here) == 0
        store.delete_documents(here, [name()])
        store.flush(here)
        store.drop(here)
        assert here not in store.partitions()

    def test_writing_nothing_changes_nothing(self, store: VectorStore, here: Partition) -> None:
        store.upsert(here, [])
        store.delete_documents(here, [])
        assert store.count(here) == 0

    def test_partitions_do_not_see_each_other(self, store: VectorStore, here: Partition) -> None:
        others = [Partition(here.tenant_id, here.generation + "b"), Partition(here.tenant_id + "b", here.generation)]
        mine, theirs = point(), [point() for _ in others]
        store.upsert(here, [mine])
        for partition, other in zip(others, theirs, strict=True):
            store.upsert(partition, [other])
        assert {here, *others} <= set(store.partitions())
        assert self.found(store, here) == {mine.chunk_id}
        store.delete_documents(here, [other.document_id for other in theirs])
        for partition, other in zip(others, theirs, strict=True):
            assert self.found(store, partition) == {other.chunk_id}
            store.drop(partition)
        assert store.count(here) == 1

    def test_a_tenants_terms_are_counted_within_the_tenant(self, store: VectorStore, here: Partition) -> None:
        neighbour = Partition(here.tenant_id + "b", here.generation)
        rng = random.Random(5)
        points, query = zipf_points(rng, 20), SparseVector([1, 2, 3, 40], [1.0, 1.0, 1.0, 1.0])
        store.upsert(here, points)
        before = {hit.chunk_id: hit.score for hit in store.search(here, Query(sparse=query))}
        store.upsert(neighbour, zipf_points(rng, 200))
        after = {hit.chunk_id: hit.score for hit in store.search(here, Query(sparse=query))}
        store.drop(neighbour)
        assert after == pytest.approx(before, rel=1e-5)

    def test_groups_are_seen_by_their_members_only(self, store: VectorStore, here: Partition) -> None:
        everyone, staff, both = point(), point(groups=("staff",)), point(groups=("staff", "board"))
        store.upsert(here, [everyone, staff, both])
        assert self.found(store, here) == {everyone.chunk_id}
        assert self.found(store, here, groups=("board",)) == {everyone.chunk_id, both.chunk_id}
        assert self.found(store, here, groups=("staff", "x")) == {everyone.chunk_id, staff.chunk_id, both.chunk_id}
        assert self.found(store, here, groups=None) == {everyone.chunk_id, staff.chunk_id, both.chunk_id}

    @pytest.mark.parametrize("group", ["everyone", "*", "", "group:staff"])
    def test_no_name_makes_a_group_public(self, store: VectorStore, here: Partition, group: str) -> None:
        store.upsert(here, [point(groups=(group,))])
        assert self.found(store, here) == set()
        assert self.found(store, here, groups=("staff",)) == set()
        assert len(self.found(store, here, groups=(group,))) == 1

    def test_the_window_of_validity_includes_both_days(self, store: VectorStore, here: Partition) -> None:
        always = point()
        window = point(valid_from=date(2024, 3, 1), valid_until=date(2024, 3, 31))
        opened, closed = point(valid_from=date(2024, 3, 1)), point(valid_until=date(2024, 3, 31))
        store.upsert(here, [always, window, opened, closed])
        names = {
            p.chunk_id: label
            for p, label in ((always, "always"), (window, "window"), (opened, "opened"), (closed, "closed"))
        }
        seen = {
            day: {names[chunk] for chunk in self.found(store, here, on=date.fromisoformat(day))}
            for day in ("2024-02-29", "2024-03-01", "2024-03-31", "2024-04-01")
        }
        assert seen == {
            "2024-02-29": {"always", "closed"},
            "2024-03-01": {"always", "window", "opened", "closed"},
            "2024-03-31": {"always", "window", "opened", "closed"},
            "2024-04-01": {"always", "opened"},
        }
        assert len(self.found(store, here)) == 4

    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            ({"colour": "red"}, {"a"}),
            ({"colour": ["red", "blue"]}, {"a", "b"}),
            ({"colour": "green"}, set()),
            ({"tags": "new"}, {"a", "b"}),
            ({"tags": ["old", "none"]}, {"b"}),
            ({"stock": True}, {"a"}),
            ({"stock": False}, {"b"}),
            ({"stock": [True, False]}, {"a", "b"}),
            ({"price": 10}, {"a"}),
            ({"price": 10.5}, {"b"}),
            ({"price": [10, 10.5]}, {"a", "b"}),
            ({"price": {"gte": 10, "lt": 10.5}}, {"a"}),
            ({"price": {"gt": 10, "lte": 10.5}}, {"b"}),
            ({"price": {"gt": 11}}, set()),
            ({"day": {"gte": "2024-05-02"}}, {"b"}),
            ({"day": {"lte": date(2024, 5, 1)}}, {"a"}),
            ({"year of make.a-b": 1999}, {"a"}),
            ({"颜色": "红"}, {"b"}),
            ({"colour": "red", "price": {"lt": 10}}, set()),
            ({"absent": "x"}, set()),
            ({"absent": {"gt": 0}}, set()),
        ],
    )
    def test_metadata_filters(
        self, store: VectorStore, here: Partition, wanted: dict[str, Any], expected: set[str]
    ) -> None:
        a: dict[str, Any] = {"colour": "red", "tags": ["new"], "stock": True, "price": 10, "day": "2024-05-01"}
        b: dict[str, Any] = {
            "colour": "blue",
            "tags": ("new", "old"),
            "stock": False,
            "price": 10.5,
            "day": "2024-05-02",
        }
        points = {
            "a": point(metadata={**a, "year of make.a-b": 1999}),
            "b": point(metadata={**b, "颜色": "红"}),
            "none": point(),
        }
        store.upsert(here, list(points.values()))
        # Twice: the first search may index the field.
        for _ in range(2):
            assert self.found(store, here, metadata=wanted) == {points[label].chunk_id for label in expected}

    def test_a_field_is_found_in_points_written_after_its_first_filter(
        self, store: VectorStore, here: Partition
    ) -> None:
        store.upsert(here, [point(metadata={"size": 1})])
        assert len(self.found(store, here, metadata={"size": 1})) == 1
        store.upsert(here, [point(metadata={"size": 1}), point(metadata={"size": "1"})])
        assert len(self.found(store, here, metadata={"size": 1})) == 2
        assert len(self.found(store, here, metadata={"size": "1"})) == 1

    @pytest.mark.parametrize(
        "wanted",
        [
            {"a": None},
            {"a": {}},
            {"a": []},
            {"a": {"near": 3}},
            {"a": {"gt": "soon"}},
            {"a": {"gt": True}},
            {"a": float("nan")},
            {"a": [{"gt": 1}]},
            {'a"b': "x"},
        ],
    )
    def test_a_filter_that_cannot_be_applied_is_refused(
        self, store: VectorStore, here: Partition, wanted: dict[str, Any]
    ) -> None:
        store.upsert(here, [point()])
        with pytest.raises(BadRequest):
            store.search(here, Query(sparse=WORD, metadata=wanted))

    def test_looks_in_named_documents_only(self, store: VectorStore, here: Partition) -> None:
        points = [point() for _ in range(3)]
        store.upsert(here, points)
        wanted = tuple(held.document_id for held in points[:2])
        assert self.found(store, here, document_ids=wanted) == {held.chunk_id for held in points[:2]}

    def test_deletes_all_points_of_documents(self, store: VectorStore, here: Partition) -> None:
        gone, kept = name(), name()
        store.upsert(here, [point(document_id=document) for document in (gone, gone, kept)])
        store.delete_documents(here, [gone, name()])
        assert store.count(here) == 1
        assert {hit.document_id for hit in store.search(here, Query(sparse=WORD))} == {kept}

    def test_drops_a_partition_and_takes_it_up_again(self, store: VectorStore, here: Partition) -> None:
        store.upsert(here, [point()])
        store.drop(here)
        assert store.count(here) == 0
        assert here not in store.partitions()
        store.upsert(here, [point()])
        assert len(self.found(store, here)) == 1

    def test_keeps_what_was_flushed(self, open_store: Opener) -> None:
        store = open_store()
        partition = Partition(f"t{uuid.uuid4().hex}", "g")
        points = zipf_points(random.Random(1), 1500)
        store.upsert(partition, points)
        query = Query(sparse=SparseVector([3, 50, 100], [1.0, 1.0, 1.0]), limit=20)
        before = store.search(partition, query)
        store.flush(partition)
        flushed = store.search(partition, query)
        store.close()
        again = open_store()
        assert again.count(partition) == 1500
        reopened = again.search(partition, query)
        again.drop(partition)
        again.close()
        for hits in (flushed, reopened):
            assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in before], rel=1e-5)
            assert {hit.chunk_id for hit in hits} == {hit.chunk_id for hit in before}

    def test_ranks_as_brute_force_does(self, store: VectorStore, here: Partition) -> None:
        rng = random.Random(2)
        points = zipf_points(rng, 300)
        store.upsert(here, points)
        removed = {held.document_id for held in points[:40]}
        store.delete_documents(here, sorted(removed))
        points[50:60] = [
            point(new.sparse, chunk_id=old.chunk_id)
            for old, new in zip(points[50:60], zipf_points(rng, 10), strict=True)
        ]
        store.upsert(here, points[50:60])
        held = [kept for kept in points if kept.document_id not in removed]
        for _ in range(20):
            indices = rng.sample(range(1, 120), 8)
            query = SparseVector(indices, [rng.uniform(0.5, 1.5) for _ in indices])
            expected = brute_force(held, query)
            hits = store.search(here, Query(sparse=query, limit=25))
            best = sorted(expected.values(), reverse=True)[:25]
            assert [hit.score for hit in hits] == pytest.approx(best, rel=1e-3)
            assert all(hit.score == pytest.approx(expected[hit.chunk_id], rel=1e-3) for hit in hits)

    def test_counts_each_chunk_once(self, store: VectorStore, here: Partition) -> None:
        points = zipf_points(random.Random(8), 1200)
        store.upsert(here, points)
        store.flush(here)
        store.upsert(here, [point(chunk_id=old.chunk_id, document_id=old.document_id) for old in points[:200]])
        store.delete_documents(here, [old.document_id for old in points[150:300]])
        store.upsert(here, [point() for _ in range(10)])
        assert store.count(here) == 1060
        store.flush(here)
        assert store.count(here) == 1060

    @pytest.mark.parametrize(
        "bad",
        [
            SparseVector([1, 1], [1.0, 2.0]),
            SparseVector([1], [1.0, 2.0]),
            SparseVector([1, 2], [1.0, math.nan]),
            SparseVector([1], [math.inf]),
            SparseVector([1], [1e300]),
            SparseVector([1], [1e6]),
            SparseVector([-1], [1.0]),
            SparseVector([2**32], [1.0]),
        ],
    )
    def test_a_bad_vector_is_refused_with_its_batch(
        self, store: VectorStore, here: Partition, bad: SparseVector
    ) -> None:
        kept = point()
        store.upsert(here, [kept])
        with pytest.raises(BadRequest):
            store.upsert(here, [point(), point(bad), point()])
        with pytest.raises(BadRequest):
            store.upsert(here, [*(point() for _ in range(1200)), point(bad)])
        assert self.found(store, here) == {kept.chunk_id}
        assert store.count(here) == 1

    @pytest.mark.parametrize(
        "fields",
        [
            {"chunk_id": "7"},
            {"dense": [1.0, 2.0]},
            {"metadata": {"a": None}},
            {"metadata": {"a": {"b": 1}}},
            {"metadata": {"a": float("nan")}},
            {"metadata": {"a": 2**64}},
            {"metadata": {"a": [["b"]]}},
        ],
    )
    def test_a_bad_point_is_refused_with_its_batch(
        self, store: VectorStore, here: Partition, fields: dict[str, Any]
    ) -> None:
        with pytest.raises(BadRequest):
            store.upsert(here, [point(), point(**fields)])
        assert store.count(here) == 0

    def test_the_same_chunk_twice_in_a_batch_is_refused(self, store: VectorStore, here: Partition) -> None:
        twice = point()
        with pytest.raises(BadRequest):
            store.upsert(here, [twice, point(), twice])
        assert store.count(here) == 0

    @pytest.mark.parametrize(
        "sparse", [SparseVector([1, 1], [1.0, 1.0]), SparseVector([1], [math.nan]), SparseVector([-1], [1.0])]
    )
    def test_a_bad_query_is_refused(self, store: VectorStore, here: Partition, sparse: SparseVector) -> None:
        store.upsert(here, [point()])
        with pytest.raises(BadRequest):
            store.search(here, Query(sparse=sparse))
        with pytest.raises(BadRequest):
            store.search(here, Query(sparse=WORD, limit=0))
        with pytest.raises(BadRequest):
            store.search(here, Query(dense=[1.0]))

    @pytest.mark.parametrize(
        "partition", [Partition("../a", "g"), Partition("t", ""), Partition(".t", "g"), Partition("t", "a/b")]
    )
    def test_a_partition_that_is_no_plain_name_is_refused(self, store: VectorStore, partition: Partition) -> None:
        with pytest.raises(BadRequest):
            store.upsert(partition, [point()])
        with pytest.raises(BadRequest):
            store.search(partition, Query(sparse=WORD))

    def test_is_ready_while_open(self, store: VectorStore) -> None:
        assert store.ready()


class ConcurrentVectorStoreContract:
    """Threads share a store; inherit, and provide `open_store`."""

    @pytest.fixture
    def store(self, open_store: Opener) -> Iterator[VectorStore]:
        store = open_store()
        yield store
        store.close()

    @pytest.fixture
    def here(self, store: VectorStore) -> Iterator[Partition]:
        """A partition that nothing else uses, also on a server that keeps its data."""
        partition = Partition(f"t{uuid.uuid4().hex}", f"g{uuid.uuid4().hex}")
        yield partition
        store.drop(partition)

    def test_readers_and_writers_do_not_disturb_each_other(self, store: VectorStore, here: Partition) -> None:
        store.upsert(here, [point()])
        done = threading.Event()

        def write() -> None:
            for _ in range(10):
                store.upsert(here, [point() for _ in range(20)])

        def read() -> None:
            while not done.is_set():
                assert store.search(here, Query(sparse=WORD))

        with ThreadPoolExecutor(7) as threads:
            readers = [threads.submit(read) for _ in range(3)]
            writers = [threads.submit(write) for _ in range(4)]
            try:
                for writer in writers:
                    writer.result()
            finally:
                done.set()
            for reader in readers:
                reader.result()
        assert store.count(here) == 801


class DenseVectorStoreContract:
    """What a store with dense vectors does beside; inherit, and provide `open_store`."""

    @pytest.fixture
    def store(self, open_store: Opener) -> Iterator[VectorStore]:
        store = open_store()
        yield store
        store.close()

    @pytest.fixture
    def here(self, store: VectorStore) -> Iterator[Partition]:
        partition = Partition(f"t{uuid.uuid4().hex}", f"g{uuid.uuid4().hex}", DENSE_SIZE)
        yield partition
        store.drop(partition)

    def test_finds_the_nearest(self, store: VectorStore, here: Partition) -> None:
        points = [point(dense=[1.0, 0, 0, 0]), point(dense=[1.0, 1.0, 0, 0]), point()]
        store.upsert(here, points)
        hits = store.search(here, Query(dense=[1.0, 0.2, 0, 0]))
        assert [hit.chunk_id for hit in hits] == [points[0].chunk_id, points[1].chunk_id]

    def test_fuses_both_rankings(self, store: VectorStore, here: Partition) -> None:
        both = point(SparseVector([7], [2.0]), dense=[0.9, 0.1, 0, 0])
        lexical = point(SparseVector([7], [3.0]))
        near = point(SparseVector([8], [1.0]), dense=[1.0, 0, 0, 0])
        store.upsert(here, [lexical, near, both])
        hits = store.search(here, Query(sparse=WORD, dense=[1.0, 0, 0, 0]))
        assert hits[0].chunk_id == both.chunk_id
        assert {hit.chunk_id for hit in hits} == {both.chunk_id, lexical.chunk_id, near.chunk_id}

    def test_the_lexical_score_is_the_same_with_a_dense_vector(self, store: VectorStore, here: Partition) -> None:
        rng = random.Random(4)
        points = [replace(each, dense=[rng.gauss(0, 1) for _ in range(DENSE_SIZE)]) for each in zipf_points(rng, 200)]
        store.upsert(here, points)
        query = Query(sparse=SparseVector([2, 30, 60], [1.0, 1.0, 1.0]), limit=200)
        alone = {hit.chunk_id: hit.lexical for hit in store.search(here, query)}
        fused = store.search(here, replace(query, dense=[1.0, 0, 0, 0], dense_weight=1.0, limit=60))
        assert {hit.chunk_id for hit in fused} - alone.keys()
        for hit in fused:
            assert hit.lexical == pytest.approx(alone.get(hit.chunk_id, 0.0), rel=1e-5)

    def test_finds_the_lexical_score_of_what_only_the_dense_ranking_reaches(
        self, store: VectorStore, here: Partition
    ) -> None:
        strong = [point(SparseVector([7], [2.0])) for _ in range(60)]
        near = point(SparseVector([7], [1.0]), dense=[1.0, 0, 0, 0])
        store.upsert(here, [*strong, near])
        hits = store.search(here, Query(sparse=WORD, dense=[1.0, 0, 0, 0], dense_weight=3.0))
        assert hits[0].chunk_id == near.chunk_id
        assert hits[0].lexical == pytest.approx(hits[1].lexical / 2, rel=1e-3)
        assert hits[0].dense == pytest.approx(1.0, abs=0.02)
        assert hits[1].dense is None

    def test_the_dense_ranking_weighs_what_the_query_says(self, store: VectorStore, here: Partition) -> None:
        lexical = point(SparseVector([7], [3.0]), dense=[0, 1.0, 0, 0])
        near = point(SparseVector([7], [1.0]), dense=[1.0, 0, 0, 0])
        store.upsert(here, [lexical, near])
        query = Query(sparse=WORD, dense=[1.0, 0, 0, 0])
        firsts = [store.search(here, replace(query, dense_weight=weight))[0].chunk_id for weight in (0.5, 2.0)]
        assert firsts == [lexical.chunk_id, near.chunk_id]

    def test_generations_of_other_dimensions_stand_side_by_side(self, store: VectorStore, here: Partition) -> None:
        wider = Partition(here.tenant_id, f"g{uuid.uuid4().hex}", DENSE_SIZE + 2)
        plain = Partition(here.tenant_id, f"g{uuid.uuid4().hex}")
        store.upsert(here, [point(dense=[1.0, 0, 0, 0])])
        store.upsert(wider, [point(), point(dense=[0, 0, 0, 0, 0, 1.0])])
        store.upsert(plain, [point()])
        assert len(store.search(wider, Query(dense=[0, 0, 0, 0, 0.1, 1.0]))) == 1
        assert len(store.search(here, Query(dense=[1.0, 0, 0, 0]))) == 1
        with pytest.raises(BadRequest):
            store.upsert(plain, [point(dense=[1.0, 0, 0, 0])])
        with pytest.raises(BadRequest):
            store.search(plain, Query(dense=[1.0, 0, 0, 0]))
        for partition in (wider, plain):
            store.drop(partition)

    def test_a_generation_takes_dense_vectors_after_points_without(self, store: VectorStore, here: Partition) -> None:
        store.upsert(here, [point()])
        near = point(dense=[1.0, 0, 0, 0])
        store.upsert(here, [near])
        assert [hit.chunk_id for hit in store.search(here, Query(dense=[1.0, 0, 0, 0]))] == [near.chunk_id]

    def test_filters_both_rankings(self, store: VectorStore, here: Partition) -> None:
        secret = point(dense=[1.0, 0, 0, 0], groups=("board",))
        public = point(dense=[0, 1.0, 0, 0])
        store.upsert(here, [secret, public])
        hits = store.search(here, Query(sparse=WORD, dense=[1.0, 0, 0, 0]))
        assert [hit.chunk_id for hit in hits] == [public.chunk_id]

    @pytest.mark.parametrize("dense", [[1.0], [1.0, 0, 0, math.nan], [1.0, 0, 0, 0, 0]])
    def test_a_bad_dense_vector_is_refused(self, store: VectorStore, here: Partition, dense: list[float]) -> None:
        with pytest.raises(BadRequest):
            store.upsert(here, [point(), point(dense=dense)])
        with pytest.raises(BadRequest):
            store.search(here, Query(sparse=WORD, dense=dense))
        assert store.count(here) == 0
