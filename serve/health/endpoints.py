from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from serve.bootstrap import Services
from serve.deps import ServicesDep
from serve.health.schemas import Health, Readiness
from serve.health.service import readiness, refresh_counts
from serve.principals import MAX_CREDENTIAL_CHARS
from vernacular.errors import Forbidden, Unauthorized

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
def metrics(services: ServicesDep, request: Request) -> Response:
    """Figures for Prometheus, those of the model servers among them. They hold no tenant's text, and name tenants only for an
    operator's key (`Authorization: Bearer vo_…`) unless the installation says otherwise."""
    shown = services.settings.serve.metrics
    operator = _is_operators(services, request, needed=shown == "operator")
    refresh_counts(services)
    figures = services.metrics.render(by_tenant=operator or shown == "tenants") + services.models.expositions()
    return Response(figures, headers={"content-type": CONTENT_TYPE_LATEST})


def _is_operators(services: Services, request: Request, *, needed: bool) -> bool:
    """Whether the request carries an operator's key; one that is not good is no better than none.

    Raises:
        Unauthorized, Forbidden: one is needed, and it does not.
    """
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer" or not credential or len(credential) > MAX_CREDENTIAL_CHARS:
            raise Unauthorized("The figures are for the operator of the platform.", "Send an operator's key.")
        services.keys.operator(credential)
    except (Unauthorized, Forbidden):
        if needed:
            raise
        return False
    return True
