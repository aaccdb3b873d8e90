from __future__ import annotations

from typing import Any

import pytest

from serve.quality.asked import questions_before
from tests.serve.gateway import Gateway
from vernacular.db.base import new_id
from vernacular.db.models import ConversationRow, MessageRow
from vernacular.tenancy import TenantScope


def talk(scope: TenantScope, turns: int) -> str:
    """A conversation of so many questions, each with its answer."""
    conversation = new_id()
    scope.add(ConversationRow(id=conversation, owner_id="someone"))
    scope.session.flush()
    said = [("user", f"question {number}") for number in range(turns)]
    for position, (role, content) in enumerate(each for turn in said for each in (turn, ("assistant", "…"))):
        scope.add(MessageRow(conversation_id=conversation, position=position, role=role, content=content))
    scope.session.flush()
    return conversation


class TestQuestionsBefore:
    def test_are_those_that_the_answers_follow_and_no_conversation_is_read_whole(
        self, whole: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read: list[Any] = []
        execute = TenantScope.execute

        def counted(self: TenantScope, statement: Any) -> Any:
            rows = execute(self, statement).all()
            read.extend(rows)
            return iter(rows)

        with whole.services.database.write() as session:
            scope = TenantScope(session, whole.tenants["acme"])
            long, other = talk(scope, 50), talk(scope, 3)
            monkeypatch.setattr(TenantScope, "execute", counted)
            found = questions_before(scope, [(long, 3), (other, 5), (other, 99)])
        assert found == {(long, 3): "question 1", (other, 5): "question 2"}
        assert len(read) < 10
