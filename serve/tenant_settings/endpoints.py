from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from serve.deps import AdminAccess, TenantAccess
from serve.tenant_settings import logo, service
from serve.tenant_settings.schemas import LogoView, SettingsChange, SettingsView
from vernacular.errors import TooLarge

router = APIRouter(tags=["settings"])
_YEAR: Final = "private, max-age=31536000, immutable"
_IMAGE: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in sorted(logo.LIMITS.types)},
    }
}


@router.get("/v1/admin/settings")
def show_settings(access: AdminAccess) -> SettingsView:
    """How your tenant presents itself: name, languages, greeting, suggested questions, contact, register, glossary, colour."""
    return service.show(access)


@router.patch("/v1/admin/settings")
def change_settings(access: AdminAccess, asked: SettingsChange) -> SettingsView:
    """Change what is given. In effect at once, in other gateways on the same database within seconds."""
    return service.change(access, asked)


@router.put("/v1/admin/settings/logo", openapi_extra=_IMAGE)
async def put_logo(access: AdminAccess, request: Request) -> LogoView:
    """The logo: the bytes of a PNG, JPEG or WebP of at most 1 MB. It is scaled to 512 pixels and kept as PNG."""
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > logo.MAX_BYTES:
            raise TooLarge("The logo is larger than 1 MB.", "Send it smaller, or as a JPEG.")
    return await run_in_threadpool(logo.put, access, bytes(data))


@router.delete("/v1/admin/settings/logo")
def remove_logo(access: AdminAccess) -> LogoView:
    """Show no logo."""
    return logo.remove(access)


@router.get("/v1/tenant/logo", response_class=Response, responses={200: {"content": {logo.MEDIA_TYPE: {}}}, 304: {}})
def show_logo(
    access: TenantAccess,
    v: Annotated[
        str, Query(max_length=64, description="The version that `branding.logo` of GET /v1/tenant names.")
    ] = "",
    if_none_match: Annotated[str, Header(max_length=1000)] = "",
) -> Response:
    """Your tenant's logo, a PNG. Under the address that GET /v1/tenant gives it never changes."""
    digest, file = logo.opened(access)
    with file:
        version = logo.version_of(digest)
        tag = f'"{version}"'
        # The key says whose logo it is, so that caches which many share may not keep it.
        headers = {
            "etag": tag,
            "vary": "Authorization",
            "cache-control": _YEAR if v == version else "private, no-cache",
        }
        if tag in if_none_match:
            return Response(status_code=304, headers=headers)
        return Response(file.read(), media_type=logo.MEDIA_TYPE, headers=headers)
