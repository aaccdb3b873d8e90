"""Embedding and reranking models on a real vLLM: tiny ones, asked through its OpenAI and rerank routes."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest

from serve.engine.rerankers import open_scorer
from tests.contracts.embedder import DOG, PUPPY, TAX, EmbedderContract
from tests.vllm.conftest import ROOT
from tests.vllm.processes import until
from vernacular.embeddings.factory import open_embedder
from vernacular.embeddings.protocol import Embedder
from vernacular.errors import InvalidSetting
from vernacular.settings import EmbeddingSettings, RerankSettings

KEY = "only-for-this-test"
ONE_PROCESS = {"VLLM_ENABLE_V1_MULTIPROCESSING": "0", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
SMALL = ("--enforce-eager", "--distributed-executor-backend", "uni", "--gpu-memory-utilization", "0.05")

pytestmark = pytest.mark.vllm


@pytest.fixture(scope="module")
def encoders(vllm: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the two models."""
    folder = tmp_path_factory.mktemp("encoders")
    (folder / "texts.txt").write_text(f"{DOG} {PUPPY} {TAX} Where do I register my dog? dimension x", encoding="utf-8")
    command = [str(vllm.with_name("python")), "-m", "bench.nano.encoders", str(folder), str(folder / "texts.txt")]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **ONE_PROCESS}, check=True)
    return folder


@contextmanager
def served(vllm: Path, model: Path) -> Iterator[str]:
    """The address of a vLLM that serves `model` under its folder's name."""
    port = _free_port()
    command = [str(vllm), "serve", str(model), "--served-model-name", model.name, "--runner", "pooling"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--api-key", KEY, *SMALL]
    environment = {**os.environ, **ONE_PROCESS}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    log = model.with_suffix(".log")
    with log.open("wb") as out, subprocess.Popen(command, env=environment, stdout=out, stderr=out) as process:

        def answers() -> bool:
            assert process.poll() is None, log.read_text(encoding="utf-8")[-3000:]
            try:
                return httpx.get(f"http://127.0.0.1:{port}/health").is_success
            except httpx.TransportError:
                return False

        try:
            until(answers, f"a vLLM with the {model.name}")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


class TestEmbeddings(EmbedderContract):
    @pytest.fixture(scope="class")
    def url(self, vllm: Path, encoders: Path) -> Iterator[str]:
        with served(vllm, encoders / "embedder") as url:
            yield url

    @pytest.fixture(scope="class")
    def settings(self, url: str) -> EmbeddingSettings:
        values = {"backend": "openai", "model": "embedder", "url": url, "api_key": KEY, "languages": ["en"], "batch": 2}
        return EmbeddingSettings.model_validate(values)

    @pytest.fixture(scope="class")
    def embedder(self, settings: EmbeddingSettings) -> Iterator[Embedder]:
        embedder = open_embedder(settings)
        assert embedder is not None
        yield embedder
        embedder.close()

    def test_a_passage_that_is_too_long_is_cut(self, embedder: Embedder) -> None:
        long, cut = embedder.encode_documents(["register " * 1000, "register " * 100])
        assert np.isfinite(long).all()
        assert float(long @ cut) > 0.9

    def test_a_model_that_it_has_not_is_named(self, settings: EmbeddingSettings) -> None:
        other = open_embedder(settings.model_copy(update={"model": "another"}))
        assert other is not None
        with pytest.raises(InvalidSetting, match="another"):
            other.encode_query("x")
        other.close()


class TestRerank:
    def test_gives_each_passage_its_own_score(self, vllm: Path, encoders: Path) -> None:
        passages = [DOG, PUPPY, TAX, "register " * 1000]
        with served(vllm, encoders / "judge") as url:
            settings = {"backend": "vllm", "model": "judge", "url": url, "api_key": KEY}
            scorer = open_scorer(RerankSettings.model_validate(settings))
            assert scorer is not None
            together = scorer.score("Where do I register my dog?", passages)
            alone = [scorer.score("Where do I register my dog?", [passage])[0] for passage in passages]
            scorer.close()
        assert together == pytest.approx(alone, abs=0.01)
        assert len({round(score, 4) for score in together}) == 4
