"""Questions that were not answered, by the messages that said so, and what editors did about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from serve.quality.asked import questions_before
from vernacular.approved import one_line
from vernacular.db.base import now
from vernacular.db.models import ApprovedAnswerRow, ConversationRow, MessageRow, QuestionReviewRow
from vernacular.errors import NotFound
from vernacular.tenancy import TenantScope

NOT_WANTED: Final = ("policy", "no_words", "interrupted")
"""Reasons of declines that no answer is missing for: refused, no question, broken off."""
_BATCH: Final = 500
_LONGEST: Final = 300
"""Characters of a question that may become a way of asking for an approved answer: what is longer tells a story."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """`message_id`: of the answer that declined. `subject`: the pseudonym of who asked. `words`: those that were searched for."""

    message_id: str
    conversation_id: str
    text: str
    language: str
    dialect: str
    reason: str
    subject: str
    words: tuple[str, ...]
    created_at: datetime
    outcome: str = ""
    approved_id: str | None = None

    @property
    def is_short(self) -> bool:
        return bool(any(map(str.isalnum, self.text)) and len(one_line(self.text)) <= _LONGEST)


def latest(scope: TenantScope, since: datetime, limit: int, *, handled: bool) -> list[Unanswered]:
    """At most `limit` of those since then, the newest kept; oldest first. `handled`: those that editors did something about."""
    reviewed = scope.select(QuestionReviewRow.message_id)
    statement = _declines(scope).where(MessageRow.created_at >= since)
    statement = statement.where(MessageRow.id.in_(reviewed) if handled else MessageRow.id.not_in(reviewed))
    rows = scope.execute(statement.order_by(MessageRow.created_at.desc(), MessageRow.id).limit(limit)).all()
    return _told(scope, list(reversed(rows)))


def unanswered(scope: TenantScope, message_ids: Sequence[str]) -> list[Unanswered]:
    """Those of the ids, in their order.

    Raises:
        NotFound: one of them is none of the tenant's questions that were not answered.
    """
    rows = {
        row.id: row
        for start in range(0, len(message_ids), _BATCH)
        for row in scope.execute(_declines(scope).where(MessageRow.id.in_(message_ids[start : start + _BATCH])))
    }
    if any(each not in rows for each in message_ids):
        raise NotFound("One of these questions is not there.", "GET /v1/admin/questions lists them.")
    return _told(scope, [rows[each] for each in dict.fromkeys(message_ids)])


def review(
    scope: TenantScope, message_ids: Sequence[str], outcome: str | None, *, by: str, approved_id: str | None = None
) -> None:
    """Keep what was done about the questions; None: nothing any more. The caller knows that they are there, and has locked the tenant's row.

    Raises:
        NotFound: there is no such approved answer.
    """
    scope.session.flush()
    if approved_id is not None and scope.get(ApprovedAnswerRow, approved_id, lock=True) is None:
        raise NotFound("There is no such approved answer.", "GET /v1/approved-answers lists them.")
    wanted = list(dict.fromkeys(message_ids))
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        scope.execute(scope.delete(QuestionReviewRow).where(QuestionReviewRow.message_id.in_(batch)))
    if outcome is not None:
        about = {"outcome": outcome, "approved_id": approved_id, "by": by, "created_at": now()}
        scope.insert(QuestionReviewRow, [{"message_id": each, **about} for each in wanted])


def reopen_of(scope: TenantScope, approved_id: str) -> None:
    """The questions that this approved answer dealt with are unanswered again."""
    scope.execute(scope.delete(QuestionReviewRow).where(QuestionReviewRow.approved_id == approved_id))


def _declines(scope: TenantScope) -> Any:
    columns = (
        MessageRow.id,
        MessageRow.conversation_id,
        MessageRow.position,
        MessageRow.details,
        MessageRow.created_at,
        ConversationRow.subject,
    )
    reason = MessageRow.details["reason"].as_string()
    return scope.select(*columns).where(
        ConversationRow.id == MessageRow.conversation_id,
        MessageRow.role == "assistant",
        MessageRow.details["answered"].as_boolean().is_(False),
        reason.not_in(NOT_WANTED),
    )


def _told(scope: TenantScope, rows: Sequence[Any]) -> list[Unanswered]:
    """With what was asked; a question whose words are gone is left out."""
    asked = questions_before(scope, [(row.conversation_id, row.position) for row in rows])
    outcomes = dict(_outcomes(scope, [row.id for row in rows]))
    return [
        Unanswered(
            row.id,
            row.conversation_id,
            text,
            str(row.details.get("language") or ""),
            str((row.details.get("understood") or {}).get("tag") or ""),
            str(row.details.get("reason") or ""),
            row.subject,
            tuple(map(str, row.details.get("looked_for") or ())),
            row.created_at,
            *outcomes.get(row.id, ("", None)),
        )
        for row in rows
        if (text := asked.get((row.conversation_id, row.position)))
    ]


def _outcomes(scope: TenantScope, message_ids: Sequence[str]) -> Iterator[tuple[str, tuple[str, str | None]]]:
    columns = QuestionReviewRow.message_id, QuestionReviewRow.outcome, QuestionReviewRow.approved_id
    for start in range(0, len(message_ids), _BATCH):
        wanted = QuestionReviewRow.message_id.in_(message_ids[start : start + _BATCH])
        for row in scope.execute(scope.select(*columns).where(wanted)):
            yield row.message_id, (row.outcome, row.approved_id)
