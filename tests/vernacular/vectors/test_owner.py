"""The owner process: killed, contended, stopped, and given torn files."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contracts.vector_store import WORD, point, zipf_points
from vernacular.errors import IndexDamaged, VectorStoreDown
from vernacular.types import SparseVector
from vernacular.vectors import wire
from vernacular.vectors.batch import pack
from vernacular.vectors.conditions import documents_filter
from vernacular.vectors.edge import EdgeDriver
from vernacular.vectors.protocol import Partition, Point, Query
from vernacular.vectors.shards import Shards
from vernacular.vectors.store import QdrantStore
from vernacular.vectors.supervise import OwnerProcess
from vernacular.vectors.wire import socket_path

HERE = Partition("tenant", "g1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vectors"


def store_at(folder: Path, retry_s: float = 30.0) -> QdrantStore:
    return QdrantStore(EdgeDriver(socket_path(folder), retry_s))


@pytest.fixture
def owner(folder: Path) -> Iterator[OwnerProcess]:
    with OwnerProcess(folder, socket_path(folder), open_shards=2) as running:
        yield running


@pytest.fixture
def store(owner: OwnerProcess, folder: Path) -> Iterator[QdrantStore]:
    with_owner = store_at(folder)
    yield with_owner
    with_owner.close()


def kill(owner: OwnerProcess) -> int:
    pid = owner.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def eventually(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def alive(pid: int) -> bool:
    try:
        return "Z (zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


class TestKilled:
    def test_loses_no_acknowledged_point(self, store: QdrantStore, owner: OwnerProcess) -> None:
        """Four kills at random moments of writing: the writer notices nothing but a wait."""
        rng = random.Random(11)
        acknowledged: list[Point] = []
        stop = threading.Event()

        def write() -> None:
            while not stop.is_set():
                batch = [point() for _ in range(40)]
                store.upsert(HERE, batch)
                acknowledged.extend(batch)

        writer = threading.Thread(target=write)
        writer.start()
        for _ in range(4):
            before = len(acknowledged)
            time.sleep(rng.uniform(0.0, 0.3))
            pid = kill(owner)
            assert eventually(lambda pid=pid: owner.pid() not in (None, pid))  # type: ignore[misc]
            assert eventually(lambda before=before: len(acknowledged) > before)  # type: ignore[misc]
        stop.set()
        writer.join()
        assert store.count(HERE) == len(acknowledged)
        documents = tuple(held.document_id for held in acknowledged)
        for start in range(0, len(documents), 500):
            wanted = documents[start : start + 500]
            assert len(store.search(HERE, Query(sparse=WORD, document_ids=wanted, limit=500))) == len(wanted)

    def test_clears_what_a_killed_optimisation_left(
        self, store: QdrantStore, owner: OwnerProcess, folder: Path
    ) -> None:
        store.upsert(HERE, [point()])
        leftover = folder / "tenant" / "g1" / "temp_segments" / "segment_builder_x"
        kill(owner)
        leftover.mkdir(parents=True)
        assert store.count(HERE) == 1
        assert not leftover.exists()

    def test_says_so_when_nobody_starts_it_again(self, owner: OwnerProcess, folder: Path) -> None:
        store = store_at(folder, retry_s=0.3)
        owner.stop()
        assert not store.ready()
        with pytest.raises(VectorStoreDown):
            store.count(HERE)


class TestOwnership:
    def test_a_second_supervisor_uses_the_first_ones_owner_and_takes_over(self, folder: Path) -> None:
        first = OwnerProcess(folder, socket_path(folder))
        second = OwnerProcess(folder, socket_path(folder))
        first.start()
        pid = first.pid()
        with second:
            assert second.pid() == pid
            store = store_at(folder)
            store.upsert(HERE, [point()])
            first.stop()
            assert store.count(HERE) == 1
            assert second.pid() not in (None, pid)
            store.close()

    def test_a_second_owner_of_the_folder_leaves(self, owner: OwnerProcess, folder: Path, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "vernacular.vectors.owner", "--path", str(folder)]
        second = subprocess.run(
            [*command, "--socket", str(tmp_path / "s2")], capture_output=True, check=False, timeout=60
        )
        assert second.returncode == wire.LOCKED
        assert owner.pid() is not None

    def test_ends_with_its_parent(self, folder: Path) -> None:
        program = (
            "import sys, time; from pathlib import Path; from vernacular.vectors.supervise import OwnerProcess\n"
            "owner = OwnerProcess(Path(sys.argv[1]), Path(sys.argv[2])); owner.start()\n"
            "print(owner.pid(), flush=True); time.sleep(600)"
        )
        command = [sys.executable, "-c", program, str(folder), str(socket_path(folder))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
            assert parent.stdout is not None
            pid = int(parent.stdout.readline())
            assert alive(pid)
            parent.kill()
        assert eventually(lambda: not alive(pid))

    def test_only_this_user_reaches_the_socket(self, owner: OwnerProcess, folder: Path) -> None:
        assert socket_path(folder).stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700

    def test_a_path_too_long_for_a_socket_gets_a_short_one(self, tmp_path: Path) -> None:
        deep = tmp_path / ("d" * 60) / ("e" * 60)
        short = socket_path(deep)
        assert len(os.fsencode(short)) < 108
        assert short != socket_path(tmp_path / ("d" * 60) / ("f" * 60))
        with OwnerProcess(deep, short) as owner:
            assert owner.pid() is not None


class TestManyShards:
    def test_more_tenants_than_open_shards(self, store: QdrantStore) -> None:
        tenants = [Partition(f"t{number}", "g1") for number in range(5)]
        points = {tenant: point() for tenant in tenants}
        for tenant in tenants:
            store.upsert(tenant, [points[tenant]])
        for tenant in reversed(tenants):
            assert [hit.chunk_id for hit in store.search(tenant, Query(sparse=WORD))] == [points[tenant].chunk_id]
        assert store.partitions() == tenants


class TestNonsense:
    @pytest.mark.parametrize(
        "sent", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x01\xc1", b"\x00\x00\x00\x01\x01", b"\x00\x00"]
    )
    def test_a_client_that_speaks_something_else_harms_nobody(
        self, store: QdrantStore, owner: OwnerProcess, folder: Path, sent: bytes
    ) -> None:
        pid = owner.pid()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(socket_path(folder)))
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            assert client.recv(10) == b""
        store.upsert(HERE, [point()])
        assert owner.pid() == pid


class TestTorn:
    @pytest.fixture
    def written(self, store: QdrantStore, owner: OwnerProcess) -> Callable[[Callable[[Path], None], Path], None]:
        """Write a shard with an optimised and an open segment, stop the owner, tear the shard, start again."""

        def tear(by: Callable[[Path], None], folder: Path) -> None:
            store.upsert(HERE, zipf_points(random.Random(3), 1500))
            owner.stop()  # which optimises
            owner.start()
            store.upsert(HERE, [point() for _ in range(20)])
            owner.stop()
            by(folder / "tenant" / "g1")
            owner.start()

        return tear

    @pytest.mark.parametrize(
        "pattern", ["edge_config.json", "segments/*/segment.json", "segments/*/*id_tracker.mappings"]
    )
    @pytest.mark.parametrize("share", [0.0, 0.5])
    def test_is_moved_aside_and_said_until_it_is_dropped(
        self,
        store: QdrantStore,
        folder: Path,
        written: Callable[[Callable[[Path], None], Path], None],
        pattern: str,
        share: float,
    ) -> None:
        def cut(shard: Path) -> None:
            for file in shard.glob(pattern):
                os.truncate(file, int(file.stat().st_size * share))

        written(cut, folder)
        for _ in range(2):
            with pytest.raises(IndexDamaged):
                store.search(HERE, Query(sparse=WORD))
        with pytest.raises(IndexDamaged):
            store.upsert(HERE, [point()])
        assert any((folder / "_damaged" / "tenant" / "g1").iterdir())
        store.drop(HERE)
        store.upsert(HERE, [point()])
        assert store.count(HERE) == 1

    def test_the_other_tenants_notice_nothing(
        self, store: QdrantStore, folder: Path, written: Callable[[Callable[[Path], None], Path], None]
    ) -> None:
        neighbour = Partition("neighbour", "g1")
        store.upsert(neighbour, [point()])
        written(lambda shard: shutil.rmtree(shard / "segments"), folder)
        assert len(store.search(neighbour, Query(sparse=WORD))) == 1
        with pytest.raises(IndexDamaged):
            store.count(HERE)
        assert store.partitions() == [neighbour]

    def test_a_shard_that_was_removed_is_empty(
        self, store: QdrantStore, folder: Path, written: Callable[[Callable[[Path], None], Path], None]
    ) -> None:
        written(shutil.rmtree, folder)
        assert store.search(HERE, Query(sparse=WORD)) == []
        assert store.count(HERE) == 0


class TestFairness:
    def test_searches_are_answered_while_others_write(self, store: QdrantStore, folder: Path) -> None:
        store.upsert(HERE, [point()])
        done = threading.Event()

        def write() -> None:
            own = store_at(folder)
            own.upsert(HERE, zipf_points(random.Random(4), 6000))
            own.close()
            done.set()

        writer = threading.Thread(target=write)
        writer.start()
        answered = 0
        while not done.is_set():
            assert store.search(HERE, Query(sparse=SparseVector([7], [1.0]), limit=1))
            answered += 1
        writer.join()
        assert answered > 12  # more than one for each slice of the writer's
        assert store.count(HERE) == 6001


def test_ids_come_back_as_they_were_given(store: QdrantStore) -> None:
    chunk_id = str(uuid.uuid4())
    store.upsert(HERE, [point(chunk_id=chunk_id)])
    assert store.search(HERE, Query(sparse=WORD))[0].chunk_id == chunk_id


class TestWrittenAnew:
    def test_leaves_no_byte_of_what_was_deleted(self, store: QdrantStore, owner: OwnerProcess, folder: Path) -> None:
        marked = [point(metadata={"kind": f"marked {number} quince-marmalade"}) for number in range(300)]
        store.upsert(HERE, [*marked, *zipf_points(random.Random(6), 1500)])
        assert store.search(HERE, Query(sparse=WORD, metadata={"kind": "marked 7 quince-marmalade"}))
        store.delete_documents(HERE, [held.document_id for held in marked])
        store.flush(HERE)
        assert traces(folder, b"quince-marmalade")
        before = owner.pid()
        store.rewrite(HERE)
        assert store.count(HERE) == 1500
        assert store.search(HERE, Query(sparse=WORD, limit=1))
        after = owner.pid()
        assert after not in {None, before}
        assert traces(folder, b"quince-marmalade") == []
        assert b"quince-marmalade" not in memory_of(after or 0)

    def test_what_is_written_meanwhile_is_in_it(self, folder: Path) -> None:
        shards = Shards(folder)
        points = zipf_points(random.Random(6), 1200)
        shards.upsert(HERE, pack(HERE, points))
        following = shards.rewrite(HERE, "")
        late = point()
        shards.upsert(HERE, pack(HERE, [late]))
        shards.delete(HERE, documents_filter(HERE, [points[0].document_id, points[-1].document_id]))
        while following is not None:
            following = shards.rewrite(HERE, following)
        assert shards.count(HERE) == 1199
        assert shards.rewrite(HERE, str(uuid.uuid4())) == ""
        shards.close()
        assert [path.name for path in folder.iterdir() if path.name.startswith(".new")] == []


def traces(folder: Path, needle: bytes) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()]


def memory_of(pid: int) -> bytes:
    """What a process holds in memory that it may read and write, mapped files included."""
    found = bytearray()
    with Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            start, end = (int(each, 16) for each in span.split("-"))
            if rights.startswith("rw") and end - start < 1 << 30:
                memory.seek(start)
                try:
                    found += memory.read(end - start)
                except OSError:
                    continue
    return bytes(found)
