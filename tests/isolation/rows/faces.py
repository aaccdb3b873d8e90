"""Rows of the routes that the three faces brought: feedback, approved answers, saved searches, prompts, settings, figures."""

from __future__ import annotations

from typing import Final

from tests.isolation.rows.row import ADMIN, EDITOR, PUBLIC, Request, Row, nothing
from tests.isolation.world import World
from tests.vernacular.hostile_images import picture
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
    Row("GET", "/v1/admin/settings", ADMIN, Scope.admin, nothing),
    Row("PATCH", "/v1/admin/settings", ADMIN, Scope.admin, lambda _: {"json": {"greeting": "Hello!"}}),
    Row("PUT", "/v1/admin/settings/logo", ADMIN, Scope.admin, lambda _: {"content": picture()}),
    Row("DELETE", "/v1/admin/settings/logo", ADMIN, Scope.admin, nothing),
    Row("GET", "/v1/tenant/logo", PUBLIC, Scope.tenant, nothing),
    Row("GET", "/v1/admin/prompts", EDITOR, Scope.admin, nothing),
    Row("GET", "/v1/admin/prompts/{name}", EDITOR, Scope.admin, lambda _: {"path": "instructions"}),
    Row(
        "POST",
        "/v1/admin/prompts/{name}",
        EDITOR,
        Scope.admin,
        lambda _: {"path": "persona", "json": {"text": "You are Rita."}},
        ok=201,
    ),
    Row(
        "PUT",
        "/v1/admin/prompts/{name}/active",
        EDITOR,
        Scope.admin,
        lambda _: {"path": "instructions", "json": {"version": None}},
    ),
    Row("GET", "/v1/admin/statistics", EDITOR, Scope.quality, nothing),
)
