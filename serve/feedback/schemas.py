from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field

from serve.validation import RequestModel


class Reason(StrEnum):
    """What is wrong with an answer, or good about it."""

    wrong = "wrong"
    incomplete = "incomplete"
    outdated = "outdated"
    unclear = "unclear"
    off_topic = "off_topic"
    language = "language"
    other = "other"


class FeedbackRequest(RequestModel):
    conversation_id: str = Field(min_length=1, max_length=36)
    message_id: str = Field(min_length=1, max_length=36, description="`vernacular.message_id` of the answer.")
    rating: Literal[1, -1, 0] = Field(description="1: helpful, -1: not helpful, 0: takes it back.")
    reason: Reason | None = None
    comment: str = Field(default="", max_length=2000)
    user: str | None = Field(default=None, max_length=512, description="As in a chat request.")


class FeedbackGiven(BaseModel):
    message_id: str
    rating: Literal[1, -1, 0]
