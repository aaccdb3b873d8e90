from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from serve.validation import RequestModel

Outcome = Literal["approved", "document", "dismissed"]


class UnansweredQuestion(BaseModel):
    """`message_id`: of the answer that declined, `reason` why it did. `dialect`: the variety that it was asked in, if that is sure."""

    message_id: str
    conversation_id: str
    text: str
    language: str
    dialect: str | None
    reason: str
    created_at: datetime


class NearDocument(BaseModel):
    document_id: str
    title: str


class Cluster(BaseModel):
    """Questions about the same. `question`: the wording that stands for them. `near`: the documents that the index finds first for it.

    `questions` are the newest, at most as many as `shown` allows, of `count`; `message_ids` are those of all. `outcome`: what was done about
    them, if `handled` was asked for.
    """

    id: str
    question: str
    language: str
    dialect: str | None
    count: int
    first_at: datetime
    last_at: datetime
    dialects: list[str]
    questions: list[UnansweredQuestion]
    message_ids: list[str]
    near: list[NearDocument]
    outcome: Outcome | None = None
    approved_id: str | None = None


class Clusters(BaseModel):
    """`total`: questions, `groups`: clusters, of which `clusters` are those asked most. `more`: there were more questions than are looked at."""

    since: datetime
    total: int
    groups: int
    more: bool
    clusters: list[Cluster]


class ReviewForm(RequestModel):
    """`outcome`: `approved` (by `approved_id`), `document` (one was added, or will be), `dismissed`; null: unanswered again."""

    message_ids: list[str] = Field(min_length=1, max_length=2000)
    outcome: Outcome | None
    approved_id: str | None = Field(default=None, max_length=36, validate_default=True)

    @field_validator("approved_id")
    @classmethod
    def _check_answer(cls, approved_id: str | None, others: ValidationInfo) -> str | None:
        if (others.data.get("outcome") == "approved") != (approved_id is not None):
            raise ValueError("belongs to the outcome `approved`, and to no other")
        return approved_id


class Reviewed(BaseModel):
    reviewed: int
    outcome: Outcome | None


class FeedbackView(BaseModel):
    """What someone thinks of an answer. `handled_at`: when an editor put it aside."""

    message_id: str
    conversation_id: str
    question: str
    answer: str
    rating: int
    reason: str
    comment: str
    language: str
    dialect: str | None
    created_at: datetime
    handled_at: datetime | None


class FeedbackList(BaseModel):
    data: list[FeedbackView]
    next_cursor: str | None


class FeedbackChange(RequestModel):
    handled: bool
