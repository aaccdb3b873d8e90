"""What people think of the answers they got, for editors to read and put aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import tuple_

from serve.cursors import decode_cursor, encode_cursor
from serve.deps import Access
from serve.quality.asked import Place, questions_before
from serve.quality.schemas import FeedbackList, FeedbackView
from vernacular.db.base import now
from vernacular.db.models import FeedbackRow, MessageRow
from vernacular.errors import NotFound
from vernacular.tenancy import TenantScope


def list_page(access: Access, rating: int | None, handled: bool | None, limit: int, cursor: str | None) -> FeedbackList:
    """The newest first. `rating`, `handled`: only those; None: all."""
    with access.read() as scope:
        rows = _rows(scope, rating, handled, limit + 1, decode_cursor(cursor) if cursor else None)
        asked = _asked(scope, rows)
    shown = rows[:limit]
    access.note("feedback.listed", facts={"entries": len(shown)})
    more = encode_cursor(shown[-1][0].created_at, shown[-1][0].message_id) if len(rows) > limit else None
    return FeedbackList(data=[_view(row, answer, asked) for row, answer in shown], next_cursor=more)


def put_aside(access: Access, message_id: str, handled: bool) -> FeedbackView:
    """
    Raises:
        NotFound: nobody said anything of such an answer.
    """
    with access.write() as scope:
        row = scope.get(FeedbackRow, message_id, lock=True)
        answer = scope.get(MessageRow, message_id)
        if row is None or answer is None:
            raise NotFound("There is no such feedback.", "GET /v1/admin/feedback lists it.")
        row.handled_at = (row.handled_at or now()) if handled else None
        access.record(scope, "feedback.handled", facts={"message": message_id, "handled": handled})
        return _view(row, answer, _asked(scope, [(row, answer)]))


def _rows(
    scope: TenantScope, rating: int | None, handled: bool | None, limit: int, after: tuple[datetime, str] | None
) -> list[Any]:
    row = FeedbackRow
    statement = scope.select(row, MessageRow).where(MessageRow.id == row.message_id)
    statement = statement.order_by(row.created_at.desc(), row.message_id.desc()).limit(limit)
    if rating is not None:
        statement = statement.where(row.rating == rating)
    if handled is not None:
        statement = statement.where(row.handled_at.is_not(None) if handled else row.handled_at.is_(None))
    if after is not None:
        statement = statement.where(tuple_(row.created_at, row.message_id) < after)
    return list(scope.execute(statement).all())


def _asked(scope: TenantScope, rows: Sequence[Any]) -> dict[Place, str]:
    return questions_before(scope, [(answer.conversation_id, answer.position) for _, answer in rows])


def _view(row: FeedbackRow, answer: MessageRow, asked: Mapping[Place, str]) -> FeedbackView:
    return FeedbackView(
        message_id=row.message_id,
        conversation_id=answer.conversation_id,
        question=asked.get((answer.conversation_id, answer.position), ""),
        answer=answer.content,
        rating=row.rating,
        reason=row.reason,
        comment=row.comment,
        language=str(answer.details.get("language") or ""),
        dialect=answer.details.get("dialect"),
        created_at=row.created_at,
        handled_at=row.handled_at,
    )
