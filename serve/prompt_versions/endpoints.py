from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from serve.deps import EditorAccess
from serve.prompt_versions import service
from serve.prompt_versions.schemas import Activation, NewVersion, PromptList, PromptView, VersionView

router = APIRouter(tags=["prompts"], prefix="/v1/admin/prompts")


@router.get("")
def list_prompts(access: EditorAccess) -> PromptList:
    """The texts that your tenant's assistants are given: `persona`, who the assistant is, and `instructions`, what else you ask of
    the answers that a model writes."""
    return service.show_all(access)


@router.get("/{name}")
def show_prompt(
    access: EditorAccess,
    name: str,
    before: Annotated[int | None, Query(ge=1, le=1_000_000_000, description="Versions older than this one.")] = None,
) -> PromptView:
    """Its versions, the newest first."""
    return service.show(access, name, before)


@router.post("/{name}", status_code=201)
def save_version(access: EditorAccess, name: str, asked: NewVersion) -> VersionView:
    """A new version. What was there is never changed."""
    return service.save(access, name, asked)


@router.put("/{name}/active")
def activate_version(access: EditorAccess, name: str, asked: Activation) -> PromptView:
    """Put a version in force, an earlier one to roll back. In effect from the next question on, in other gateways within seconds."""
    return service.activate(access, name, asked.version)
