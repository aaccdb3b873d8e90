"""Speed of search and memory of the vectors' process, beside others that answer the same questions from the same chunks.

    python -m bench.search [--sizes 1000 10000 100000] [--seconds S] [--data FOLDER] [--no-peers]

In process: `retrieve` is analysis of the question, search over the owner's socket and the texts fetched from SQL, ten of
them; `pipeline` is the whole of a search, twenty candidates, ten of them read closely, put in order. Over HTTP: `POST /v1/search` on a
`vernacular serve` started for it, one connection kept open. Memory is that of the process that holds the vectors after it was
started anew on the finished index and has answered all questions. Peers give ten hits, too, and are in their defaults
otherwise; `found` is the share of questions whose own record is among the hits, so that it shows who searches as well.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.corpus import Corpus, write_corpus
from bench.ours import SLUG, owner_memory, settings_in
from bench.peers.adapter import TOP, ask
from bench.side_by_side import OURS, PEERS, ROOT, Peers, fresh, run_ours
from vernacular.access.keys import KeyRing
from vernacular.cli.context import opened_database
from vernacular.settings import Settings
from vernacular.tenancy import Platform, TenantScope

PROCESS_MS, HTTP_MS, MEMORY_MB, TIMES_LLAMAINDEX, TIMES_LANGCHAIN = 8.0, 8.0, 400.0, 5.0, 100.0
PATIENCE_S = 60.0


@contextmanager
def gateway(settings: Settings) -> Iterator[int]:
    """A `vernacular serve` on the home of `settings`, ready; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "vernacular", "serve", "--port", str(port), "--supervised"]
    environment = {**os.environ, "VERNACULAR_HOME": str(settings.home), "VERNACULAR_LOG_LEVEL": "error"}
    with (settings.home / "gateway.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_ready(port)
            yield port
        finally:
            process.terminate()
            process.wait(60)
            assert process.stdin
            process.stdin.close()


def _wait_until_ready(port: int) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise SystemExit("the gateway did not start")


def over_http(settings: Settings, questions: Sequence[dict[str, str]], budget_s: float) -> dict[str, Any]:
    with opened_database(settings) as database, database.write() as session:
        scope = TenantScope(session, Platform(session).tenant(SLUG))
        key = KeyRing(settings.home).issue(scope, role="public", name="bench")
    with gateway(settings) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

        def search(question: str) -> list[tuple[str, str]]:
            connection.request("POST", "/v1/search", json.dumps({"query": question, "top_k": TOP}), headers)
            answer = json.loads(connection.getresponse().read())
            return [(hit["source_id"], hit["text"]) for hit in answer["hits"]]

        told = ask(search, questions, budget_s)
        connection.close()
        return {**told, **owner_memory(settings)}


def percentile(sorted_ms: Sequence[float], share: float) -> float:
    return sorted_ms[min(len(sorted_ms) - 1, round(share * (len(sorted_ms) - 1)))]


def row(name: str, size: int, told: dict[str, Any], reference: float | None, note: str = "") -> dict[str, Any]:
    """Print a line of the table; `reference` is the p50 of ours."""
    ms = sorted(told["ms"])
    p50, p99 = statistics.median(ms), percentile(ms, 0.99)
    times = "" if reference is None else f"{p50 / reference:.1f}"
    print(
        f"| {name} | {size:,} | {p50:.2f} | {p99:.2f} | {told['cpu_ms']:.2f} | {times} | {told['found']:.3f} | {told['asked']} | {note} |",
        flush=True,
    )
    return {"name": name, "chunks": size, "p50_ms": p50, "p99_ms": p99, "found": told["found"], "asked": told["asked"]}


def measure(corpus: Corpus, folder: Path, options: argparse.Namespace, peers: Peers | None) -> list[dict[str, Any]]:
    size = corpus.documents
    questions = json.loads(corpus.questions.read_text(encoding="utf-8"))
    outcome = run_ours(corpus, fresh(folder / "ours"), "--seconds", str(options.seconds))
    if outcome.skipped:
        raise SystemExit(outcome.skipped)
    stages = outcome.stages
    memory = stages["memory"]
    reference = statistics.median(stages["search"]["ms"])
    note = f"{stages['search']['terms']:.0f} terms a question; vectors' process {memory['pss_mb']:.0f} MB PSS, {memory['rss_mb']:.0f} RSS"
    rows = [
        {
            **row(f"{OURS}, retrieve", size, stages["search"], reference, note),
            "owner_pss_mb": memory["pss_mb"],
            "owner_rss_mb": memory["rss_mb"],
        },
        row(f"{OURS}, pipeline", size, stages["pipeline"], reference, f"{memory['all_mb']:.0f} MB all processes"),
    ]
    told = over_http(settings_in(folder / "ours"), questions, options.seconds)
    rows.append(row(f"{OURS}, HTTP", size, told, reference, f"vectors' process {told['pss_mb']:.0f} MB PSS"))
    fresh(folder / "ours")
    for name in PEERS if peers else ():
        assert peers
        peer = peers.run(name, corpus, options.seconds)
        if peer.skipped:
            print(f"| {name} | {size:,} | skipped: {peer.skipped} |", flush=True)
            rows.append({"name": name, "chunks": size, "skipped": peer.skipped})
        else:
            rows.append(row(name, size, peer.stages["search"], reference, f"{peer.peak_mb:,.0f} MB at its peak"))
    return rows


def verdicts(rows: Sequence[dict[str, Any]], size: int) -> dict[str, dict[str, float | bool]]:
    """Each bar at the largest size: what was measured, the bar, and whether it is met."""
    found = {each["name"]: each for each in rows if each["chunks"] == size and "skipped" not in each}
    ours, http_row = found[f"{OURS}, retrieve"], found[f"{OURS}, HTTP"]
    bars = {
        "in process p99 ms": (ours["p99_ms"], PROCESS_MS, False),
        "HTTP p50 ms": (http_row["p50_ms"], HTTP_MS, False),
        "vectors' process MB": (ours["owner_pss_mb"], MEMORY_MB, False),
    }
    for name, times in (("LlamaIndex BM25Retriever", TIMES_LLAMAINDEX), ("LangChain BM25Retriever", TIMES_LANGCHAIN)):
        if name in found:
            bars[f"times faster than {name}, p50"] = (found[name]["p50_ms"] / ours["p50_ms"], times, True)
    return {
        name: {"measured": got, "bar": bar, "met": got >= bar if at_least else got < bar}
        for name, (got, bar, at_least) in bars.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000], help="in chunks")
    parser.add_argument("--seconds", type=float, default=15.0, help="for the questions of each line of the table")
    parser.add_argument("--data", type=Path, help="folder with contexts.en.jsonl to draw sentences from")
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    peers = Peers() if options.peers else None
    rows: list[dict[str, Any]] = []
    print(
        "| | chunks | p50 ms | p99 ms | CPU ms | times ours | found | questions | |\n|---|---|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory(prefix="bench-search-") as name:
        for size in options.sizes:
            corpus = write_corpus(fresh(Path(name) / "corpus"), size, data=options.data)
            rows += measure(corpus, Path(name), options, peers)
    judged = verdicts(rows, max(options.sizes))
    print(f"\nAt {max(options.sizes):,} chunks:")
    for bar, told in judged.items():
        print(f"  {bar}: {told['measured']:.2f} (bar {told['bar']:.0f}) {'met' if told['met'] else 'NOT met'}")
    print(json.dumps({"bench": "search", "rows": rows, "bars": judged}))


if __name__ == "__main__":
    main()
