"""txtai: a keyword index (its BM25, in SQLite) that keeps the texts, saved and loaded again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.peers.adapter import TOP, main


class TxtaiKeyword:
    keeps = True

    def __init__(self) -> None:
        self._index: Any = None

    def index(self, records: Sequence[dict[str, str]], folder: Path) -> int:
        from txtai import Embeddings  # type: ignore[import-not-found,unused-ignore]

        index = Embeddings(keyword=True, content=True)
        index.index((each["id"], each["text"], None) for each in records)
        index.save(str(folder / "txtai"))
        count: int = index.count()
        index.close()
        return count

    def open(self, folder: Path) -> None:
        from txtai import Embeddings  # type: ignore[import-not-found,unused-ignore]

        self._index = Embeddings()
        self._index.load(str(folder / "txtai"))

    def search(self, question: str) -> list[tuple[str, str]]:
        return [(hit["id"], hit["text"]) for hit in self._index.search(question, TOP)]


if __name__ == "__main__":
    main(TxtaiKeyword)
