from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ingest import progress
from ingest.reindex import next_generation
from ingest.repair import damage, look_over
from tests.ingest.conftest import Home, record
from vernacular.db.models import IndexGenerationRow
from vernacular.errors import IndexDamaged
from vernacular.jobs import JobKind
from vernacular.tenancy import Platform, Tenant, TenantScope
from vernacular.text.analyze import ANALYZER_VERSION
from vernacular.vectors.protocol import Partition


def reindex(home: Home) -> dict[str, Any]:
    kind: JobKind = "reindex"
    return home.run(home.queue.enqueue(home.parts.database, home.tenant, kind, {}))


class TestNextGeneration:
    @pytest.mark.parametrize(("names", "build"), [([], 1), (["1-1"], 2), (["1-2", "0-9"], 10), (["odd"], 1)])
    def test_no_name_is_used_twice(self, names: list[str], build: int) -> None:
        assert next_generation(names) == f"{ANALYZER_VERSION}-{build}"


class TestSealing:
    def test_the_next_index_of_a_sealed_tenant_is_its_own_collection(self, home: Home) -> None:
        home.ingest([record(number) for number in range(3)])
        assert home.generations() == [f"{ANALYZER_VERSION}-1"]
        seal(home, True)
        (job_id,) = look_over(home.parts)
        assert home.run(job_id)["state"] == "succeeded"
        assert home.generations() == [f"sealed.{ANALYZER_VERSION}-2"]
        assert home.points() == 3
        assert look_over(home.parts) == []
        seal(home, False)
        (job_id,) = look_over(home.parts)
        home.run(job_id)
        assert home.generations() == [f"{ANALYZER_VERSION}-3"]

    def test_one_that_is_sealed_from_the_beginning_never_shares_any(self, home: Home) -> None:
        home.tenant = seal(home, True)
        home.ingest([record(1)])
        assert home.generations() == [f"sealed.{ANALYZER_VERSION}-1"]


def seal(home: Home, sealed: bool) -> Tenant:
    with home.parts.database.write() as session:
        row = Platform(session).tenant_row(home.tenant.slug)
        row.profile = {**row.profile, "sealed": sealed}
        return Tenant.of(row)


class TestReindex:
    def test_builds_a_new_generation_and_drops_the_old(self, home: Home) -> None:
        home.ingest([record(number) for number in range(20)])
        home.ingest([record(99, "The ferry leaves at noon.", groups=["staff"], metadata={"fee": 2})])
        points = dict(next(iter(home.vectors._points.values())))
        view = reindex(home)
        assert (view["state"], view["done"], view["total"]) == ("succeeded", 21, 21)
        assert home.generations() == [f"{ANALYZER_VERSION}-2"]
        assert len(home.vectors.partitions()) == 1
        rebuilt = next(iter(home.vectors._points.values()))
        assert rebuilt.keys() == points.keys()
        for name, point in rebuilt.items():
            before = points[name]
            assert list(point.sparse.indices) == list(before.sparse.indices)
            assert (point.groups, point.metadata) == (before.groups, dict(before.metadata))
        assert home.found("ferry") == ["r99"]

    def test_writes_that_come_meanwhile_are_in_it(self, home: Home) -> None:
        home.ingest([record(number) for number in range(5)])
        during(home, lambda: home.ingest([record(2, "The tram leaves at dawn."), record(50)]))
        assert reindex(home)["state"] == "succeeded"
        assert home.points() == len(home.chunk_ids()) == 6
        assert home.found("tram at dawn")[0] == "r2"

    def test_a_document_deleted_meanwhile_is_not_in_it(self, home: Home) -> None:
        home.ingest([record(number) for number in range(5)])
        during(home, lambda: home.parts.store.delete(home.tenant, [home.documents()["r3"].id]))
        assert reindex(home)["state"] == "succeeded"
        assert home.points() == len(home.chunk_ids()) == 4

    def test_one_that_was_interrupted_is_dropped(self, home: Home) -> None:
        home.ingest([record(1)])
        generation, _total = home.parts.reindexer.begin(home.tenant)
        assert home.generations() == [f"{ANALYZER_VERSION}-1", generation]
        assert reindex(home)["state"] == "succeeded"
        assert home.generations() == [f"{ANALYZER_VERSION}-3"]

    def test_an_index_that_is_not_whole_is_not_switched_to(self, home: Home) -> None:
        home.ingest([record(1)])
        generation, _total = home.parts.reindexer.begin(home.tenant)
        with pytest.raises(IndexDamaged, match="0 points where there are 1"):
            home.parts.reindexer.switch(home.tenant, generation)
        assert home.generations()[0] == f"{ANALYZER_VERSION}-1"

    def test_a_cancelled_one_leaves_the_old(self, home: Home) -> None:
        home.ingest([record(1)])
        job_id = home.queue.enqueue(home.parts.database, home.tenant, "reindex", {})
        progress.begin(home.parts.database, home.tenant, job_id, "reading")
        during(home, lambda: home.queue.cancel(home.parts.database, home.tenant, job_id))
        assert home.run(job_id)["state"] == "cancelled"
        assert home.generations() == [f"{ANALYZER_VERSION}-1"]
        assert home.found("swimming pool") == ["r1"]


class TestRepair:
    def test_a_whole_index_is_left_alone(self, home: Home) -> None:
        home.ingest([record(1)])
        assert look_over(home.parts) == []

    def test_a_lost_index_is_rebuilt(self, home: Home) -> None:
        home.ingest([record(1), record(2)])
        home.vectors._points.clear()
        [job_id] = look_over(home.parts)
        assert look_over(home.parts) == []
        assert home.run(job_id)["state"] == "succeeded"
        assert damage(home.parts, home.tenant) is None
        assert home.points() == 2

    def test_a_torn_index_is_rebuilt(self, home: Home) -> None:
        home.ingest([record(1)])

        def torn(_partition: Partition) -> int:
            raise IndexDamaged("A segment is torn.")

        count = home.vectors.count
        home.vectors.count = torn  # type: ignore[method-assign, assignment]
        [job_id] = look_over(home.parts)
        home.vectors.count = count  # type: ignore[method-assign]
        assert home.run(job_id)["state"] == "succeeded"

    def test_an_index_of_another_analyzer_is_rebuilt(self, home: Home) -> None:
        home.ingest([record(1)])
        with home.parts.database.write() as session:
            scope = TenantScope(session, home.tenant)
            scope.execute(scope.update(IndexGenerationRow).values(generation="0-1"))
        assert len(look_over(home.parts)) == 1

    def test_a_batch_under_way_is_left_to_its_job(self, home: Home) -> None:
        job_id = home.accept([record(1)])
        progress.begin(home.parts.database, home.tenant, job_id, "indexing")
        assert damage(home.parts, home.tenant) is None

    def test_generations_that_nothing_refers_to_are_dropped(self, home: Home) -> None:
        home.ingest([record(1)])
        left_over = Partition(home.tenant.id, "0-7")
        home.vectors.upsert(left_over, list(next(iter(home.vectors._points.values())).values()))
        look_over(home.parts)
        assert left_over not in home.vectors.partitions()

    def test_an_index_found_damaged_by_a_job_is_rebuilt_on_the_way(self, home: Home) -> None:
        home.ingest([record(1), record(2)])
        upsert = home.vectors.upsert

        def torn(partition: Partition, points: Any) -> None:
            if partition.generation.endswith("-1"):
                raise IndexDamaged("A segment is torn.")
            upsert(partition, points)

        home.vectors.upsert = torn  # type: ignore[method-assign]
        assert home.ingest([record(3)])["state"] == "succeeded"
        assert home.generations() == [f"{ANALYZER_VERSION}-2"]
        assert home.points() == len(home.chunk_ids()) == 3


def during(home: Home, action: Callable[[], object]) -> None:
    """Let `action` happen while the first batch is on its way to the new generation."""
    upsert = home.vectors.upsert
    pending = [action]

    def interrupted(partition: Partition, points: Any) -> None:
        if pending and not partition.generation.endswith("-1"):
            pending.pop()()
        upsert(partition, points)

    home.vectors.upsert = interrupted  # type: ignore[method-assign]
