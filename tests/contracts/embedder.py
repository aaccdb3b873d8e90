"""What every `Embedder` does. A test module inherits from this class and provides the fixture `embedder`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from vernacular.embeddings.protocol import Embedder

DOG, PUPPY, TAX = (
    "Every dog must be registered with the town.",
    "The registration of dogs at the town office is free.",
    "Property tax is due at the end of March.",
)
TEXTS = [DOG, TAX, PUPPY, "x", "Registration " * 40]


class EmbedderContract:
    """Inherit, and provide `embedder`: one that knows English and normalises."""

    def test_says_what_its_vectors_depend_on(self, embedder: Embedder) -> None:
        assert 0 < len(embedder.fingerprint) <= 120
        assert embedder.fingerprint == embedder.fingerprint

    def test_every_vector_has_its_dimension(self, embedder: Embedder) -> None:
        documents = embedder.encode_documents(TEXTS)
        assert documents.shape == (len(TEXTS), embedder.dimension)
        assert embedder.encode_query("Where do I register my dog?").shape == (embedder.dimension,)
        assert documents.dtype == np.float32

    def test_vectors_have_length_one(self, embedder: Embedder) -> None:
        lengths = np.linalg.norm(embedder.encode_documents(TEXTS), axis=1)
        assert np.allclose(lengths, 1, atol=1e-3)

    def test_no_texts_are_no_vectors(self, embedder: Embedder) -> None:
        assert embedder.encode_documents([]).shape == (0, embedder.dimension)

    def test_gives_vectors_in_the_order_of_the_texts(self, embedder: Embedder) -> None:
        together = embedder.encode_documents(TEXTS)
        alone = np.concatenate([embedder.encode_documents([text]) for text in TEXTS])
        assert np.allclose(together, alone, atol=1e-3)

    def test_what_is_about_the_same_is_nearer(self, embedder: Embedder) -> None:
        dog, tax = embedder.encode_documents([DOG, TAX])
        asked = embedder.encode_query("Where do I register my dog?")
        assert float(asked @ dog) > float(asked @ tax)

    def test_knows_english(self, embedder: Embedder) -> None:
        assert embedder.knows("en")
        assert embedder.knows("en-GB")

    def test_threads_may_share_it(self, embedder: Embedder) -> None:
        expected = embedder.encode_documents(TEXTS)
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda _: embedder.encode_documents(TEXTS), range(8)))
        assert all(np.allclose(each, expected, atol=1e-3) for each in found)
