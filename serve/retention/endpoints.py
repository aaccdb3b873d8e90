from __future__ import annotations

from fastapi import APIRouter

from serve.deps import AdminAccess
from serve.responses import JsonResponse
from serve.retention import service
from serve.retention.schemas import TermsChange, TermsView

router = APIRouter(tags=["retention"], prefix="/v1/admin/retention")


@router.get("", response_model=TermsView)
def show_terms(access: AdminAccess) -> JsonResponse:
    """How long your tenant's conversations and audit log are kept."""
    return JsonResponse(service.show(access))


@router.put("", response_model=TermsView)
def change_terms(access: AdminAccess, asked: TermsChange) -> JsonResponse:
    """What is older goes once a day, for good. Audit logs go in whole segments; the rest verifies as before."""
    return JsonResponse(service.change(access, asked))
