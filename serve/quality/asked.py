"""What was asked, for answers and declines: the message that stands before each in its conversation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vernacular.db.models import MessageRow
from vernacular.tenancy import TenantScope

Place = tuple[str, int]
"""A conversation's id, and a message's position in it."""
_BATCH: Final = 500


def questions_before(scope: TenantScope, places: Iterable[Place]) -> dict[Place, str]:
    """By the place of the answer; without those whose question is gone. Of a long conversation little else is read."""
    answers = list(dict.fromkeys(places))
    columns = MessageRow.conversation_id, MessageRow.position, MessageRow.content
    found: dict[Place, str] = {}
    for start in range(0, len(answers), _BATCH):
        batch = answers[start : start + _BATCH]
        statement = scope.select(*columns).where(
            MessageRow.conversation_id.in_({conversation for conversation, _ in batch}),
            MessageRow.position.in_({position - 1 for _, position in batch}),
            MessageRow.role == "user",
        )
        found |= {(row.conversation_id, row.position + 1): row.content for row in scope.execute(statement)}
    return {place: found[place] for place in answers if place in found}
