"""A chat in other people's web pages: the script that puts it there, the frame that it runs in, and its sessions.

Nobody shows a credential here: what these routes give away is for whoever opens the page, and holds on that page alone.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import HTMLResponse, Response

from serve.deps import ServicesDep
from serve.widget import service
from serve.widget.page import File, file, frame_policy
from serve.widget.schemas import SessionForm, WidgetLook, WidgetSession

router = APIRouter(tags=["widget"])

WidgetId = Annotated[str, Query(max_length=36, description="The widget's id, as its tag has it.")]
Languages = Annotated[
    str, Query(max_length=500, description="Languages (BCP 47), the most wanted first, separated by commas.")
]
IfNoneMatch = Annotated[str, Header(max_length=1000)]
_SCRIPT: Final = "text/javascript; charset=utf-8"
_STYLE: Final = "text/css; charset=utf-8"
_PERMISSIONS: Final = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
_FILE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {_SCRIPT: {}}}, 304: {}}
# Pages that isolate themselves (COEP) load nothing from elsewhere that does not say so.
_ANYWHERE: Final = {"cross-origin-resource-policy": "cross-origin"}


@router.get("/widget.js", response_class=Response, responses=_FILE)
def show_script(if_none_match: IfNoneMatch = "") -> Response:
    """The script of the tag on a tenant's pages: it puts a button there that opens the chat."""
    return _file(file("widget.js"), _SCRIPT, if_none_match)


@router.get("/widget/frame.js", include_in_schema=False)
def show_frame_script(if_none_match: IfNoneMatch = "") -> Response:
    return _file(file("frame.js"), _SCRIPT, if_none_match)


@router.get("/widget/frame.css", include_in_schema=False)
def show_frame_style(if_none_match: IfNoneMatch = "") -> Response:
    return _file(file("frame.css"), _STYLE, if_none_match)


@router.get("/widget/frame", response_class=Response, responses={200: {"content": {"text/html": {}}}})
async def show_frame(
    services: ServicesDep,
    widget: WidgetId,
    site: Annotated[str, Query(max_length=300, description="The origin of the page that the frame stands in.")],
    languages: Languages = "",
) -> HTMLResponse:
    """The chat itself, for a frame in a page of that site: browsers show it in no other, and not before the page has begun a session."""
    found = await service.find_widget(services, widget)
    page = service.frame_for(services, found, site, languages)
    headers = {
        "content-security-policy": frame_policy(site),
        "permissions-policy": _PERMISSIONS,
        "cross-origin-embedder-policy": "require-corp",
        **_ANYWHERE,
    }
    return HTMLResponse(page, headers=headers)


@router.get("/v1/widget")
async def show_widget(
    request: Request, services: ServicesDep, response: Response, widget: WidgetId, languages: Languages = ""
) -> WidgetLook:
    """How the widget's button looks on the page that asks, which must be one of the widget's."""
    found = service.look(request, services, await service.find_widget(services, widget), languages)
    response.headers["cache-control"] = "private, max-age=60"
    return found


@router.post("/v1/widget/session", status_code=201)
async def begin_session(request: Request, services: ServicesDep, asked: SessionForm) -> WidgetSession:
    """A short-lived token for the widget's frame in the page that asks, which must be one of the widget's."""
    return await service.begin_session(
        request, services, await service.find_widget(services, asked.widget), asked.frame
    )


def _file(found: File, media_type: str, if_none_match: str) -> Response:
    tag = f'"{found.version}"'
    headers = {"etag": tag, "cache-control": "public, max-age=300", **_ANYWHERE}
    if tag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=media_type, headers=headers)
