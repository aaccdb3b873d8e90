from __future__ import annotations

from fastapi import APIRouter

from serve.deps import SearchAccess
from serve.responses import JsonResponse
from serve.search import service
from serve.search.schemas import SearchRequest, SearchResponse

router = APIRouter(tags=["search"])


@router.post("/v1/search", response_model=SearchResponse)
def search(access: SearchAccess, body: SearchRequest) -> JsonResponse:
    """The passages that answer a query best, in order."""
    return JsonResponse(service.search(access, body))
