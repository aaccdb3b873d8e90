"""Haystack with its Qdrant store in a local path (qdrant-client's local mode) and fastembed's BM25 sparse vectors.

fastembed fetches nothing but lists of stop words for this model; a short list of our own stands in, so that no network
is needed. The rest is as it comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.peers.adapter import TOP, main

STOP_WORDS = (
    "a an and are as at be but by for from had has have he his how i if in into is it its no not of on or our she so "
    "such than that the their them then there these they this those to was we were what when which who will with you"
)


class HaystackQdrant:
    keeps = True

    def __init__(self) -> None:
        self._retriever: Any = None
        self._embedder: Any = None

    def index(self, records: Sequence[dict[str, str]], folder: Path) -> int:
        from haystack import Document  # type: ignore[import-not-found,unused-ignore]
        from haystack.components.preprocessors import DocumentSplitter  # type: ignore[import-not-found,unused-ignore]
        from haystack_integrations.components.embedders.fastembed import (  # type: ignore[import-not-found,unused-ignore]
            FastembedSparseDocumentEmbedder,
        )

        documents = [Document(content=each["text"], meta={"id": each["id"]}) for each in records]
        chunks = DocumentSplitter().run(documents=documents)["documents"]
        embedder = FastembedSparseDocumentEmbedder(model="Qdrant/bm25", progress_bar=False, model_kwargs=_model(folder))
        if hasattr(embedder, "warm_up"):
            embedder.warm_up()
        embedded = embedder.run(documents=chunks)["documents"]
        store = _store(folder)
        written: int = store.write_documents(embedded)
        store._client.close()
        return written

    def open(self, folder: Path) -> None:
        from haystack_integrations.components.embedders.fastembed import (  # type: ignore[import-not-found,unused-ignore]
            FastembedSparseTextEmbedder,
        )
        from haystack_integrations.components.retrievers.qdrant import (  # type: ignore[import-not-found,unused-ignore]
            QdrantSparseEmbeddingRetriever,
        )

        self._embedder = FastembedSparseTextEmbedder(
            model="Qdrant/bm25", progress_bar=False, model_kwargs=_model(folder)
        )
        if hasattr(self._embedder, "warm_up"):
            self._embedder.warm_up()
        self._retriever = QdrantSparseEmbeddingRetriever(_store(folder), top_k=TOP)

    def search(self, question: str) -> list[tuple[str, str]]:
        vector = self._embedder.run(text=question)["sparse_embedding"]
        found = self._retriever.run(query_sparse_embedding=vector)["documents"]
        return [(hit.meta["id"], hit.content) for hit in found]


def _model(folder: Path) -> dict[str, Any]:
    return {"specific_model_path": str(folder), "stopwords": set(STOP_WORDS.split())}


def _store(folder: Path) -> Any:
    from haystack_integrations.document_stores.qdrant import (  # type: ignore[import-not-found,unused-ignore]
        QdrantDocumentStore,
    )

    return QdrantDocumentStore(
        path=str(folder / "qdrant"), use_sparse_embeddings=True, sparse_idf=True, progress_bar=False
    )


if __name__ == "__main__":
    main(HaystackQdrant)
