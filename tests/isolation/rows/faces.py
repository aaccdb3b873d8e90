"""Rows of the routes that the three faces brought: feedback, approved answers, saved searches, prompts, settings, figures."""

from __future__ import annotations

from typing import Final

from tests.isolation.rows.row import ADMIN, EDITOR, MEMBER, PUBLIC, Request, Row, nothing, of
from tests.isolation.world import QUESTION, World
from tests.vernacular.hostile_images import picture
from vernacular.access.scopes import Scope


def _rating(world: World) -> Request:
    here = world.here
    return {"json": {"conversation_id": here.conversation, "message_id": here.more["answer"], "rating": 1}}


def _saved(world: World) -> Request:
    return {"json": {"name": "Ferries", "query": {"query": QUESTION}}}


def _review(world: World) -> Request:
    return {"json": {"message_ids": [world.here.more["unanswered"]], "outcome": "dismissed"}}


_APPROVED: Final = {"question": "Is there a lift?", "answer": "There is."}
_NOT_HERS: Final = "Saved searches are their owner's alone: an administrator is told that they are not there (404)."
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
    Row("GET", "/v1/documents/changes", MEMBER, Scope.documents_read, nothing),
    Row("GET", "/v1/saved-searches", MEMBER, Scope.search, nothing),
    Row("POST", "/v1/saved-searches", MEMBER, Scope.search, _saved, ok=201),
    Row(
        "PATCH",
        "/v1/saved-searches/{search_id}",
        MEMBER,
        Scope.search,
        of("saved_search", json={"seen": True}),
        names="owner",
        other={"admin": 404},
        why=_NOT_HERS,
    ),
    Row(
        "DELETE",
        "/v1/saved-searches/{search_id}",
        MEMBER,
        Scope.search,
        of("saved_search"),
        names="owner",
        other={"admin": 404},
        why=_NOT_HERS,
    ),
    Row("GET", "/v1/approved-answers", EDITOR, Scope.quality, nothing),
    Row("POST", "/v1/approved-answers", EDITOR, Scope.quality, lambda _: {"json": _APPROVED}, ok=201),
    Row(
        "POST",
        "/v1/approved-answers",
        EDITOR,
        Scope.quality,
        lambda world: {"json": {**_APPROVED, "message_ids": [world.here.more["unanswered"]]}},
        names="tenant",
        ok=201,
        variant="for a question",
    ),
    Row("GET", "/v1/approved-answers/{approved_id}", EDITOR, Scope.quality, of("approved"), names="tenant"),
    Row(
        "PATCH",
        "/v1/approved-answers/{approved_id}",
        EDITOR,
        Scope.quality,
        of("approved", json={"answer": "There are two."}),
        names="tenant",
    ),
    Row("DELETE", "/v1/approved-answers/{approved_id}", EDITOR, Scope.quality, of("approved"), names="tenant"),
    Row("GET", "/v1/admin/questions", EDITOR, Scope.quality, nothing),
    Row("POST", "/v1/admin/questions/reviews", EDITOR, Scope.quality, _review, names="tenant"),
    Row("GET", "/v1/admin/feedback", EDITOR, Scope.quality, nothing),
    Row(
        "PATCH",
        "/v1/admin/feedback/{message_id}",
        EDITOR,
        Scope.quality,
        of("unanswered", json={"handled": True}),
        names="tenant",
    ),
)
