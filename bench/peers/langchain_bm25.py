"""LangChain: `RecursiveCharacterTextSplitter`, then `BM25Retriever` (rank_bm25). The index is in memory only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.peers.adapter import TOP, main


class LangChainBm25:
    keeps = False

    def __init__(self) -> None:
        self._retriever: Any = None

    def index(self, records: Sequence[dict[str, str]], folder: Path) -> int:
        from langchain_community.retrievers import BM25Retriever  # type: ignore[import-not-found,unused-ignore]
        from langchain_core.documents import Document
        from langchain_text_splitters import (  # type: ignore[import-not-found,unused-ignore]
            RecursiveCharacterTextSplitter,
        )

        documents = [Document(page_content=each["text"], metadata={"id": each["id"]}) for each in records]
        chunks = RecursiveCharacterTextSplitter().split_documents(documents)
        self._retriever = BM25Retriever.from_documents(chunks, k=TOP)
        return len(chunks)

    def open(self, folder: Path) -> None:
        raise NotImplementedError("the index is not kept")

    def search(self, question: str) -> list[tuple[str, str]]:
        return [(hit.metadata["id"], hit.page_content) for hit in self._retriever.invoke(question)]


if __name__ == "__main__":
    main(LangChainBm25)
