from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.contracts.embedder import DOG, PUPPY, TAX, EmbedderContract
from vernacular.embeddings.factory import open_embedder
from vernacular.embeddings.protocol import Embedder
from vernacular.errors import InvalidSetting, WeightsMissing
from vernacular.settings import EmbeddingSettings


def opened(model: Path, **fields: object) -> Embedder:
    values = {"backend": "sentence_transformers", "model": str(model), "languages": ["en"], "device": "cpu", "batch": 2}
    embedder = open_embedder(EmbeddingSettings.model_validate({**values, **fields}))
    assert embedder is not None
    return embedder


class TestSentenceTransformers(EmbedderContract):
    @pytest.fixture(scope="class")
    def embedder(self, minilm: Path) -> Iterator[Embedder]:
        embedder = opened(minilm)
        yield embedder
        embedder.close()

    def test_has_the_dimension_of_the_model(self, embedder: Embedder) -> None:
        assert embedder.dimension == 384

    def test_knows_what_other_words_mean(self, embedder: Embedder) -> None:
        documents = embedder.encode_documents([DOG, PUPPY, TAX])
        dog, puppy, tax = documents @ embedder.encode_query("licence for my hound")
        assert min(dog, puppy) > tax + 0.2

    def test_a_text_longer_than_it_reads_is_cut(self, embedder: Embedder) -> None:
        assert np.isfinite(embedder.encode_documents(["The ferry leaves at noon. " * 2000])).all()


class TestUse:
    def test_prefixes_are_put_before_texts(self, minilm: Path) -> None:
        plain, prefixed = opened(minilm), opened(minilm, document_prefix="Property tax. ")
        assert np.allclose(prefixed.encode_documents(["x"]), plain.encode_documents(["Property tax. x"]), atol=1e-5)
        assert np.allclose(prefixed.encode_query("x"), plain.encode_query("x"), atol=1e-5)
        assert prefixed.fingerprint != plain.fingerprint

    def test_vectors_are_shortened_as_asked(self, minilm: Path) -> None:
        short = opened(minilm, dimension=100)
        assert short.dimension == 100
        assert np.linalg.norm(short.encode_query("x")) == pytest.approx(1, abs=1e-5)
        with pytest.raises(InvalidSetting, match="384"):
            opened(minilm, dimension=400).encode_query("x")

    def test_weights_that_are_not_there_are_not_fetched(self, tmp_path: Path) -> None:
        for model in (tmp_path / "empty", Path("some-maker/some-model")):
            with pytest.raises(WeightsMissing) as caught:
                opened(model).encode_query("x")
            assert "VERNACULAR_EMBEDDINGS__" in caught.value.hint
