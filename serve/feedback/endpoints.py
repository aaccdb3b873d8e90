from __future__ import annotations

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from serve.deps import ChatAccess
from serve.feedback import service
from serve.feedback.schemas import FeedbackGiven, FeedbackRequest
from serve.quotas.visitors import admit_visitor

router = APIRouter(tags=["feedback"])


@router.post("/v1/feedback")
async def give_feedback(access: ChatAccess, body: FeedbackRequest) -> FeedbackGiven:
    """Say of an answer that you got whether it helped. One rating an answer: the last one counts."""
    await admit_visitor(access, body.user)
    return await run_in_threadpool(service.give, access, body)
