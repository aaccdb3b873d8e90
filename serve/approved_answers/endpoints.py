from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from serve.approved_answers import service
from serve.approved_answers.schemas import (
    ApprovedAnswerChange,
    ApprovedAnswerDeleted,
    ApprovedAnswerForm,
    ApprovedAnswerList,
    ApprovedAnswerView,
)
from serve.deps import QualityAccess

router = APIRouter(tags=["quality"], prefix="/v1/approved-answers")


@router.get("")
def list_approved_answers(
    access: QualityAccess,
    q: Annotated[
        str, Query(max_length=500, description="Words that the question, its variants or the answer hold.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> ApprovedAnswerList:
    """The approved answers, the one changed last first."""
    return service.list_page(access, q, limit, cursor)


@router.post("", status_code=201)
def create_approved_answer(access: QualityAccess, asked: ApprovedAnswerForm) -> ApprovedAnswerView:
    """Approve an answer to a question. It is a document too, and `live` once a job has taken that in."""
    return service.create(access, asked)


@router.get("/{approved_id}")
def show_approved_answer(access: QualityAccess, approved_id: str) -> ApprovedAnswerView:
    return service.show(access, approved_id)


@router.patch("/{approved_id}")
def change_approved_answer(access: QualityAccess, approved_id: str, asked: ApprovedAnswerChange) -> ApprovedAnswerView:
    """Change what is given. Until its document is taken in anew, the answer is not given."""
    return service.change(access, approved_id, asked)


@router.delete("/{approved_id}")
def delete_approved_answer(access: QualityAccess, approved_id: str) -> ApprovedAnswerDeleted:
    """Remove it with its document; questions that it dealt with are unanswered again."""
    service.delete(access, approved_id)
    return ApprovedAnswerDeleted(id=approved_id)
