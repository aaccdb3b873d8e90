"""Speed and memory of ingest, beside what others take to index the same records.

    python -m bench.ingest [--sizes 1000 10000 100000] [--paragraphs N] [--data FOLDER] [--no-peers]

Ours is durable: NDJSON through the job queue and a worker into SQL, the analyzer and the process of the vectors, until the job
has ended and all is on disk. CPU seconds are those of all its processes together; memory is the sum of their PSS at its
highest. `analyzer`: the analyzer alone over the same texts; `baseline`: the same rule written in the straightforward way.
Peers index the same records in their defaults, after a first few records that load their code.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from bench.corpus import Corpus, write_corpus
from bench.side_by_side import OURS, PEERS, Outcome, Peers, fresh, run_ours

ANALYZER_BAR, BASELINE_BAR = 2.0, 3.0


def row(name: str, corpus: Corpus, outcome: Outcome, ours_cpu_s: float) -> dict[str, Any]:
    if outcome.skipped or "index" not in outcome.stages:
        print(f"| {name} | {corpus.documents:,} | skipped: {outcome.skipped} |", flush=True)
        return {"name": name, "documents": corpus.documents, "skipped": outcome.skipped}
    told = outcome.stages["index"]
    wall, cpu, chunks = told["wall_s"], told["cpu_s"], told["result"]
    kept = "on disk" if told["keeps"] else "in memory"
    print(
        f"| {name} | {corpus.documents:,} | {chunks:,} | {wall:.2f} | {cpu:.2f} | {corpus.documents / wall:,.0f} |"
        f" {chunks / wall:,.0f} | {chunks / cpu:,.0f} | {cpu / ours_cpu_s:.2f} | {outcome.peak_mb:,.0f} | {kept} |",
        flush=True,
    )
    return {
        "name": name,
        "documents": corpus.documents,
        "chunks": chunks,
        "wall_s": wall,
        "cpu_s": cpu,
        "documents_per_s": corpus.documents / wall,
        "chunks_per_s": chunks / wall,
        "chunks_per_core_s": chunks / cpu,
        "cpu_over_ours": cpu / ours_cpu_s,
        "peak_pss_mb": outcome.peak_mb,
        "keeps": told["keeps"],
    }


def analyzer_row(corpus: Corpus, analyzed: dict[str, Any], indexed: dict[str, Any]) -> dict[str, Any]:
    alone, baseline = analyzed["cpu_s"], analyzed["baseline_cpu_s"]
    figures = {
        "documents": corpus.documents,
        "analyzer_cpu_s": alone,
        "analyzer_mb_per_s": analyzed["megabytes"] / alone,
        "baseline_mb_per_s": analyzed["megabytes"] / baseline,
        "analyzer_over_baseline": baseline / alone,
        "ingest_cpu_over_analyzer": indexed["cpu_s"] / alone,
        "ingest_wall_over_analyzer": indexed["wall_s"] / analyzed["wall_s"],
        "ingest_wall_over_baseline": indexed["wall_s"] / baseline,
        "non_zeros": analyzed["non_zeros"],
    }
    print(
        f"\nanalyzer alone at {corpus.documents:,}: {alone:.2f} CPU s, {figures['analyzer_mb_per_s']:.1f} MB/s a core,"
        f" {figures['analyzer_over_baseline']:.1f} times the baseline's {figures['baseline_mb_per_s']:.1f}"
        f" (bar: {BASELINE_BAR:.0f}); {analyzed['non_zeros']:.0f} non-zeros a chunk"
        f"\nthe whole ingest takes {figures['ingest_wall_over_analyzer']:.2f} times the analyzer's time"
        f" (bar: {ANALYZER_BAR:.0f}), {figures['ingest_cpu_over_analyzer']:.2f} times its CPU,"
        f" and {figures['ingest_wall_over_baseline']:.2f} times the baseline analyzer's\n",
        flush=True,
    )
    return figures


def measure(
    size: int, folder: Path, options: argparse.Namespace, peers: Peers | None
) -> tuple[list[Any], dict[str, Any]]:
    corpus = write_corpus(fresh(folder / "corpus"), size // options.paragraphs, options.paragraphs, data=options.data)
    analyzed = run_ours(corpus, fresh(folder / "ours"), "--analyze").stages["analyze"]
    outcome = run_ours(corpus, fresh(folder / "ours"), "--seconds", "0")
    if outcome.skipped:
        raise SystemExit(outcome.skipped)
    indexed = outcome.stages["index"]
    rows = [row(OURS, corpus, outcome, indexed["cpu_s"])]
    for name in PEERS if peers else ():
        assert peers
        rows.append(row(name, corpus, peers.run(name, corpus, 0.0), indexed["cpu_s"]))
    return rows, analyzer_row(corpus, analyzed, indexed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000], help="in paragraphs")
    parser.add_argument("--paragraphs", type=int, default=1, help="of about 900 characters, in each document")
    parser.add_argument("--data", type=Path, help="folder with contexts.en.jsonl to draw sentences from")
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    peers = Peers() if options.peers else None
    rows: list[Any] = []
    analyzer: list[Any] = []
    print(
        "| | documents | chunks | wall s | CPU s | documents/s | chunks/s | chunks/s a core | CPU over ours | peak PSS MB | index |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="bench-ingest-") as folder:
        for size in options.sizes:
            more, figures = measure(size, Path(folder), options, peers)
            rows += more
            analyzer.append(figures)
    slower = [each for each in rows if each.get("keeps") and each["name"] != OURS and each["cpu_over_ours"] <= 1]
    print(
        f"peers that keep their index on disk and take less CPU than ours: {[each['name'] for each in slower] or 'none'}"
    )
    print(json.dumps({"bench": "ingest", "rows": rows, "analyzer": analyzer}))


if __name__ == "__main__":
    main()
