from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from serve.deps import ServicesDep
from serve.health.schemas import Health, Readiness
from serve.health.service import readiness, refresh_counts

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> Health:
    """Whether the process lives."""
    return Health()


@router.get("/readyz", responses={503: {"model": Readiness, "description": "A part is down; `parts` says which."}})
def readyz(services: ServicesDep, response: Response) -> Readiness:
    """Whether every part can do its work."""
    found = readiness(services)
    response.status_code = 200 if found.ready else 503
    return found


@router.get("/metrics", response_class=Response)
def metrics(services: ServicesDep) -> Response:
    """Figures for Prometheus, those of the model servers among them. They hold no tenant's text."""
    refresh_counts(services)
    figures = services.metrics.render() + services.models.expositions()
    return Response(figures, headers={"content-type": CONTENT_TYPE_LATEST})
