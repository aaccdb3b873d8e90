from __future__ import annotations

import time
from datetime import date
from typing import Any

from serve.deps import Access
from serve.questions import check_question
from serve.rag.pipeline import SearchResult
from serve.search.schemas import SearchRequest
from vernacular.audit.events import ALLOWED
from vernacular.safety.overrides import policy_of
from vernacular.safety.prompts import check_prompt
from vernacular.types import Hit, Understanding


def search(access: Access, request: SearchRequest) -> dict[str, Any]:
    """The body of the response, in the shape of `SearchResponse`."""
    begin = time.perf_counter()
    services = access.services
    query = check_question(request.query, services.settings)
    policy = policy_of(access.principal.tenant, services.settings)
    verdict = check_prompt(query, policy)
    declined = verdict.refuses and policy.search == "decline"
    query = verdict.redacted
    with access.read() as scope:
        if declined:
            understanding = services.rag.understand(scope, query, dialect=request.dialect, expand=False)
            found = SearchResult(understanding, [])
        else:
            found = services.rag.search(
                scope, query, top_k=request.top_k, filters=request.filters, dialect=request.dialect, on=request.on
            )
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
    return {
        "query": _query_view(found.understanding),
        "hits": [_hit_view(rank, hit) for rank, hit in enumerate(found.hits, 1)],
        "took_ms": round((time.perf_counter() - begin) * 1000, 2),
        "policy": {"version": policy.version, "action": action, "category": verdict.category or None},
    }


def _query_view(understanding: Understanding) -> dict[str, Any]:
    return {
        "language": understanding.language,
        "dialect": understanding.dialect,
        "detected": understanding.detection.tag if understanding.detection else None,
        "normalized": understanding.query,
        "expansions": [term for expansion in understanding.expansions for term in expansion.terms],
    }


def _hit_view(rank: int, hit: Hit) -> dict[str, Any]:
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
        "metadata": dict(hit.metadata),
        "valid_from": _day(hit.valid_from),
        "valid_until": _day(hit.valid_until),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
