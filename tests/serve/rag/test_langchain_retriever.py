from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from serve.rag.langchain_retriever import VernacularRetriever
from serve.rag.pipeline import RagPipeline
from tests.serve.rag.library import TOWN, library
from vernacular.settings import AnswerSettings
from vernacular.tenancy import TenantScope


class TestInvoke:
    def test_gives_langchain_documents_with_their_place(self) -> None:
        with library(TOWN) as scope:

            @contextmanager
            def open_scope() -> Iterator[TenantScope]:
                yield scope

            retriever = VernacularRetriever(pipeline=RagPipeline(AnswerSettings()), open_scope=open_scope, k=2)
            found = retriever.invoke("How much does it cost to rent a bicycle?")
        assert len(found) == 2
        assert found[0].metadata["source_id"] == "bikes"
        assert found[0].page_content == TOWN[0].text[found[0].metadata["start"] : found[0].metadata["end"]]
