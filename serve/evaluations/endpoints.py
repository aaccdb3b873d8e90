from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from serve.deps import AdminAccess
from serve.evaluations import service
from serve.evaluations.schemas import RunDetails, RunList
from serve.responses import JsonResponse

router = APIRouter(tags=["evaluations"], prefix="/v1/admin/evaluations")


@router.get("", response_model=RunList)
def list_runs(access: AdminAccess, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> JsonResponse:
    """The runs of your tenant's evaluation questions, the last one first."""
    return JsonResponse({"data": service.show_all(access, limit)})


@router.get("/{run_id}", response_model=RunDetails)
def show_run(access: AdminAccess, run_id: str) -> JsonResponse:
    """One run, with what came of each question, and what changed since the one before."""
    return JsonResponse(service.show(access, run_id))
