from __future__ import annotations

import logging
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from serve.bootstrap import Services
from serve.health.schemas import Part, Readiness
from vernacular.db.base import now
from vernacular.jobs import worker_runs
from vernacular.tenancy import Platform

log = logging.getLogger(__name__)
STALLED_S = 180.0


def readiness(services: Services) -> Readiness:
    """Every part the gateway cannot serve without, each with its state in words."""
    checks: dict[str, Callable[[Services], Part]] = {
        "sql": _sql,
        "vectors": _vectors,
        "jobs": _jobs,
        "models": _models,
        "quotas": _quotas,
    }
    parts = {name: check(services) for name, check in checks.items()}
    return Readiness(ready=all(part.ready for part in parts.values()), parts=parts)


def refresh_counts(services: Services) -> None:
    """Read the figures that only SQL knows into the metrics."""
    with services.database.read() as session:
        services.metrics.set_documents(Platform(session).documents_by_tenant())


def _sql(services: Services) -> Part:
    try:
        with services.database.read() as session:
            Platform(session).counts()
    except SQLAlchemyError:
        log.warning("the database does not answer", exc_info=True)
        return Part(ready=False, detail="the database does not answer")
    return Part(ready=True, detail=services.database.engine.dialect.name)


def _vectors(services: Services) -> Part:
    mode = services.settings.vectors.mode
    if services.vectors.ready():
        return Part(ready=True, detail=mode)
    return Part(ready=False, detail=f"the vector store ({mode}) does not answer")


def _jobs(services: Services) -> Part:
    """A worker beside this gateway is known by its lock; of those elsewhere it tells that waiting jobs are taken up."""
    settings = services.settings
    if settings.serve.worker and not worker_runs(settings.home):
        return Part(ready=False, detail="the ingest worker is not running; `vernacular serve` restarts it")
    try:
        with services.database.read() as session:
            oldest = Platform(session).waiting_since()
    except SQLAlchemyError:
        return Part(ready=False, detail="the queue cannot be read")
    untouched_s = (now() - oldest).total_seconds() if oldest else 0.0
    if untouched_s > STALLED_S:
        return Part(ready=False, detail=f"no worker has touched the jobs that wait for {untouched_s:.0f} s")
    # How many there are is no business of whoever asks: it would tell one tenant what the others do.
    return Part(ready=True, detail="jobs are taken up")


def _quotas(services: Services) -> Part:
    """Without Redis each gateway counts by itself, which is no reason to take it out of service."""
    return Part(ready=True, detail=services.quotas.windows.state)


def _models(services: Services) -> Part:
    """With the fallback on, a gateway without its models still answers, so that is no reason to take it out of service."""
    cards = services.models.cards()
    if not cards:
        return Part(ready=True, detail="none configured: extractive answers")
    states = [f"{card.name or '(unknown)'}: {card.up} of {len(card.replicas)} up" for card in cards]
    detail = "; ".join(states)
    if any(card.up for card in cards):
        return Part(ready=True, detail=detail)
    fallback = services.settings.generation.fallback
    return Part(ready=fallback, detail=f"{detail}; {'extractive answers' if fallback else 'no model can answer'}")
