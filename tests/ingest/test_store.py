from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ingest.identity import chunk_ids, document_id, identified
from tests.contracts.fakes import InMemoryVectorStore
from tests.ingest.conftest import Home, record
from vernacular.db.models import DocumentTextRow
from vernacular.documents import delete_documents
from vernacular.errors import VectorStoreDown
from vernacular.tenancy import TenantScope
from vernacular.types import Document
from vernacular.vectors.protocol import Partition, Point


class TestIdentity:
    def test_a_document_keeps_its_id_and_its_chunks_change_theirs_when_its_text_changes(self) -> None:
        one = identified("t", "api", Document("a", "text"))
        two = identified("t", "api", Document("a", "another text"))
        assert one.document_id == two.document_id
        assert next(chunk_ids(one)) != next(chunk_ids(two))

    def test_ids_are_of_one_tenant_and_one_source(self) -> None:
        assert len({document_id("t", "s", "a"), document_id("u", "s", "a"), document_id("t", "r", "a")}) == 3

    @pytest.mark.parametrize(
        "changed",
        [
            {"title": "T"},
            {"metadata": {"a": 1}},
            {"groups": ("g",)},
            {"valid_from": date(2026, 1, 1)},
            {"language": "en"},
        ],
    )
    def test_the_hash_covers_everything_that_is_stored(self, changed: dict[str, Any]) -> None:
        assert (
            identified("t", "s", Document("a", "x")).content_hash
            != identified("t", "s", Document("a", "x", **changed)).content_hash
        )

    def test_the_hash_takes_numbers_that_json_libraries_refuse(self) -> None:
        large = {"serial": 10**30}
        one = identified("t", "s", Document("a", "x", metadata=large))
        assert one.content_hash == identified("t", "s", Document("a", "x", metadata=dict(large))).content_hash


class TestStore:
    def test_what_goes_in_is_found_and_kept_as_it_was(self, home: Home) -> None:
        text = "The pool opens at six.\n\nIt closes at nine."
        home.ingest([record(1, text, title="Pool", metadata={"fee": 20}, groups=["staff"], valid_until="2027-01-01")])
        row = home.documents()["r1"]
        assert (row.title, row.attributes, row.groups) == ("Pool", {"fee": 20}, ["staff"])
        assert row.valid_until == date(2027, 1, 1)
        assert row.indexed
        assert row.language == "en"
        assert row.chunk_count == home.points() == len(home.chunk_ids())
        with home.parts.database.read() as session:
            kept = TenantScope(session, home.tenant).get(DocumentTextRow, row.id)
            assert kept is not None
            assert kept.text == text
        assert home.found("when does the pool open") == ["r1"]

    def test_the_same_document_twice_changes_nothing(self, home: Home) -> None:
        home.ingest([record(1), record(2)])
        before = {name: (row.id, row.updated_at) for name, row in home.documents().items()}
        chunks = home.chunk_ids()
        view = home.ingest([record(1), record(2)])
        assert view["state"] == "succeeded"
        assert {name: (row.id, row.updated_at) for name, row in home.documents().items()} == before
        assert home.chunk_ids() == chunks

    def test_a_changed_document_replaces_itself(self, home: Home) -> None:
        home.ingest([record(1, "The ferry leaves at noon."), record(2)])
        before = home.documents()["r1"]
        home.ingest([record(1, "The tram leaves at dawn.")])
        after = home.documents()["r1"]
        assert after.id == before.id
        assert after.created_at == before.created_at
        assert home.points() == len(home.chunk_ids()) == 2
        assert home.found("tram at dawn")[0] == "r1"
        assert "r1" not in home.found("ferry noon")

    def test_titles_and_headings_are_searched_too(self, home: Home) -> None:
        home.ingest([record(1, "It costs twenty.", title="Library card"), record(2)])
        assert home.found("library") == ["r1"]

    def test_a_crash_between_sql_and_the_index_is_mended_by_running_again(self, home: Home) -> None:
        class Failing(InMemoryVectorStore):
            def upsert(self, partition: Partition, points: Any) -> None:
                raise VectorStoreDown("gone")

        job_id = home.accept([record(1), record(2)])
        upsert = home.vectors.upsert
        home.vectors.upsert = Failing().upsert  # type: ignore[method-assign]
        with pytest.raises(VectorStoreDown):
            home.run(job_id)
        assert [row.indexed for row in home.documents().values()] == [False, False]
        home.vectors.upsert = upsert  # type: ignore[method-assign]
        view = home.run(job_id)
        assert (view["state"], view["done"]) == ("succeeded", 2)
        assert all(row.indexed for row in home.documents().values())
        assert home.points() == len(home.chunk_ids()) == 2

    def test_points_of_a_document_deleted_meanwhile_do_not_stay(self, home: Home) -> None:
        upsert = home.vectors.upsert

        def delete_first(partition: Partition, points: list[Point]) -> None:
            delete_documents(
                home.parts.database, home.vectors, home.parts.store.blobs, home.tenant, [points[0].document_id]
            )
            upsert(partition, points)

        home.vectors.upsert = delete_first  # type: ignore[method-assign, assignment]
        home.ingest([record(1)])
        assert home.documents() == {}
        assert home.points() == 0


class TestDeleteDocuments:
    def test_removes_rows_chunks_and_points_of_the_tenants_own(self, home: Home) -> None:
        home.ingest([record(1), record(2)])
        gone = home.documents()["r1"].id
        count = delete_documents(
            home.parts.database, home.vectors, home.parts.store.blobs, home.tenant, [gone, "other"]
        )
        assert count == 1
        assert set(home.documents()) == {"r2"}
        assert home.points() == len(home.chunk_ids()) == 1

    def test_leaves_the_document_findable_in_sql_while_the_index_cannot_be_reached(self, home: Home) -> None:
        home.ingest([record(1)])

        def down(*_: object) -> None:
            raise VectorStoreDown("gone")

        home.vectors.delete_documents = down  # type: ignore[method-assign, assignment]
        with pytest.raises(VectorStoreDown):
            home.parts.store.delete(home.tenant, [home.documents()["r1"].id])
        row = home.documents()["r1"]
        assert not row.indexed
