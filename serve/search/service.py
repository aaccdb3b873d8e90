from __future__ import annotations

import bisect
import itertools
import time
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from serve.deps import Access
from serve.questions import check_question
from serve.rag.browse import Within
from serve.rag.matching import pad
from serve.rag.pipeline import RagPipeline, SearchResult
from serve.rag.understand import without_terms
from serve.rag.words import words_of
from serve.search.facets import Facets, FacetView
from serve.search.narrowing import Narrowing, narrowed
from serve.search.schemas import SearchRequest, SearchWish
from vernacular.audit.events import ALLOWED
from vernacular.safety.overrides import policy_of
from vernacular.safety.prompts import check_prompt
from vernacular.tenancy import TenantScope
from vernacular.text.highlight import highlights
from vernacular.text.segment import BREAK
from vernacular.types import Hit, Span, Understanding

_APART: Final = "\n\n\n"
"""Between texts: no word reaches across, and no highlight, which may hold two characters between words."""


def search(access: Access, request: SearchRequest) -> dict[str, Any]:
    """The body of the response, in the shape of `SearchResponse`."""
    begin = time.perf_counter()
    services = access.services
    query = check_question(request.query, services.settings)
    policy = policy_of(access.principal.tenant, services.settings)
    verdict = check_prompt(query, policy)
    declined = verdict.refuses and policy.search == "decline"
    query = verdict.redacted
    facets: list[FacetView] = []
    with access.read() as scope:
        if declined:
            understanding = services.rag.understand(scope, query, dialect=request.dialect, expand=False)
            found = SearchResult(understanding, [])
        else:
            found, facets = _find(scope, services.rag, query, request)
    services.metrics.searches.inc()
    subject = services.audit.subjects.of(access.principal, request.user)
    action = "decline" if declined else "log" if verdict.refuses else verdict.action
    if verdict.action != "allow" or verdict.injection:
        facts = {"stage": "search", **verdict.facts(), "action": action}
        access.note("safety.decided", decision=action, subject=subject, facts=facts)
    access.note(
        "search.declined" if declined else "search.answered",
        decision="declined" if declined else ALLOWED,
        subject=subject,
        facts={
            "policy_version": policy.version,
            "retrieved": [hit.chunk_id for hit in found.hits],
            "documents": sorted({hit.document_id for hit in found.hits}),
            "language": found.understanding.language,
            "dialect": found.understanding.dialect,
        },
        content={"query": query},
    )
    marks = _marks(found) if request.marks else [()] * len(found.hits)
    return {
        "query": _query_view(found.understanding),
        "hits": [
            _hit_view(rank, hit, spans) for rank, (hit, spans) in enumerate(zip(found.hits, marks, strict=True), 1)
        ],
        "facets": facets,
        "took_ms": round((time.perf_counter() - begin) * 1000, 2),
        "policy": {"version": policy.version, "action": action, "category": verdict.category or None},
    }


def _find(
    scope: TenantScope, rag: RagPipeline, query: str, request: SearchRequest
) -> tuple[SearchResult, list[FacetView]]:
    narrowing, documents = Narrowing.of(request), request.documents
    within = Within(request.filters, None, request.on or datetime.now().astimezone().date())
    if narrowing.conditions():
        understanding = understood(scope, rag, query, request)
        documents = list(narrowed(scope, rag, understanding, within, narrowing).documents or ())
    found = rag.search(scope, query, **_asked(request, documents))
    facets = Facets(scope, rag, found.understanding, within, narrowing).count() if request.facets else []
    return found, facets


def _asked(request: SearchRequest, documents: list[str] | None) -> dict[str, Any]:
    """What `RagPipeline.search` is asked; what is as usual is left to it."""
    asked = {"top_k": request.top_k, "filters": request.filters, "dialect": request.dialect, "on": request.on}
    usual = {"expand": True, "without": [], "order": "relevance", "documents": None}
    given = {"expand": request.expand, "without": request.without, "order": request.sort, "documents": documents}
    return asked | {name: value for name, value in given.items() if value != usual[name]}


def understood(scope: TenantScope, rag: RagPipeline, query: str, wish: SearchWish) -> Understanding:
    """What is looked for."""
    found = rag.understand(scope, query, dialect=wish.dialect, expand=wish.expand)
    return without_terms(found, wish.without) if wish.without else found


def _marks(found: SearchResult) -> list[Sequence[Span]]:
    """Where each hit has the words that were looked for: of all in one go, as most of the work is in the words."""
    words = _words(found.understanding)
    starts = list(itertools.accumulate((len(hit.text) + len(_APART) for hit in found.hits), initial=0))
    marks: list[list[Span]] = [[] for _ in found.hits]
    for span in highlights(_APART.join(hit.text for hit in found.hits), words):
        at = bisect.bisect_right(starts, span.start) - 1
        marks[at].append(Span(span.start - starts[at], span.end - starts[at]))
    return list(marks)


def _words(understanding: Understanding) -> str:
    """The words that were looked for, the little ones left out."""
    terms = [term for expansion in understanding.expansions for term in expansion.terms]
    asked = list(dict.fromkeys((understanding.query, *terms)))
    lexicon = words_of(understanding)
    content = (" ".join(lexicon.content(padded)) for padded in pad(asked))
    return BREAK.join(dict.fromkeys(words for words in content if words)) or understanding.query


def _query_view(understanding: Understanding) -> dict[str, Any]:
    return {
        "language": understanding.language,
        "dialect": understanding.dialect,
        "detected": understanding.detection.tag if understanding.detection else None,
        "normalized": understanding.query,
        "expansions": [term for expansion in understanding.expansions for term in expansion.terms],
        "understood": [
            {"text": understanding.query[each.start : each.end], "terms": list(each.terms), "kind": each.kind}
            for each in understanding.expansions
        ],
    }


def _hit_view(rank: int, hit: Hit, marks: Sequence[Span]) -> dict[str, Any]:
    return {
        "rank": rank,
        "document_id": hit.document_id,
        "source_id": hit.source_id,
        "chunk_id": hit.chunk_id,
        "title": hit.title,
        "text": hit.text,
        "uri": hit.uri,
        "filename": hit.filename,
        "page": hit.page,
        "language": hit.language,
        "headings": list(hit.headings),
        "start": hit.start,
        "highlights": [[span.start, span.end] for span in hit.highlights],
        "marks": [[span.start, span.end] for span in marks],
        "metadata": dict(hit.metadata),
        "valid_from": _day(hit.valid_from),
        "valid_until": _day(hit.valid_until),
        "source": hit.source,
        "media_type": hit.media_type,
        "updated_at": None if hit.updated_at is None else hit.updated_at.isoformat(),
        "picture": hit.picture,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
