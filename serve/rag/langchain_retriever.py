"""The pipeline's retrieval as LangChain's retriever, for those who build with its pieces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from serve.rag.pipeline import RagPipeline
from vernacular.tenancy import TenantScope
from vernacular.types import Hit


class VernacularRetriever(BaseRetriever):
    """Passages of one tenant, reranked, as LangChain documents.

    `open_scope` is called for every query: a context manager with a scope whose session is its own, so that the
    retriever can be used from several threads.
    """

    pipeline: Any
    open_scope: Callable[[], AbstractContextManager[TenantScope]]
    k: int = 10
    filters: Mapping[str, Any] | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        pipeline: RagPipeline = self.pipeline
        with self.open_scope() as scope:
            found = pipeline.search(scope, query, top_k=self.k, filters=self.filters)
        return [_document(hit) for hit in found.hits]


def _document(hit: Hit) -> Document:
    place = {
        "document_id": hit.document_id,
        "source_id": hit.source_id,
        "chunk_id": hit.chunk_id,
        "title": hit.title,
        "uri": hit.uri,
        "page": hit.page,
        "language": hit.language,
        "start": hit.start,
        "end": hit.start + len(hit.text),
        "highlights": [(span.start, span.end) for span in hit.highlights],
    }
    return Document(page_content=hit.text, metadata={**hit.metadata, **place}, id=hit.chunk_id)
