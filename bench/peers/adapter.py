"""What the process of each peer does: read the records, index them, open the index again, answer the questions.

It prints one JSON line a stage, on the standard output it began with; what the libraries print goes to the standard
error. Only Python's own library is used here.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

TOP = 10
WARM_UP = 3
FEWEST = 5


class Peer(Protocol):
    """A library's retriever in its defaults, but for the number of hits, which is `TOP` for all.

    `keeps`: its index lies on disk after `index`, and `open` reads it.
    """

    keeps: bool

    def index(self, records: Sequence[dict[str, str]], folder: Path) -> int:
        """Split and index the records (`id`, `text`); how many chunks that made."""
        ...

    def open(self, folder: Path) -> None: ...

    def search(self, question: str) -> list[tuple[str, str]]:
        """(record id, chunk text) of the best chunks, best first."""
        ...


def main(make: Callable[[], Peer]) -> None:
    """The process: `make` is called once to index, and again, for a peer that keeps its index, to search."""
    parser = argparse.ArgumentParser()
    parser.add_argument("records", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=15.0, help="for all questions together; 0: ask none")
    options = parser.parse_args()
    emit = emitter()
    _import_all(make(), options.folder / "first")
    peer = make()
    emit(**stage("index", lambda: peer.index(_read(options.records), options.folder)), keeps=peer.keeps)
    if options.seconds <= 0:
        return
    if peer.keeps:
        peer = make()
        emit(**stage("open", lambda: peer.open(options.folder)))
    questions = json.loads(options.questions.read_text(encoding="utf-8"))
    emit(**ask(peer.search, questions, options.seconds))


def _import_all(peer: Peer, folder: Path) -> None:
    """Index a few records, so that what is measured after holds no import."""
    folder.mkdir()
    peer.index([{"id": f"first{number}", "text": f"Record number {number} of few."} for number in range(20)], folder)


def emitter() -> Callable[..., None]:
    """Writes JSON lines to the standard output, which from here on is closed to everybody else."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def emit(**figures: Any) -> None:
        lines.write(json.dumps(figures) + "\n")
        lines.flush()

    return emit


def stage(name: str, work: Callable[[], Any]) -> dict[str, Any]:
    """Run `work`: wall and CPU seconds (of this process and children that have ended), and what it returned."""
    wall, cpu = time.perf_counter(), cpu_s()
    result = work()
    return {"stage": name, "wall_s": time.perf_counter() - wall, "cpu_s": cpu_s() - cpu, "result": result}


def cpu_s() -> float:
    return sum(os.times()[:4])


def ask(
    search: Callable[[str], list[tuple[str, str]]], questions: Sequence[dict[str, str]], budget_s: float
) -> dict[str, Any]:
    """Each question once, one at a time, for `budget_s` seconds (but never fewer than five): milliseconds of each.

    `cpu_ms`: of this process, on average: what a busy machine disturbs least. `found`: the share whose own record was among the hits.
    """
    for each in questions[:WARM_UP]:
        search(each["question"])
    taken: list[float] = []
    found, began, cpu = 0, time.perf_counter(), time.process_time()
    for each in questions[WARM_UP:] or questions:
        if len(taken) >= FEWEST and time.perf_counter() - began > budget_s:
            break
        start = time.perf_counter()
        hits = search(each["question"])
        taken.append(1000 * (time.perf_counter() - start))
        found += any(record == each["id"] for record, _text in hits)
        if any(not text for _record, text in hits):
            sys.exit("a hit came without its text")
    spent = 1000 * (time.process_time() - cpu) / len(taken)
    return {"stage": "search", "asked": len(taken), "ms": taken, "cpu_ms": spent, "found": found / len(taken)}


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
