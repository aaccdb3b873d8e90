from __future__ import annotations

from vernacular.db.base import now
from vernacular.db.models import FeedbackRow
from vernacular.tenancy import TenantScope


def find(scope: TenantScope, message_id: str) -> FeedbackRow | None:
    return scope.get(FeedbackRow, message_id)


def put(scope: TenantScope, message_id: str, *, rating: int, reason: str, comment: str) -> FeedbackRow:
    """In the place of what was said of that answer before; an editor has not seen it yet."""
    scope.insert_if_absent(
        FeedbackRow, {"message_id": message_id, "rating": rating, "reason": "", "comment": "", "created_at": now()}
    )
    row = scope.get(FeedbackRow, message_id, lock=True)
    if row is None:
        raise RuntimeError("feedback that was just written is not there")
    row.rating, row.reason, row.comment = rating, reason, comment
    row.created_at, row.handled_at = now(), None
    scope.session.flush()
    return row


def withdraw(scope: TenantScope, message_id: str) -> bool:
    """Whether there was something to take back."""
    if find(scope, message_id) is None:
        return False
    scope.execute(scope.delete(FeedbackRow).where(FeedbackRow.message_id == message_id))
    return True
