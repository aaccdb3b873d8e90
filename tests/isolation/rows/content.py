"""Rows of the routes for documents, searches, answers and conversations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.isolation.rows.row import EDITOR, MEMBER, PUBLIC, Request, Row, nothing, of
from tests.isolation.world import QUESTION, World
from vernacular.access.scopes import Scope


def chat(**more: Any) -> Callable[[World], Request]:
    message = {"role": "user", "content": QUESTION}

    def ask(world: World) -> Request:
        wishes = {name: value(world) if callable(value) else value for name, value in more.items() if name != "stream"}
        body = {"model": "default", "messages": [message], "stream": more.get("stream", False)}
        return {"json": {**body, "vernacular": wishes} if wishes else body}

    return ask


def search(query: str = QUESTION, **more: Any) -> Callable[[World], Request]:
    return lambda world: {"json": {"query": query, "top_k": 50, **{name: value(world) for name, value in more.items()}}}


def _metadata_filter(world: World) -> dict[str, str]:
    mark = next(mark for mark in world.marks if mark.what == "open document: metadata" and mark.tenant == "harbour")
    return {"desk": mark.text}


def _documents(world: World) -> list[str]:
    return [world.here.open_document, world.here.group_document]


def _cursor(world: World) -> Request:
    return {"params": {"cursor": world.here.cursor, "limit": 500}}


def _records(_world: World) -> Request:
    return {
        "content": b'{"id": "fresh", "text": "A new ferry runs at noon."}\n',
        "headers": {"content-type": "application/x-ndjson"},
        "params": {"source": "test"},
    }


def _form(_world: World) -> Request:
    return {"files": {"files": ("fresh.txt", b"A new ferry runs at noon.", "text/plain")}}


CONTENT: Final[tuple[Row, ...]] = (
    Row("GET", "/v1/tenant", PUBLIC, Scope.tenant, nothing),
    Row("GET", "/v1/models", PUBLIC, Scope.tenant, nothing),
    Row("GET", "/v1/models/{name}", PUBLIC, Scope.tenant, lambda _: {"path": "default"}),
    Row("POST", "/v1/chat/completions", PUBLIC, Scope.chat, chat()),
    Row("POST", "/v1/chat/completions", PUBLIC, Scope.chat, chat(stream=True), variant="streamed"),
    Row("POST", "/v1/chat/completions", PUBLIC, Scope.chat, chat(filters=_metadata_filter), variant="filtered"),
    Row("POST", "/v1/chat/completions", PUBLIC, Scope.chat, chat(documents=_documents), variant="from documents"),
    Row(
        "POST",
        "/v1/chat/completions",
        PUBLIC,
        Scope.chat,
        chat(conversation_id=lambda world: world.here.conversation),
        names="owner",
        variant="in a conversation",
    ),
    Row("POST", "/v1/search", PUBLIC, Scope.search, search()),
    Row("POST", "/v1/search", PUBLIC, Scope.search, search("QMB pier"), variant="what is learned"),
    Row("POST", "/v1/search", PUBLIC, Scope.search, search(filters=_metadata_filter), variant="filtered"),
    Row(
        "POST",
        "/v1/search",
        PUBLIC,
        Scope.search,
        search(facets=lambda _: True, marks=lambda _: True),
        variant="facets",
    ),
    Row(
        "POST",
        "/v1/search",
        PUBLIC,
        Scope.search,
        search(documents=_documents, facets=lambda _: True),
        variant="in documents",
    ),
    Row(
        "POST",
        "/v1/search",
        PUBLIC,
        Scope.search,
        search(sources=lambda _: ["test"], sort=lambda _: "newest"),
        variant="by date",
    ),
    Row("GET", "/v1/documents", PUBLIC, Scope.documents_read, nothing),
    Row("GET", "/v1/documents", PUBLIC, Scope.documents_read, _cursor, variant="from a cursor"),
    Row("POST", "/v1/documents", EDITOR, Scope.documents_write, _records, ok=202, variant="records"),
    Row("POST", "/v1/documents", EDITOR, Scope.documents_write, _form, ok=202, variant="files"),
    Row("GET", "/v1/documents/{document_id}", PUBLIC, Scope.documents_read, of("open_document"), names="tenant"),
    Row(
        "GET",
        "/v1/documents/{document_id}",
        PUBLIC,
        Scope.documents_read,
        of("group_document"),
        names="group",
        variant="of a group",
    ),
    Row("DELETE", "/v1/documents/{document_id}", EDITOR, Scope.documents_write, of("open_document"), names="tenant"),
    Row(
        "GET", "/v1/documents/{document_id}/content", PUBLIC, Scope.documents_read, of("open_document"), names="tenant"
    ),
    Row(
        "GET",
        "/v1/documents/{document_id}/content",
        PUBLIC,
        Scope.documents_read,
        of("group_document"),
        names="group",
        variant="of a group",
    ),
    Row(
        "GET",
        "/v1/documents/{document_id}/content",
        PUBLIC,
        Scope.documents_read,
        of("file_document", params={"format": "original"}),
        names="tenant",
        variant="original",
    ),
    Row("GET", "/v1/jobs", EDITOR, Scope.documents_write, nothing),
    Row("GET", "/v1/jobs/{job_id}", EDITOR, Scope.documents_write, of("job"), names="tenant"),
    Row("GET", "/v1/jobs/{job_id}/events", EDITOR, Scope.documents_write, of("job"), names="tenant"),
    Row("DELETE", "/v1/jobs/{job_id}", EDITOR, Scope.documents_write, of("job"), names="tenant"),
    Row("GET", "/v1/conversations", MEMBER, Scope.conversations, nothing),
    Row("GET", "/v1/conversations/{conversation_id}", PUBLIC, Scope.conversations, of("conversation"), names="owner"),
    Row(
        "GET",
        "/v1/conversations/{conversation_id}/export",
        PUBLIC,
        Scope.conversations,
        of("conversation", params={"format": "markdown"}),
        names="owner",
    ),
    Row(
        "DELETE", "/v1/conversations/{conversation_id}", PUBLIC, Scope.conversations, of("conversation"), names="owner"
    ),
)
