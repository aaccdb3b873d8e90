"""A vector store in memory that worker processes share, as they would a Qdrant server, and a record of who wrote what."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.managers import BaseManager
from pathlib import Path
from typing import Any

from tests.contracts.fakes import InMemoryVectorStore
from vernacular.vectors.protocol import Partition, Point

METHODS = ("upsert", "delete_documents", "search", "count", "flush", "drop", "partitions", "ready", "close")
KEY = b"workers of one test"
PATIENCE_S = 60.0


@dataclass
class Record:
    """`workers`: who wrote; `chunks`: how often each point was written; `met`: two workers wrote for one tenant at once.

    Each worker's first write waits until `together` workers are at theirs; the write number `held_write` waits for `release`.
    """

    together: int = 1
    held_write: int = 0
    store: InMemoryVectorStore = field(default_factory=InMemoryVectorStore)
    workers: Counter[str] = field(default_factory=Counter)
    chunks: Counter[str] = field(default_factory=Counter)
    met: list[str] = field(default_factory=list)
    holding: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    writing: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.barrier = threading.Barrier(self.together)

    def write(self, worker: str, partition: Partition, points: Sequence[Point]) -> None:
        with self.lock:
            first = worker not in self.workers
            self.workers[worker] += 1
            number = self.workers.total()
            self.chunks.update(point.chunk_id for point in points)
            if self.writing.get(partition.tenant_id, worker) != worker:
                self.met.append(partition.tenant_id)
            self.writing[partition.tenant_id] = worker
        if first:
            self.barrier.wait(PATIENCE_S)
        if number == self.held_write:
            self.holding.set()
            self.release.wait(PATIENCE_S)
        self.store.upsert(partition, points)
        with self.lock:
            self.writing.pop(partition.tenant_id, None)

    def listen(self, address: Path) -> None:
        """Be there for `connect` at a socket, until the tests end."""

        class Manager(BaseManager): ...

        Manager.register("store", callable=lambda worker: _View(self, worker), exposed=METHODS)
        server = Manager(address=str(address), authkey=KEY).get_server()
        threading.Thread(target=server.serve_forever, daemon=True).start()


class _View:
    """The store as one worker sees it."""

    def __init__(self, record: Record, worker: str) -> None:
        self._record, self._worker = record, worker

    def upsert(self, partition: Partition, points: Sequence[Point]) -> None:
        self._record.write(self._worker, partition, points)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._record.store, name)


def connect(address: Path, worker: str) -> Any:
    """The store, from another process."""

    class Manager(BaseManager): ...

    Manager.register("store", exposed=METHODS)
    manager = Manager(address=str(address), authkey=KEY)
    manager.connect()
    return manager.store(worker)  # type: ignore[attr-defined]
