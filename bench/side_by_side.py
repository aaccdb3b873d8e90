"""The same corpus given to this project and to its peers, each in a process of its own, watched from outside."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.corpus import Corpus
from bench.memory import pss_mb, tree
from bench.peers import setup

ROOT = Path(__file__).parent.parent
OURS = "Vernacular"
PEERS = {
    "LangChain BM25Retriever": "langchain_bm25",
    "LlamaIndex BM25Retriever": "llamaindex_bm25",
    "Haystack in memory": "haystack_memory",
    "Haystack + Qdrant, local": "haystack_qdrant",
    "txtai keyword": "txtai_keyword",
}
LIMIT_S = 180.0
"""A peer that would take longer to index a size is left out of it."""
SAMPLE_S = 0.5


@dataclass(slots=True)
class Outcome:
    """The stages a process told of, by name, and the most memory it and its children held (PSS)."""

    stages: dict[str, dict[str, Any]] = field(default_factory=dict)
    peak_mb: float = 0.0
    skipped: str = ""


def run_ours(corpus: Corpus, folder: Path, *options: str) -> Outcome:
    return _watched([sys.executable, "-m", "bench.ours"], corpus, folder, options, 3600.0)


class Peers:
    """Runs peers at growing sizes; knows from the last size which would take too long at the next."""

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self._python = setup.ensure()
        self._limit_s = limit_s
        self._last: dict[str, tuple[int, float]] = {}

    def run(self, name: str, corpus: Corpus, search_s: float) -> Outcome:
        last = self._last.get(name)
        expected = last[1] * corpus.documents / last[0] if last else 0.0
        if expected > self._limit_s:
            self._last[name] = (corpus.documents, expected)
            return Outcome(
                skipped=f"would take about {expected:,.0f} s, over the {self._limit_s:.0f} s a size is given"
            )
        with tempfile.TemporaryDirectory(prefix="bench-peer-") as folder:
            command = [str(self._python), "-m", f"bench.peers.{PEERS[name]}"]
            limit = self._limit_s + 4 * search_s + 60
            outcome = _watched(command, corpus, Path(folder), ("--seconds", str(search_s)), limit)
        if "index" in outcome.stages:
            self._last[name] = (corpus.documents, outcome.stages["index"]["wall_s"])
        else:
            self._last[name] = (corpus.documents, 2 * self._limit_s)
        return outcome


def _watched(command: list[str], corpus: Corpus, folder: Path, options: tuple[str, ...], limit_s: float) -> Outcome:
    """Run the process and collect the JSON lines it prints; ended, with its children, after `limit_s`."""
    outcome = Outcome()
    log = folder / "stderr.log"
    with log.open("wb") as errors:
        child = subprocess.Popen(
            [*command, str(corpus.records), str(corpus.questions), str(folder), *options],
            cwd=ROOT,
            env={**os.environ, **OFFLINE},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
        ended = threading.Event()
        sampler = threading.Thread(target=_sample, args=(child.pid, outcome, ended))
        timer = threading.Timer(limit_s, os.killpg, (child.pid, signal.SIGKILL))
        sampler.start()
        timer.start()
        assert child.stdout
        for line in child.stdout:
            told = json.loads(line)
            outcome.stages[told.pop("stage")] = told
        status = child.wait()
        late = not timer.is_alive()
        timer.cancel()
        ended.set()
        sampler.join()
    if status:
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        outcome.skipped = f"ended after {limit_s:.0f} s" if late else f"failed: {' '.join(last)[:200]}"
    return outcome


OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "DO_NOT_TRACK": "1",
}


def _sample(pid: int, outcome: Outcome, ended: threading.Event) -> None:
    while not ended.wait(SAMPLE_S):
        outcome.peak_mb = max(outcome.peak_mb, sum(map(pss_mb, tree(pid))))


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
