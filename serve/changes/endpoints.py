from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from serve.changes import service
from serve.changes.schemas import ChangeList
from serve.deps import MemberReadAccess
from serve.responses import JsonResponse

router = APIRouter(tags=["documents"])


@router.get("/v1/documents/changes", response_model=ChangeList)
def list_changes(
    access: MemberReadAccess,
    days: Annotated[int, Query(ge=1, le=366)] = 30,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JsonResponse:
    """What came, changed, came into force or expired among the documents you may read: each document once, the latest first."""
    return JsonResponse(service.changes(access, days, limit))
