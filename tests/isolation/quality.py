"""What people think of answers, what was not answered and what editors approved, as each tenant holds it."""

from __future__ import annotations

from typing import Final

from tests.isolation.world import EDITOR, World
from vernacular.db.base import new_id
from vernacular.db.models import ApprovedAnswerRow, ConversationRow, FeedbackRow, MessageRow
from vernacular.tenancy import TenantScope

_NOBODY: Final = "nobody-who-calls"


def plant_quality(world: World, slug: str) -> None:
    """A question that was not answered, led by none of the callers; what was said of that; and an approved answer."""
    with world.gateway.services.database.write() as session:
        scope = TenantScope(session, world.gateway.tenants[slug])
        _plant_decline(world, slug, scope)
        answer = ApprovedAnswerRow(
            id=new_id(),
            question=f"What of {world.mark(slug, 'approved question', EDITOR)}?",
            variants=[f"And {world.mark(slug, 'variant of a question', EDITOR)}?"],
            answer=f"Go there. {world.mark(slug, 'approved answer', EDITOR)}",
            language="en",
        )
        scope.add(answer)
        world.things[slug].more["approved"] = world.known(slug, "approved answer's id", EDITOR, answer.id)


def _plant_decline(world: World, slug: str, scope: TenantScope) -> None:
    conversation = world.known(slug, "conversation of an unanswered question", EDITOR, new_id())
    scope.add(ConversationRow(id=conversation, owner_id=_NOBODY))
    scope.session.flush()
    told = {"answered": False, "reason": "no_match", "language": "en", "annotations": [], "looked_for": ["boat"]}
    for position, (role, details) in enumerate((("user", {}), ("assistant", told))):
        said = world.mark(slug, f"unanswered: {role}", EDITOR)
        row = MessageRow(
            id=new_id(), conversation_id=conversation, position=position, role=role, content=said, details=details
        )
        scope.add(row)
    scope.session.flush()
    comment = world.mark(slug, "comment on an answer", EDITOR)
    scope.add(FeedbackRow(message_id=row.id, rating=-1, reason="other", comment=comment))
    world.things[slug].more["unanswered"] = world.known(slug, "unanswered: message's id", EDITOR, row.id)
