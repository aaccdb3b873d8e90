"""Rows of the routes for what documents look like and where they come from: pages, pictures, sources, jobs that are run again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.isolation.rows.row import EDITOR, PUBLIC, Request, Row, nothing, of
from tests.isolation.world import World
from vernacular.access.scopes import Scope


def _page(name: str) -> Callable[[World], Request]:
    return lambda world: {"path": (world.here.more[name], "1"), "params": {"start": 4, "end": 9, "width": 200}}


DOCUMENTS: Final[tuple[Row, ...]] = (
    Row(
        "GET",
        "/v1/documents/{document_id}/pages/{number}",
        PUBLIC,
        Scope.documents_read,
        _page("pdf_document"),
        names="tenant",
    ),
    Row(
        "GET",
        "/v1/documents/{document_id}/pages/{number}",
        PUBLIC,
        Scope.documents_read,
        _page("group_pdf_document"),
        names="group",
        variant="of a group",
    ),
    Row("GET", "/v1/documents/{document_id}/picture", PUBLIC, Scope.documents_read, of("product"), names="tenant"),
    Row(
        "GET",
        "/v1/documents/{document_id}/picture",
        PUBLIC,
        Scope.documents_read,
        of("group_product"),
        names="group",
        variant="of a group",
    ),
    Row("GET", "/v1/sources", EDITOR, Scope.documents_read, nothing),
    Row("GET", "/v1/quarantine", EDITOR, Scope.documents_write, nothing),
    Row("POST", "/v1/jobs/{job_id}/retry", EDITOR, Scope.documents_write, of("sent_job"), names="tenant", ok=202),
)
