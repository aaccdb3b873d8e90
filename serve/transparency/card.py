"""The system card of a tenant's assistant, made from what is configured, indexed and measured at the time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from serve.bootstrap import Services
from serve.engine.profiles import registry
from serve.rag.varieties import Varieties
from serve.transparency.notices import notices
from serve.transparency.schemas import AdapterFacts, DataSheet, ModelFacts, SystemCard
from serve.transparency.sheet import data_sheet
from vernacular import __version__
from vernacular.db.models import AdapterRow, AuditCheckpointRow, EvalRunRow, RedteamRunRow
from vernacular.embeddings.presets import find_preset
from vernacular.errors import UnknownProfile
from vernacular.evaluation.store import describe, list_runs
from vernacular.retention import terms_of
from vernacular.safety.overrides import policy_of
from vernacular.settings import Settings
from vernacular.tenancy import Tenant, TenantScope

PURPOSE: Final = (
    "Answers people's questions from the tenant's documents and cites every answer. It gives no legal, medical or financial "
    "advice of its own, decides nothing about a person, and calls no tools."
)
EXTRACTIVE, GENERATIVE = "extractive", "generative"


def system_card(services: Services, scope: TenantScope) -> SystemCard:
    tenant, settings = scope.tenant, services.settings
    sheet = data_sheet(scope)
    models = [*_chat_models(services), *_search_models(settings)]
    adapters = _adapters(scope)
    evaluation, red_team = _evaluations(scope), _red_team(scope)
    card = SystemCard(
        system="Vernacular",
        version=__version__,
        at=datetime.now(UTC),
        tenant=tenant.slug,
        display_name=tenant.display_name or tenant.slug,
        purpose=PURPOSE,
        languages=list(tenant.languages),
        varieties=_varieties(services.rag.varieties, tenant),
        ai_notice=notices(tenant.languages, tenant.display_name or tenant.slug),
        answers=GENERATIVE if any(model.purpose == "answers" for model in models) else EXTRACTIVE,
        models=models,
        adapters=adapters,
        data=_summary(sheet),
        evaluation=evaluation,
        red_team=red_team,
        safety=_safety(settings, tenant),
        oversight=_oversight(settings, scope),
        limits=[],
    )
    return card.model_copy(update={"limits": list(_limits(card, sheet))})


def _chat_models(services: Services) -> list[ModelFacts]:
    return [_model(card.name, card.profile) for card in services.models.cards() if card.name]


def _model(name: str, profile_name: str) -> ModelFacts:
    try:
        profile = registry.find(profile_name) if profile_name else None
    except UnknownProfile:
        profile = None
    if profile is None:
        return ModelFacts(
            name=name,
            purpose="answers",
            licence="",
            origin="",
            languages=[],
            figures="unverified",
            notes=["No profile is known for this model: its licence and origin are the operator's to state."],
        )
    return ModelFacts(
        name=name,
        purpose="answers",
        licence=profile.licence,
        origin=profile.repository or "",
        languages=list(profile.languages),
        figures=profile.figures,
        notes=list(profile.notes),
    )


def _search_models(settings: Settings) -> list[ModelFacts]:
    given = (
        ("search by meaning", settings.embeddings.backend, settings.embeddings.model),
        ("reranking", settings.rerank.backend, settings.rerank.model),
        ("safety", "openai" if settings.safety.guard.url else "none", settings.safety.guard.model),
    )
    return [_search_model(purpose, model) for purpose, backend, model in given if backend != "none"]


def _search_model(purpose: str, name: str) -> ModelFacts:
    preset = find_preset(name)
    return ModelFacts(
        name=name,
        purpose=purpose,
        licence="",
        origin=name,
        languages=list(preset.languages) if preset else [],
        figures="unverified",
        notes=["The licence is its publisher's: read it where the weights came from."],
    )


def _adapters(scope: TenantScope) -> list[AdapterFacts]:
    statement = scope.select(AdapterRow).where(AdapterRow.state == "active").order_by(AdapterRow.name)
    return [
        AdapterFacts(
            name=row.name, base_model=row.base_model, dialect=row.dialect, digest=row.digest, lineage=row.lineage
        )
        for row in scope.execute(statement).scalars()
    ]


def _varieties(varieties: Varieties, tenant: Tenant) -> list[dict[str, str]]:
    packs = [pack for tag in tenant.dialects if (pack := varieties.pack(tag)) is not None]
    return [{"tag": pack.tag, "name": pack.manifest.name, "pack": pack.manifest.version} for pack in packs]


def _summary(sheet: DataSheet) -> dict[str, Any]:
    languages: dict[str, int] = {}
    for source in sheet.sources:
        for language, count in source.languages.items():
            languages[language] = languages.get(language, 0) + count
    return {
        "documents": sheet.documents,
        "chunks": sheet.chunks,
        "characters": sheet.characters,
        "languages": languages,
        "sources": [{"source": each.source, "documents": each.documents} for each in sheet.sources],
        "expired": sum(each.expired for each in sheet.sources),
        "updated": max((each.newest for each in sheet.sources), default=None),
    }


def _evaluations(scope: TenantScope) -> list[dict[str, Any]]:
    last: dict[str, EvalRunRow] = {}
    for row in list_runs(scope):
        last.setdefault(row.name, row)
    return [describe(row) for row in last.values()]


def _red_team(scope: TenantScope) -> list[dict[str, Any]]:
    statement = scope.select(RedteamRunRow).order_by(RedteamRunRow.created_at.desc()).limit(1)
    return [
        {
            "id": row.id,
            "suites": row.suites,
            "figures": row.figures,
            "version": row.version,
            "created_at": row.created_at,
        }
        for row in scope.execute(statement).scalars()
    ]


def _safety(settings: Settings, tenant: Tenant) -> dict[str, Any]:
    policy = policy_of(tenant, settings)
    return {
        "policy": policy.pack,
        "version": policy.version,
        "changed_by_tenant": bool(tenant.profile.get("safety")),
        "guard_model": settings.safety.guard.model
        if policy.guard.mode != "off" and settings.safety.guard.url
        else None,
    }


def _oversight(settings: Settings, scope: TenantScope) -> dict[str, Any]:
    contact, terms = scope.tenant.profile.get("contact"), terms_of(scope.tenant, settings)
    return {
        "contact": contact or None,
        "declines_below": settings.answers.decline_below,
        "audit_retention_days": terms.audit_days,
        "audit_checkpoints": scope.count(AuditCheckpointRow),
        "conversations_days": terms.conversations_days,
    }


def _limits(card: SystemCard, sheet: DataSheet) -> Iterable[str]:
    if card.answers == EXTRACTIVE:
        yield "No language model answers: answers are quotes, and questions that need several facts put together are declined."
    else:
        yield (
            "A language model words the answers. Each sentence is held against the documents by rules that compare words, "
            "names and figures; a sentence that swaps two facts of the same source may pass."
        )
    if not any(model.purpose == "search by meaning" for model in card.models):
        yield "Search is lexical: a question with none of the documents' words, or of those the dialect packs know, finds nothing."
    if card.varieties:
        yield "The dialect packs were written without a review by native speakers of each variety; evaluate them with questions of your own."
    if not card.evaluation:
        yield "Nobody has evaluated this assistant on the tenant's own questions: how often it is right is not known."
    if not card.red_team:
        yield "This assistant has not been attacked by a red team run."
    known = {tag.split("-")[0] for tag in card.languages}
    others = sorted({tag for tag in card.data["languages"] if tag.split("-")[0] not in known} - {"unknown"})
    if known and others:
        yield f"There are documents in languages that the tenant does not declare: {', '.join(others)}."
    if card.data["expired"]:
        yield f"{card.data['expired']} documents are past their validity: they are neither found nor cited."
    if sheet.not_indexed:
        yield f"{sheet.not_indexed} documents are not in the index yet and cannot be found."
    for model in card.models:
        if not model.licence:
            yield f"The licence of the model {model.name} is not known to the product."
    if not card.oversight["contact"]:
        yield "No contact is set: a person whose question is declined is not told whom to turn to."
