from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from serve.deps import AdminAccess
from serve.dialects import service
from serve.dialects.schemas import PackList, PackView, SettingsChange, SettingsView, Trial, TrialRequest
from serve.responses import JsonResponse

router = APIRouter(tags=["dialects"], prefix="/v1/admin/dialects")


@router.get("", response_model=PackList)
def list_dialects(access: AdminAccess) -> JsonResponse:
    """The dialect packs of this installation. Dictionaries are its operator's to import, with `vernacular dialect import`."""
    return JsonResponse({"data": service.show_all(access)})


@router.post("/test", response_model=Trial)
def try_a_question(access: AdminAccess, asked: TrialRequest) -> JsonResponse:
    """A dry run: how a question is understood, and what it finds with what is added to it and without."""
    return JsonResponse(service.try_out(access, asked))


@router.get("/settings", response_model=SettingsView)
def show_settings(access: AdminAccess) -> JsonResponse:
    """The varieties your tenant declares, and how it wants them understood and answered."""
    return JsonResponse(service.settings_of(access))


@router.put("/settings", response_model=SettingsView)
def change_settings(access: AdminAccess, asked: SettingsChange) -> JsonResponse:
    """In effect from the next question on; in other gateways on the same database within two seconds."""
    return JsonResponse(service.change_settings(access, asked))


@router.get("/{tag}", response_model=PackView)
def show_dialect(
    access: AdminAccess, tag: str, word: Annotated[str, Query(max_length=100, description="Look this up.")] = ""
) -> JsonResponse:
    """One pack, by its tag or another that means it."""
    return JsonResponse(service.show(access, tag, word))
