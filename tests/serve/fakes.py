"""A rag pipeline whose answers are known beforehand, and that remembers what it was asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from langchain_core.messages import BaseMessage

from serve.rag.browse import Order
from serve.rag.pipeline import RagPipeline, SearchResult
from vernacular.dialects.preferences import DialectPreferences
from vernacular.settings import AnswerSettings
from vernacular.tenancy import TenantScope
from vernacular.types import Answer, Citation, Hit, Span, Understanding

QUOTE = "The parking permit costs 450 dollars a month."


@dataclass(frozen=True)
class Asked:
    tenant: str
    question: str
    history: tuple[BaseMessage, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


class FakeRag(RagPipeline):
    """Answers any question with QUOTE, declines those that say "unknown", fails for those that say "crash"."""

    def __init__(self) -> None:
        super().__init__(AnswerSettings())
        self.asked: list[Asked] = []

    def search(
        self,
        scope: TenantScope,
        query: str,
        *,
        top_k: int = 10,
        filters: Mapping[str, Any] | None = None,
        dialect: str | None = None,
        on: date | None = None,
        history: Sequence[BaseMessage] = (),
        expand: bool = True,
        without: Collection[str] = (),
        documents: Sequence[str] | None = None,
        order: Order = "relevance",
    ) -> SearchResult:
        options: dict[str, Any] = {"top_k": top_k, "filters": filters, "dialect": dialect, "on": on}
        further = {"expand": (expand, True), "without": (tuple(without), ()), "documents": (documents, None)}
        further["order"] = (order, "relevance")
        options |= {name: value for name, (value, usual) in further.items() if value != usual}
        self.asked.append(Asked(scope.tenant.slug, query, tuple(history), options))
        hit = Hit("c1", "d1", "permits", "Permits", QUOTE, 17.25, highlights=(Span(4, 18),), metadata={"kind": "fee"})
        return SearchResult(understood(query), [hit])

    def answer(
        self,
        scope: TenantScope,
        question: str,
        *,
        history: Sequence[BaseMessage] = (),
        top_k: int | None = None,
        filters: Mapping[str, Any] | None = None,
        dialect: str | None = None,
        on: date | None = None,
        wishes: DialectPreferences | None = None,
        documents: Sequence[str] | None = None,
    ) -> Answer:
        options: dict[str, Any] = {"top_k": top_k, "filters": filters, "dialect": dialect, "on": on, "wishes": wishes}
        if documents is not None:
            options["documents"] = documents
        self.asked.append(Asked(scope.tenant.slug, question, tuple(history), options))
        if "crash" in question:
            raise ZeroDivisionError("a secret of the inside")
        if "unknown" in question:
            return Answer("I found nothing on that.", False, "nothing_found", understood(question))
        citation = Citation(
            1, "d1", "permits", "Permits", QUOTE, 10, 10 + len(QUOTE), page=2, valid_from=date(2026, 1, 1)
        )
        return Answer(f"According to Permits: {QUOTE} [1]", True, "answered", understood(question), (citation,))


def understood(question: str) -> Understanding:
    return Understanding(question, question, "en", "Latn")
