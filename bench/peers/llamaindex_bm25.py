"""LlamaIndex: `SentenceSplitter`, a `SimpleDocumentStore` and `BM25Retriever` (bm25s), both persisted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.peers.adapter import TOP, main


class LlamaIndexBm25:
    keeps = True

    def __init__(self) -> None:
        self._retriever: Any = None

    def index(self, records: Sequence[dict[str, str]], folder: Path) -> int:
        from llama_index.core import Document  # type: ignore[import-not-found,unused-ignore]
        from llama_index.core.node_parser import SentenceSplitter  # type: ignore[import-not-found,unused-ignore]
        from llama_index.core.storage.docstore import (  # type: ignore[import-not-found,unused-ignore]
            SimpleDocumentStore,
        )
        from llama_index.retrievers.bm25 import BM25Retriever  # type: ignore[import-not-found,unused-ignore]

        documents = [Document(text=each["text"], id_=each["id"]) for each in records]
        nodes = SentenceSplitter().get_nodes_from_documents(documents)
        store = SimpleDocumentStore()
        store.add_documents(nodes)
        store.persist(str(folder / "docstore.json"))
        BM25Retriever.from_defaults(docstore=store, similarity_top_k=TOP).persist(str(folder / "bm25"))
        return len(nodes)

    def open(self, folder: Path) -> None:
        from llama_index.retrievers.bm25 import BM25Retriever  # type: ignore[import-not-found,unused-ignore]

        self._retriever = BM25Retriever.from_persist_dir(str(folder / "bm25"))

    def search(self, question: str) -> list[tuple[str, str]]:
        return [(hit.node.ref_doc_id, hit.node.get_content()) for hit in self._retriever.retrieve(question)]


if __name__ == "__main__":
    main(LlamaIndexBm25)
