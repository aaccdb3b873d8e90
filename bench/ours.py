"""What the process of this project does in `bench.ingest` and `bench.search`: the same stages as the peers' (`bench.peers.adapter`).

Indexing is the whole durable way: a job in the queue, taken by a worker, NDJSON to SQL, analysis and the owner process of the
vectors, to the job's end. Searching is what the gateway does for a question, without HTTP: `retrieve` gives the ten best
passages with their text, `pipeline` is all of `POST /v1/search`, twenty candidates put in order anew, ten of them read closely.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from bench.analyzer import baseline_encode
from bench.corpus import read_records
from bench.memory import pss_mb, rss_mb, tree, tree_cpu_s
from bench.peers.adapter import TOP, ask, emitter
from ingest.points import Entry, index_points
from ingest.worker import Worker
from serve.bootstrap import open_services
from serve.rag.retrieve import retrieve
from serve.rag.understand import understand
from vernacular.cli.context import opened_database
from vernacular.db.models import ChunkRow, TenantRow
from vernacular.jobs import JobQueue
from vernacular.settings import Settings
from vernacular.tenancy import Platform, Tenant, TenantScope
from vernacular.text.analyze import encode_document, encode_query
from vernacular.vectors.edge import EdgeDriver
from vernacular.vectors.wire import socket_path

SLUG = "bench"
BATCH = 64
"""Chunks that ingest hands to the analyzer at once."""
BASELINE_SAMPLE = 300


def settings_in(folder: Path) -> Settings:
    return Settings(home=folder / "home", log_level="error")


def tenant_of(settings: Settings, slug: str = SLUG) -> Tenant:
    with opened_database(settings) as database, database.write() as session:
        return Platform(session).create_tenant(TenantRow(slug=slug, display_name=slug, languages=["en"]))


def run_job(worker: Worker, settings: Settings, tenant: Tenant, records: Path) -> dict[str, Any]:
    """Ask for an ingest of the records, and wait for its end."""
    spec = {"source": "bench", "items": [{"kind": "records", "path": str(records), "filename": records.name}]}
    job = JobQueue(settings).enqueue(worker.parts.database, tenant, "ingest", spec)
    view = worker.wait(tenant.id, job)
    assert view["state"] == "succeeded", view
    return view


def index(settings: Settings, records: Path) -> dict[str, Any]:
    first = settings.home.parent / "first.ndjson"
    first.write_text("".join(json.dumps({"id": str(n), "text": f"Record number {n}."}) + "\n" for n in range(20)))
    tenant, other = tenant_of(settings), tenant_of(settings, "first")
    with Worker(settings) as worker:
        run_job(worker, settings, other, first)
        wall, cpu, own = time.perf_counter(), tree_cpu_s(os.getpid()), time.process_time()
        view = run_job(worker, settings, tenant, records)
        figures = {
            "stage": "index",
            "wall_s": time.perf_counter() - wall,
            "cpu_s": tree_cpu_s(os.getpid()) - cpu,
            "worker_cpu_s": time.process_time() - own,
            "keeps": True,
        }
        with worker.parts.database.read() as session:
            chunks = TenantScope(session, tenant).count(ChunkRow)
    disk = sum(file.stat().st_blocks for file in settings.home.rglob("*") if file.is_file()) * 512 / 1e6
    return {**figures, "result": chunks, "documents": view["done"], "disk_mb": disk}


def analyze(records: Path) -> dict[str, Any]:
    """The analyzer alone over the same texts, in the batches that ingest makes, and the baseline over some of them."""
    texts = [record["text"] for record in read_records(records)]
    entries = [Entry(str(number), str(number), text) for number, text in enumerate(texts)]
    index_points(entries[:BATCH])
    cpu, wall = time.process_time(), time.perf_counter()
    for start in range(0, len(entries), BATCH):
        index_points(entries[start : start + BATCH])
    spent, took = time.process_time() - cpu, time.perf_counter() - wall
    sample = texts[:BASELINE_SAMPLE]
    cpu = time.process_time()
    for text in sample:
        baseline_encode(text)
    baseline = (time.process_time() - cpu) * sum(map(len, texts)) / max(1, sum(map(len, sample)))
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    non_zeros = sum(len(encode_document(text).indices) for text in sample) / len(sample)
    return {
        "stage": "analyze",
        "cpu_s": spent,
        "wall_s": took,
        "baseline_cpu_s": baseline,
        "megabytes": megabytes,
        "non_zeros": non_zeros,
    }


def owner_memory(settings: Settings) -> dict[str, float]:
    """Of the process that holds the vectors, in MB."""
    pid = EdgeDriver(socket_path(settings.vectors_path)).owner()
    assert pid
    return {"pss_mb": pss_mb(pid), "rss_mb": rss_mb(pid)}


def owner_cpu_s(settings: Settings) -> float:
    pid = EdgeDriver(socket_path(settings.vectors_path)).owner()
    assert pid
    return tree_cpu_s(pid)


def search(settings: Settings, questions: Sequence[dict[str, str]], budget_s: float) -> Iterator[dict[str, Any]]:
    began = time.perf_counter()
    with open_services(settings) as services:
        with services.database.read() as session:
            tenant = Platform(session).tenant(SLUG)

        @contextmanager
        def scope() -> Iterator[TenantScope]:
            with services.database.read() as session:
                yield TenantScope(session, tenant, services.vectors, ())

        def passages(question: str) -> list[tuple[str, str]]:
            with scope() as mine:
                hits = retrieve(mine, understand(question, served=("en",)), limit=TOP, on=date(2026, 1, 1))
            return [(hit.source_id, hit.text) for hit in hits]

        def whole(question: str) -> list[tuple[str, str]]:
            with scope() as mine:
                return [(hit.source_id, hit.text) for hit in services.rag.search(mine, question, top_k=TOP).hits]

        passages(questions[0]["question"])
        yield {"stage": "open", "wall_s": time.perf_counter() - began, **owner_memory(settings)}
        before = owner_cpu_s(settings)
        asked = ask(passages, questions, budget_s)
        asked["cpu_ms"] += 1000 * (owner_cpu_s(settings) - before) / asked["asked"]
        terms = sum(len(encode_query(each["question"]).indices) for each in questions) / len(questions)
        yield {**asked, "terms": terms}
        yield {**ask(whole, questions, budget_s), "stage": "pipeline"}
        yield {"stage": "memory", **owner_memory(settings), "all_mb": sum(map(pss_mb, tree(os.getpid())))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("folder", type=Path, help="empty; the home is made in it")
    parser.add_argument("--seconds", type=float, default=15.0, help="for all questions together; 0: ask none")
    parser.add_argument("--analyze", action="store_true", help="time the analyzer alone, and do nothing else")
    options = parser.parse_args()
    emit: Callable[..., None] = emitter()
    settings = settings_in(options.folder)
    if options.analyze:
        emit(**analyze(options.records))
        return
    emit(**index(settings, options.records))
    if options.seconds > 0:
        questions = json.loads(options.questions.read_text(encoding="utf-8"))
        for figures in search(settings, questions, options.seconds):
            emit(**figures)


if __name__ == "__main__":
    main()
