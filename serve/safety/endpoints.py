from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body

from serve.deps import AdminAccess
from serve.responses import JsonResponse
from serve.safety import service
from serve.safety.schemas import SafetyTrial, SafetyTrialRequest, SafetyView
from serve.validation import mend
from vernacular.safety.overrides import SafetyOverrides

router = APIRouter(tags=["safety"], prefix="/v1/admin/safety")
Changes = Annotated[dict[str, Any], Body(json_schema_extra=SafetyOverrides.model_json_schema())]


@router.get("", response_model=SafetyView)
def show_policy(access: AdminAccess) -> JsonResponse:
    """Your tenant's safety policy: its pack, your changes, and what is in force."""
    return JsonResponse(service.show(access))


@router.put("", response_model=SafetyView)
def change_policy(access: AdminAccess, changes: Changes) -> JsonResponse:
    """Your changes to the pack, as a whole; `{}`: the pack as it comes. In effect from the next question on, in other gateways
    within seconds."""
    return JsonResponse(service.change(access, mend(changes)))


@router.post("/test", response_model=SafetyTrial)
def try_policy(access: AdminAccess, asked: SafetyTrialRequest) -> JsonResponse:
    """A dry run: what the policy, or one that you try out, makes of a text. Nothing is logged or sent anywhere."""
    return JsonResponse(service.dry_run(access, asked))
