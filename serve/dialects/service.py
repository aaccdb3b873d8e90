"""Dialect packs as an administrator sees them, what they do to a question, and what the tenant wishes for."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from serve.deps import Access
from serve.dialects.schemas import SettingsChange, TrialRequest
from serve.models.service import DEFAULT_ASSISTANT, assistants
from serve.questions import check_question
from vernacular.dialects.catalogue import details, look_up, summary
from vernacular.dialects.preferences import kept_preferences, preferences_of, replaced_preferences
from vernacular.dialects.registry import Registry, current
from vernacular.errors import BadRequest
from vernacular.tenancy import Platform, Tenant
from vernacular.types import Detection, Expansion, Hit


def show_all(access: Access) -> list[dict[str, Any]]:
    registry = _registry(access)
    return [summary(registry, pack) for pack in registry]


def show(access: Access, tag: str, word: str = "") -> dict[str, Any]:
    """In the shape of `PackView`.

    Raises:
        UnknownDialect: there is no such pack.
    """
    registry = _registry(access)
    pack = registry.get(tag)
    return {**details(registry, pack), "found": look_up(registry, pack, word) if word else []}


def try_out(access: Access, request: TrialRequest) -> dict[str, Any]:
    """In the shape of `Trial`: the question searched for twice, with what is added to it and without."""
    begin = time.perf_counter()
    services = access.services
    question = check_question(request.question, services.settings)
    with access.read() as scope:
        told, bare = (
            services.rag.search(scope, question, top_k=request.top_k, dialect=request.dialect, expand=expand)
            for expand in (True, False)
        )
    found = told.understanding
    return {
        "question": question,
        "query": found.query,
        "language": found.language,
        "script": found.script,
        "dialect": found.dialect,
        "detection": _detection_view(found.detection) if found.detection else None,
        "expansions": [_expansion_view(found.query, expansion) for expansion in found.expansions],
        "hits_with": _hits(told.hits, bare.hits),
        "hits_without": _hits(bare.hits, told.hits),
        "took_ms": round((time.perf_counter() - begin) * 1000, 2),
    }


def settings_of(access: Access) -> dict[str, Any]:
    """In the shape of `SettingsView`, as they are kept at this moment."""
    with access.read() as scope:
        tenant = Platform(scope.session).tenant(access.principal.tenant.slug)
    return _settings_view(access, tenant)


def change_settings(access: Access, asked: SettingsChange) -> dict[str, Any]:
    """
    Raises:
        BadRequest: a preference is not one, or an assistant is not there.
    """
    if unknown := sorted(set(asked.assistants or ()) - set(assistants())):
        raise BadRequest(
            f"There is no assistant named {unknown[0][:80]!r}.", f"Assistants are {', '.join(assistants())}."
        )
    with access.write() as scope:
        row = Platform(scope.session).tenant_row(access.principal.tenant.slug, lock=True)
        profile: dict[str, Any] = dict(row.profile)
        if asked.preferences is not None:
            profile = replaced_preferences(profile, asked.preferences)
        for name, preferences in (asked.assistants or {}).items():
            profile = replaced_preferences(profile, preferences, name)
        row.profile = profile
        if asked.dialects is not None:
            row.dialects = list(dict.fromkeys(asked.dialects))
        scope.session.flush()
        tenant = Tenant.of(row)
        facts = {"section": "dialects", "dialects": tenant.dialects, "fields": sorted(asked.model_fields_set)}
        access.record(scope, "settings.changed", facts=facts)
    access.services.keys.forget()
    return _settings_view(access, tenant)


def _settings_view(access: Access, tenant: Tenant) -> dict[str, Any]:
    registry = _registry(access)
    return {
        "dialects": list(tenant.dialects),
        "without_pack": [tag for tag in tenant.dialects if registry.find(tag) is None],
        "preferences": kept_preferences(tenant.profile),
        "assistants": {name: kept for name in assistants() if (kept := kept_preferences(tenant.profile, name))},
        "in_force": preferences_of(tenant, DEFAULT_ASSISTANT).model_dump(mode="json", by_alias=True),
    }


def _registry(access: Access) -> Registry:
    return current(access.services.settings.dialects_path)


def _detection_view(detection: Detection) -> dict[str, Any]:
    return {
        "tag": detection.tag,
        "script": detection.script,
        "confidence": round(detection.confidence, 4),
        "candidates": [[tag, round(confidence, 4)] for tag, confidence in detection.candidates],
        "decided_by": detection.decided_by,
        "signs": [
            {"text": sign.text, "start": sign.start, "end": sign.end, "tag": sign.tag, "weight": round(sign.weight, 3)}
            for sign in detection.signs
        ],
    }


def _expansion_view(query: str, expansion: Expansion) -> dict[str, Any]:
    return {
        "text": query[expansion.start : expansion.end],
        "start": expansion.start,
        "end": expansion.end,
        "terms": list(expansion.terms),
        "weight": round(expansion.weight, 3),
        "kind": expansion.kind,
        "source": expansion.source,
    }


def _hits(hits: Sequence[Hit], others: Sequence[Hit]) -> list[dict[str, Any]]:
    ranks: Mapping[str, int] = {hit.chunk_id: rank for rank, hit in enumerate(others, 1)}
    return [
        {
            "rank": rank,
            "other_rank": ranks.get(hit.chunk_id),
            "document_id": hit.document_id,
            "source_id": hit.source_id,
            "chunk_id": hit.chunk_id,
            "title": hit.title,
            "text": hit.text,
        }
        for rank, hit in enumerate(hits, 1)
    ]
