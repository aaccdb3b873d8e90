from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from serve.deps import AdminAccess
from serve.redteam import service
from serve.redteam.schemas import RedteamReport, RedteamRunList
from serve.responses import JsonResponse

router = APIRouter(tags=["redteam"], prefix="/v1/admin/redteam")


@router.get("", response_model=RedteamRunList)
def list_runs(access: AdminAccess, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> JsonResponse:
    """The runs of attacks on your tenant's assistants, the last one first."""
    return JsonResponse({"data": service.show_all(access, limit)})


@router.get("/{run_id}", response_model=RedteamReport)
def show_run(access: AdminAccess, run_id: str) -> JsonResponse:
    """One run's signed report."""
    return JsonResponse(service.show(access, run_id))
