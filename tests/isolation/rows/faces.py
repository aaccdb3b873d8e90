"""Rows of the routes that the three faces brought: feedback, approved answers, saved searches, prompts, settings, figures."""

from __future__ import annotations

from typing import Final

from tests.isolation.rows.row import EDITOR, PUBLIC, Request, Row, nothing
from tests.isolation.world import World
from vernacular.access.scopes import Scope


def _rating(world: World) -> Request:
    here = world.here
    return {"json": {"conversation_id": here.conversation, "message_id": here.more["answer"], "rating": 1}}


FACES: Final[tuple[Row, ...]] = (
    Row(
        "POST",
        "/v1/feedback",
        PUBLIC,
        Scope.chat,
        _rating,
        names="owner",
        other={"admin": 404},
        why="Administrators read conversations of others, and rate no answer in them (404).",
    ),
    Row("GET", "/v1/admin/statistics", EDITOR, Scope.quality, nothing),
)
