from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from ingest import pipeline
from ingest.pipeline import bounded
from ingest.plan import Read
from tests.ingest.conftest import Home, record
from vernacular.errors import NoSuchPath, VectorStoreDown
from vernacular.types import Document
from vernacular.vectors.protocol import Partition, Point


class TestBounded:
    def test_groups_hold_about_the_size_asked_for(self) -> None:
        reads = [Read(Document(str(number), "x" * 40)) for number in range(5)]
        assert [len(group) for group in bounded(reads, 100)] == [2, 2, 1]

    def test_a_document_larger_than_a_group_goes_alone(self) -> None:
        reads = [Read(Document("a", "x")), Read(Document("b", "x" * 1000)), Read(Document("c", "x"))]
        assert [len(group) for group in bounded(reads, 100)] == [1, 1, 1]

    def test_groups_hold_no_more_than_so_many(self) -> None:
        reads = [Read(Document(str(number), "x")) for number in range(5)]
        assert [len(group) for group in bounded(reads, 100, 2)] == [2, 2, 1]


class TestOverlap:
    """Three groups a step, each a document."""

    @pytest.fixture(autouse=True)
    def _groups_of_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pipeline, "GROUP", 1)

    def test_a_group_is_written_while_the_points_of_the_one_before_are_on_their_way(self, home: Home) -> None:
        upsert = home.vectors.upsert
        seen: list[dict[str, bool]] = []

        def slow(partition: Partition, points: Sequence[Point]) -> None:
            if not seen:
                give_up = time.monotonic() + 30
                while len(home.documents()) < 2 and time.monotonic() < give_up:
                    time.sleep(0.005)
            seen.append({name: row.indexed for name, row in home.documents().items()})
            upsert(partition, points)

        home.vectors.upsert = slow  # type: ignore[method-assign]
        view = home.ingest([record(1), record(2), record(3)])
        assert seen[0] == {"r1": False, "r2": False}
        assert (view["state"], view["done"]) == ("succeeded", 3)
        assert all(row.indexed for row in home.documents().values())
        assert home.points() == len(home.chunk_ids()) == 3

    def test_the_last_record_of_an_id_counts(self, home: Home) -> None:
        home.ingest([record(1, "The first."), record(1, "The second."), record(1, "The third.")])
        assert home.found("third") == ["r1"]
        assert home.documents()["r1"].indexed
        assert home.points() == len(home.chunk_ids()) == 1

    def test_a_deletion_reaches_what_is_still_on_its_way(self, home: Home) -> None:
        home.ingest([record(1), {"id": "r1", "deleted": True}, record(2)])
        assert set(home.documents()) == {"r2"}
        assert home.points() == 1

    def test_after_an_error_nothing_arrives_late(self, home: Home) -> None:
        upsert = home.vectors.upsert
        tried: list[int] = []

        def failing(partition: Partition, points: Sequence[Point]) -> None:
            tried.append(len(points))
            raise VectorStoreDown("gone")

        home.vectors.upsert = failing  # type: ignore[method-assign]
        job_id = home.accept([record(1), record(2), record(3)])
        with pytest.raises(VectorStoreDown):
            home.run(job_id)
        ended = len(tried)
        assert home.view(job_id)["done"] == 0
        assert not any(row.indexed for row in home.documents().values())
        home.vectors.upsert = upsert  # type: ignore[method-assign]
        assert home.run(job_id)["state"] == "succeeded"
        assert len(tried) == ended
        assert home.points() == len(home.chunk_ids()) == 3


class TestRecords:
    def test_a_broken_record_is_quarantined_and_the_rest_goes_in(self, home: Home) -> None:
        view = home.ingest([record(1), b"{not json", record(3), {"id": "r4", "text": ""}, record(5)])
        assert view["state"] == "partial"
        assert (view["done"], view["total"], view["failed"]) == (5, 5, 2)
        assert [error["source_id"] for error in view["errors"]] == ["line 2", "line 4"]
        assert set(home.documents()) == {"r1", "r3", "r5"}

    def test_running_a_job_again_counts_nothing_twice(self, home: Home) -> None:
        job_id = home.accept([record(1), b"{not json", record(3), record(4)])
        first = home.run(job_id)
        assert home.run(job_id) == first

    def test_a_record_may_delete_its_document(self, home: Home) -> None:
        home.ingest([record(1), record(2)])
        view = home.ingest([{"id": "r1", "deleted": True}, {"id": "unknown", "deleted": True}])
        assert view["state"] == "succeeded"
        assert set(home.documents()) == {"r2"}
        assert home.points() == 1

    def test_the_last_record_of_an_id_counts(self, home: Home) -> None:
        home.ingest([record(1, "The first."), record(1, "The second.")])
        assert home.found("second") == ["r1"]
        assert home.points() == 1


class TestDeletionsFollowed:
    def test_what_a_source_no_longer_has_is_deleted(self, home: Home) -> None:
        home.ingest([record(number) for number in range(7)], sync=True)
        home.ingest([record(1), record(2, "Changed."), record(9)], sync=True)
        assert set(home.documents()) == {"r1", "r2", "r9"}
        assert home.points() == 3

    def test_other_sources_are_left_alone(self, home: Home) -> None:
        home.run(home.accept([record(1)], source="other"))
        home.ingest([record(2)], sync=True)
        assert set(home.documents()) == {"r1", "r2"}

    def test_nothing_is_deleted_when_a_record_cannot_be_read(self, home: Home) -> None:
        home.ingest([record(1), record(2)], sync=True)
        view = home.ingest([record(1), b"broken"], sync=True)
        assert set(home.documents()) == {"r1", "r2"}
        assert "deletions_skipped" in [error["name"] for error in view["errors"]]


class TestPath:
    def _sync(self, home: Home, folder: Path) -> dict[str, object]:
        items = [{"kind": "path", "path": str(folder)}]
        return home.run(home.enqueue({"source": str(folder), "sync": True, "items": items}))

    def test_a_folder_goes_in_each_file_in_its_own_way(self, home: Home, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        (folder / "sub").mkdir(parents=True)
        (folder / "a.md").write_text("# Ferry\n\nThe ferry leaves at noon.")
        (folder / "sub" / "b.txt").write_text("The library closes at nine.")
        (folder / "records.ndjson").write_text('{"id": "n1", "text": "The tram is late."}\n')
        (folder / "shop.csv").write_text("sku,name,price\np1,Kettle,20\n")
        (folder / "shop.csv.mapping.json").write_text('{"id": "sku", "title": "name"}')
        (folder / "empty.txt").write_text("")
        view = self._sync(home, folder)
        assert view["state"] == "partial"
        assert set(home.documents()) == {"a.md", "sub/b.txt", "n1", "p1"}
        assert home.documents()["p1"].attributes == {"price": 20}
        assert home.found("kettle") == ["p1"]
        assert home.found("library") == ["sub/b.txt"]

    def test_the_original_of_a_file_is_kept_until_its_document_goes(self, home: Home, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        folder.mkdir()
        (folder / "a.txt").write_text("The ferry leaves at noon.")
        (folder / "b.txt").write_text("The tram leaves at dawn.")
        self._sync(home, folder)
        digest = home.documents()["a.txt"].original
        assert digest is not None
        with home.parts.store.blobs.open(home.tenant.id, digest) as original:
            assert original.read() == b"The ferry leaves at noon."
        (folder / "a.txt").unlink()
        self._sync(home, folder)
        assert set(home.documents()) == {"b.txt"}
        kept = [path for path in home.parts.settings.blobs_path.rglob("*") if path.is_file()]
        assert [path.name for path in kept] == [home.documents()["b.txt"].original]
        assert kept[0].stat().st_mode & 0o777 == 0o600

    def test_a_file_that_cannot_be_read_this_time_keeps_its_document(self, home: Home, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        folder.mkdir()
        (folder / "a.md").write_text("---\nid: ferry\n---\nThe ferry leaves at noon.")
        self._sync(home, folder)
        assert set(home.documents()) == {"ferry"}
        (folder / "a.md").write_text("")
        assert self._sync(home, folder)["state"] == "partial"
        assert set(home.documents()) == {"ferry"}

    def test_uploaded_files_have_the_name_and_id_they_were_sent_with(self, home: Home) -> None:
        queue, job_id = home.queue, "6f1c2c0e-0000-4000-8000-000000000001"
        (queue.upload_folder(job_id) / "0").write_bytes(b"The ferry leaves at noon.")
        items = [{"kind": "file", "file": "0", "filename": "ferry.txt", "media_type": "text/plain", "source_id": "f-1"}]
        home.run(home.enqueue({"source": "api", "items": items}, job_id))
        row = home.documents()["f-1"]
        assert (row.filename, row.media_type) == ("ferry.txt", "text/plain")

    def test_a_path_that_is_not_there_ends_the_job(self, home: Home, tmp_path: Path) -> None:
        with pytest.raises(NoSuchPath):
            self._sync(home, tmp_path / "nowhere")
