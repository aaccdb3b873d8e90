from __future__ import annotations

import mimetypes
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.responses import StreamingResponse

from serve.deps import EditorReadAccess, ReadAccess, WriteAccess
from serve.documents import page_images, service, sources
from serve.documents.repository import Wanted
from serve.documents.schemas import (
    Deleted,
    DocumentContent,
    DocumentHead,
    DocumentPage,
    FetchRequest,
    Sources,
    UploadForm,
)
from serve.jobs.schemas import JobAccepted
from serve.responses import JsonResponse
from vernacular.images import PNG, WEBP

router = APIRouter(tags=["documents"])
_BODIES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-ndjson": {"schema": {"type": "string", "description": "One record a line."}},
            "multipart/form-data": {"schema": UploadForm.model_json_schema()},
            "application/json": {"schema": FetchRequest.model_json_schema()},
        },
    }
}


@router.post("/v1/documents", status_code=202, openapi_extra=_BODIES)
async def send_documents(access: WriteAccess, request: Request) -> JobAccepted:
    """Send files as a form, records as NDJSON (`source` and `sync` in the query), or addresses to fetch. A job takes them in."""
    return JobAccepted(job_id=await service.accept(access, request))


@router.get("/v1/documents", response_model=DocumentPage)
def list_documents(
    access: ReadAccess,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: str | None = None,
    source: str | None = None,
    title: Annotated[
        str | None, Query(max_length=200, description="Part of the title, of the file's name or of its id.")
    ] = None,
) -> JsonResponse:
    """Documents you may read, the newest first."""
    return JsonResponse(service.list_page(access, limit, cursor, Wanted(source, title)))


@router.get("/v1/sources", response_model=Sources)
def list_sources(access: EditorReadAccess) -> JsonResponse:
    """Where the documents come from, how many there are of each, and the last job of each."""
    return JsonResponse(sources.show_all(access))


@router.get("/v1/documents/{document_id}", response_model=DocumentHead)
def show_document(access: ReadAccess, document_id: str) -> JsonResponse:
    return JsonResponse(service.show(access, document_id))


@router.delete("/v1/documents/{document_id}")
def delete_document(access: WriteAccess, document_id: str) -> Deleted:
    """Remove a document with its chunks, vectors and original."""
    service.delete(access, document_id)
    return Deleted(document_id=document_id)


@router.get("/v1/documents/{document_id}/content", response_model=DocumentContent)
def document_content(
    access: ReadAccess,
    document_id: str,
    wanted: Annotated[Literal["text", "original"], Query(alias="format")] = "text",
) -> Response:
    """The text that citations refer to, or with `format=original` the file it came from."""
    if wanted == "text":
        return JsonResponse(service.content(access, document_id))
    file, name = service.original(access, document_id)
    return StreamingResponse(access.blocks(file), headers=_attachment(name))


@router.get(
    "/v1/documents/{document_id}/pages/{number}", response_class=Response, responses={200: {"content": {PNG: {}}}}
)
async def page_image(
    access: ReadAccess,
    document_id: str,
    number: Annotated[int, Path(ge=1, le=1_000_000)],
    *,
    start: Annotated[int | None, Query(ge=0, description="Where the passage begins, in the document's text.")] = None,
    end: Annotated[int | None, Query(ge=0, description="Where it ends.")] = None,
    width: Annotated[int, Query(ge=200, le=2000, description="In pixels.")] = 1000,
) -> Response:
    """A page of the PDF that the document came from, as a picture with the passage marked. The header `Vernacular-Marked` says whether
    the passage was found on it."""
    span = (start, end) if start is not None and end is not None else None
    found = await page_images.show(access, document_id, number, span, width)
    return Response(found.data, media_type=PNG, headers={"Vernacular-Marked": "yes" if found.marked else "no"})


@router.get("/v1/documents/{document_id}/picture", response_class=Response, responses={200: {"content": {WEBP: {}}}})
def document_picture(access: ReadAccess, document_id: str) -> Response:
    """The picture of a product, at most 640 pixels wide and high."""
    with service.picture(access, document_id) as file:
        return Response(file.read(), media_type=WEBP)


def _attachment(name: str) -> dict[str, str]:
    """Never shown in the gateway's own origin, whatever the file claims to be."""
    base = name.rsplit("/", 1)[-1]
    return {
        "content-type": mimetypes.guess_type(base)[0] or "application/octet-stream",
        "content-disposition": f"attachment; filename*=UTF-8''{quote(base, safe='')}",
    }
