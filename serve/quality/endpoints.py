from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from serve.deps import QualityAccess
from serve.quality import feedback, questions
from serve.quality.schemas import Clusters, FeedbackChange, FeedbackList, FeedbackView, Reviewed, ReviewForm

router = APIRouter(tags=["quality"], prefix="/v1/admin")
Rating = Literal["1", "-1"]


@router.get("/questions")
def list_unanswered_questions(
    access: QualityAccess,
    days: Annotated[int, Query(ge=1, le=365)] = 30,
    handled: bool = False,
    limit: Annotated[int, Query(ge=0, le=100)] = 20,
) -> Clusters:
    """What was not answered in the last days, like questions together, those asked most first; `handled`: what editors dealt with."""
    return questions.clusters(access, days, handled, limit)


@router.post("/questions/reviews")
def review_questions(access: QualityAccess, asked: ReviewForm) -> Reviewed:
    """Say what was done about questions that were not answered; null reopens them."""
    return questions.review(access, asked)


@router.get("/feedback")
def list_feedback(
    access: QualityAccess,
    rating: Rating | None = None,
    handled: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> FeedbackList:
    """What people think of the answers they got, the newest first."""
    return feedback.list_page(access, int(rating) if rating else None, handled, limit, cursor)


@router.patch("/feedback/{message_id}")
def put_feedback_aside(access: QualityAccess, message_id: str, asked: FeedbackChange) -> FeedbackView:
    """Put feedback aside, or take it up again."""
    return feedback.put_aside(access, message_id, asked.handled)
