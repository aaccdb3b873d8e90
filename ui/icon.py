"""The icon of the front end's pages, where Streamlit's page looks for one."""

from __future__ import annotations

from importlib import resources
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PATH: Final = "/favicon.png"
"""As Streamlit's page has it. Browsers go by the media type."""


def icon_route() -> Route:
    image = resources.files("ui").joinpath("assets", "icon.svg").read_bytes()

    async def icon(_request: Request) -> Response:
        return Response(image, media_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})

    return Route(PATH, icon)
