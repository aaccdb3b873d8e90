"""Haystack: `DocumentSplitter`, then `InMemoryDocumentStore` with its BM25 retriever. The index is in memory only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.peers.adapter import TOP, main


class HaystackMemory:
    keeps = False

    def __init__(self) -> None:
        self._retriever: Any = None

    def index(self, records: Sequence[dict[str, str]], folder: Path) -> int:
        from haystack import Document  # type: ignore[import-not-found,unused-ignore]
        from haystack.components.preprocessors import DocumentSplitter  # type: ignore[import-not-found,unused-ignore]
        from haystack.components.retrievers.in_memory import (  # type: ignore[import-not-found,unused-ignore]
            InMemoryBM25Retriever,
        )
        from haystack.document_stores.in_memory import (  # type: ignore[import-not-found,unused-ignore]
            InMemoryDocumentStore,
        )

        splitter = DocumentSplitter()
        documents = [Document(content=each["text"], meta={"id": each["id"]}) for each in records]
        chunks = splitter.run(documents=documents)["documents"]
        store = InMemoryDocumentStore()
        written: int = store.write_documents(chunks)
        self._retriever = InMemoryBM25Retriever(store, top_k=TOP)
        return written

    def open(self, folder: Path) -> None:
        raise NotImplementedError("the index is not kept")

    def search(self, question: str) -> list[tuple[str, str]]:
        return [(hit.meta["id"], hit.content) for hit in self._retriever.run(query=question)["documents"]]


if __name__ == "__main__":
    main(HaystackMemory)
