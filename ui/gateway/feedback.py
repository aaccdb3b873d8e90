"""What visitors say of answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ui.api import Api
from ui.i18n import N_

Rating = Literal[1, -1, 0]
HELPFUL: Final[Rating] = 1
NOT_HELPFUL: Final[Rating] = -1
WITHDRAWN: Final[Rating] = 0
REASONS: Final = {
    "wrong": N_("It is wrong"),
    "incomplete": N_("It leaves something out"),
    "outdated": N_("It is out of date"),
    "unclear": N_("It is hard to understand"),
    "off_topic": N_("It answers another question"),
    "language": N_("It is in the wrong language"),
    "other": N_("Something else"),
}
"""What can be wrong with an answer, by the gateway's names."""
LONGEST_COMMENT: Final = 2000


@dataclass(frozen=True, slots=True)
class Feedback:
    conversation_id: str
    message_id: str
    rating: Rating
    reason: str = ""
    comment: str = ""


def give_feedback(api: Api, feedback: Feedback) -> None:
    body = {
        "conversation_id": feedback.conversation_id,
        "message_id": feedback.message_id,
        "rating": feedback.rating,
        "reason": feedback.reason or None,
        "comment": feedback.comment[:LONGEST_COMMENT],
    }
    api.post("/v1/feedback", json=body)
