"""Speed and memory of the embedded vector store, over its socket: `python -m bench.vectors [--sizes 1000 10000 100000]`.

Points are synthetic: term frequencies follow Zipf's law, and a vector has as many non-zeros as the analyzer gives a
chunk. Rows: upsert (conversion, socket and engine together), the optimising flush, reopening after a restart, memory
of the owner process then, and one search at a time, with the filters of every search (tenant and groups) and with days.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np

from vernacular.types import SparseVector
from vernacular.vectors.edge import EdgeDriver
from vernacular.vectors.protocol import Partition, Point, Query
from vernacular.vectors.store import QdrantStore
from vernacular.vectors.supervise import OwnerProcess

HERE = Partition("bench", "g1")
VOCABULARY = 300_000


class Zipf:
    """Sparse vectors whose terms are as unevenly common as words and their parts are."""

    def __init__(self, seed: int = 1) -> None:
        self._rng = np.random.default_rng(seed)
        weights = 1 / np.arange(1, VOCABULARY + 1)
        self._cumulated = np.cumsum(weights / weights.sum())
        self._ids = self._rng.choice(2**32 - 1, VOCABULARY, replace=False).astype(np.uint32)

    def vector(self, non_zeros: int) -> SparseVector:
        drawn = np.unique(np.searchsorted(self._cumulated, self._rng.random(non_zeros * 2)))
        ranks = self._rng.permutation(drawn)[:non_zeros]
        values = self._rng.uniform(0.5, 2.0, len(ranks))
        return SparseVector(self._ids[np.minimum(ranks, VOCABULARY - 1)].tolist(), values.tolist())

    def points(self, number: int, non_zeros: int) -> Iterator[list[Point]]:
        for start in range(0, number, 1000):
            document = str(uuid.UUID(int=start // 10))
            yield [
                Point(str(uuid.uuid4()), document, self.vector(int(self._rng.normal(non_zeros, non_zeros / 8))))
                for _ in range(min(1000, number - start))
            ]


def memory_mb(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {name: int(rest.split()[0]) // 1024 for name, rest in (line.split(":") for line in lines)}
    return {name: sizes[name] for name in ("Rss", "Pss", "Anonymous")}


def quantiles(seconds: list[float]) -> str:
    p50, p99 = np.percentile(seconds, [50, 99]) * 1e3
    return f"p50 {p50:.2f} p99 {p99:.2f} ms"


@contextmanager
def opened(folder: Path) -> Iterator[tuple[QdrantStore, OwnerProcess]]:
    with OwnerProcess(folder, folder / "owner.sock") as owner:
        store = QdrantStore(EdgeDriver(folder / "owner.sock"))
        yield store, owner
        store.close()


def search(store: QdrantStore, zipf: Zipf, terms: int, rounds: int, on: date | None) -> str:
    seconds = []
    for _ in range(rounds):
        query = Query(sparse=zipf.vector(terms), limit=50, on=on)
        started = time.perf_counter()
        store.search(HERE, query)
        seconds.append(time.perf_counter() - started)
    return quantiles(seconds)


def run(size: int, options: argparse.Namespace) -> None:
    zipf = Zipf()
    with tempfile.TemporaryDirectory(prefix="vernacular-bench-") as name:
        folder = Path(name) / "vectors"
        with opened(folder) as (store, owner):
            slowest = spent = 0.0
            for points in zipf.points(size, options.non_zeros):
                started = time.perf_counter()
                store.upsert(HERE, points)
                spent += time.perf_counter() - started
                slowest = max(slowest, time.perf_counter() - started)
            print(f"{size:>7} upsert {size / spent:,.0f} points/s, slowest thousand {slowest:.2f} s")
            started = time.perf_counter()
            store.flush(HERE)
            pid = owner.pid()
            assert pid
            print(f"{size:>7} flush {time.perf_counter() - started:.2f} s, memory {memory_mb(pid)}")
        with opened(folder) as (store, owner):
            started = time.perf_counter()
            count = store.count(HERE)
            print(f"{size:>7} open {time.perf_counter() - started:.2f} s, {count} points")
            for label, on in (("search", None), ("search on a day", date(2024, 5, 1))):
                print(f"{size:>7} {label} {search(store, zipf, options.terms, options.rounds, on)}")
            pid = owner.pid()
            assert pid
            disk = sum(file.stat().st_blocks for file in folder.rglob("*")) * 512 // 2**20
            print(f"{size:>7} memory reopened {memory_mb(pid)} MB, disk {disk} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--non-zeros", type=int, default=350, help="of a chunk's vector, on average")
    parser.add_argument("--terms", type=int, default=40, help="of a query")
    parser.add_argument("--rounds", type=int, default=300, help="searches of each kind")
    options = parser.parse_args()
    for size in options.sizes:
        run(size, options)


if __name__ == "__main__":
    main()
