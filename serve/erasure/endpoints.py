from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from serve.deps import AdminAccess
from serve.erasure import service
from serve.erasure.schemas import ErasedView
from serve.responses import JsonResponse

router = APIRouter(tags=["erasure"], prefix="/v1/admin")


@router.delete("/subjects/{person}", response_model=ErasedView)
def erase_person(access: AdminAccess, person: Annotated[str, Path(max_length=512)]) -> JsonResponse:
    """Erase a person: her account, conversations and usage, and what the audit log holds of her words.

    `person`: an account's name or id, what you send as `user`, a conversation's id, or a pseudonym of the audit log. It takes
    as long as rewriting the database does.
    """
    return JsonResponse(service.person(access, person))


@router.delete("/documents/{document_id}", response_model=ErasedView)
def erase_document(access: AdminAccess, document_id: str) -> JsonResponse:
    """Erase a document with all that was made of it, answers that quote it included. `DELETE /v1/documents/{id}` only removes it."""
    return JsonResponse(service.document(access, document_id))
