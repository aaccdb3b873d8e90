from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from serve.cursors import decode_cursor, encode_cursor
from serve.deps import Access
from serve.documents import repository
from serve.documents.page_images import has_page_images
from serve.documents.upload import receive_addresses, receive_form, receive_records
from serve.quotas.uploads import bounded, check_room
from vernacular.approved import SOURCE as APPROVED_ANSWERS
from vernacular.approved import is_approved
from vernacular.db.models import DocumentRow
from vernacular.documents import delete_documents
from vernacular.errors import BadRequest, Conflict, NotFound, UnknownDocument, UnsupportedSource
from vernacular.jobs import new_job_id
from vernacular.tenancy import TenantScope
from vernacular.uploads import forget_uploads

RECORD_TYPES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"})
FORM_TYPE = "multipart/form-data"
JSON_TYPE = "application/json"


async def accept(access: Access, request: Request) -> str:
    """Take in what was sent and ask for its ingestion; the job's id.

    Raises:
        BadRequest: it is not what this route takes.
        QuotaExceeded: the tenant has no room for it.
        Unauthorized, Forbidden: the caller lost the right to send it meanwhile.
    """
    content_type = request.headers.get("content-type", "")
    kind = content_type.split(";")[0].strip().lower()
    if kind not in RECORD_TYPES and kind not in {FORM_TYPE, JSON_TYPE}:
        raise _unsupported(kind)
    services = access.services
    job_id = new_job_id()
    folder = await run_in_threadpool(services.jobs.upload_folder, job_id)
    body = bounded(access, request.stream(), request.headers.get("content-length", ""))
    try:
        if kind == FORM_TYPE:
            spec = await receive_form(body, content_type, folder)
        elif kind == JSON_TYPE:
            spec = await receive_addresses(body, services.settings.fetch)
        else:
            spec = await receive_records(body, request.query_params, folder)
        if spec["source"] == APPROVED_ANSWERS:
            raise BadRequest(f"The source {APPROVED_ANSWERS!r} is that of approved answers.", "Choose another name.")
        await run_in_threadpool(check_room, access, spec, folder)
        return await run_in_threadpool(_enqueue, access, spec, job_id)
    except BaseException:  # whatever stopped it, a caller who went away too: nothing may be left behind
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _enqueue(access: Access, spec: Mapping[str, Any], job_id: str) -> str:
    services = access.services
    access.renew()  # sending may have taken long

    def tell(scope: TenantScope) -> None:
        facts = {"job": job_id, "items": len(spec["items"]), "sync": bool(spec.get("sync"))}
        names = [item.get("filename") or item.get("uri") or item["kind"] for item in spec["items"]]
        access.record(scope, "document.sent", facts=facts, content={"source": spec["source"], "names": names})

    tenant = access.principal.tenant
    return services.jobs.enqueue(services.database, tenant, "ingest", spec, job_id, tell=tell)


def _unsupported(kind: str) -> UnsupportedSource:
    return UnsupportedSource(f"Documents cannot be sent as {kind[:80] or 'a body without a Content-Type'}.")


def list_page(access: Access, limit: int, cursor: str | None, wanted: repository.Wanted) -> dict[str, Any]:
    """In the shape of `DocumentPage`."""
    with access.read() as scope:
        rows = repository.page(scope, limit + 1, decode_cursor(cursor) if cursor else None, wanted)
    shown = rows[:limit]
    more = encode_cursor(shown[-1].created_at, shown[-1].id) if len(rows) > limit else None
    return {"documents": [_head(row) for row in shown], "next_cursor": more}


def show(access: Access, document_id: str) -> dict[str, Any]:
    with access.read() as scope:
        return _head(repository.readable(scope, document_id))


def content(access: Access, document_id: str) -> dict[str, Any]:
    """In the shape of `DocumentContent`."""
    with access.read() as scope:
        row = repository.readable(scope, document_id)
        head = _head(row)
        kept = repository.text_of(scope, document_id)
    access.note("document.read", facts={"document": document_id, "format": "text"})
    structure = {name: kept.structure.get(name, []) for name in ("pages", "headings", "tables")}
    return {**head, "text": kept.text, **structure, "page_images": has_page_images(row)}


def original(access: Access, document_id: str) -> tuple[BinaryIO, str]:
    """The file the document came from, to be closed by the caller, and its name.

    Raises:
        NotFound: the document came as text and has none.
    """
    with access.read() as scope:
        row = repository.readable(scope, document_id)
    if row.original is None:
        raise NotFound("This document has no original: it was sent as text.", "Leave `format` out to read its text.")
    access.note("document.read", facts={"document": document_id, "format": "original"})
    return access.services.blobs.open(access.principal.tenant.id, row.original), row.filename or row.source_id


def picture(access: Access, document_id: str) -> BinaryIO:
    """The picture of a product, to be closed by the caller.

    Raises:
        NotFound: it has none.
    """
    with access.read() as scope:
        row = repository.readable(scope, document_id)
    if row.picture is None:
        raise NotFound("This document has no picture.", "A product feed names pictures; see docs/http.md.")
    return access.services.blobs.open(access.principal.tenant.id, row.picture)


def delete(access: Access, document_id: str) -> None:
    """Remove the document, its chunks, its vectors and its original.

    Raises:
        UnknownDocument: the tenant has no such document.
        Conflict: it is that of an approved answer.
    """
    services = access.services
    with access.read() as scope:
        if is_approved(scope, document_id):
            raise Conflict(
                "This document is an approved answer.", "Delete it, or switch it off, among the approved answers."
            )

    def tell(scope: TenantScope, ids: Sequence[str]) -> None:
        access.record(scope, "document.deleted", facts={"documents": ids})

    tenant = access.principal.tenant
    with access.read() as scope:
        row = scope.get(DocumentRow, document_id)
        if row is not None:
            forget_uploads(services.settings, scope, row.source)
    gone = delete_documents(services.database, services.vectors, services.blobs, tenant, [document_id], tell=tell)
    services.pages.forget(tenant.id, document_id)
    if not gone:
        raise UnknownDocument("There is no such document.", "GET /v1/documents lists those you may read.")


def _head(row: DocumentRow) -> dict[str, Any]:
    return {
        "document_id": row.id,
        "source": row.source,
        "source_id": row.source_id,
        "title": row.title,
        "uri": row.uri,
        "filename": row.filename,
        "media_type": row.media_type,
        "language": row.language,
        "metadata": row.attributes,
        "groups": row.groups,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "characters": row.characters,
        "chunks": row.chunk_count,
        "has_original": row.original is not None,
        "picture": row.picture is not None,
        "bytes": row.bytes,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }
