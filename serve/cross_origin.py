"""Requests from other web pages (CORS, Fetch standard): allowed for the pages of widgets, on the routes that a widget may call.

There are no cookies, so nothing is allowed with credentials; what a request may do follows from its token alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.deps import need_of
from vernacular.access.principal import Role
from vernacular.access.scopes import WIDGET

REMEMBER_S: Final = 600
SENT: Final = "authorization, content-type, x-request-id"
READ: Final = "retry-after, x-request-id"
BEFORE_A_TOKEN: Final = frozenset({"/v1/widget", "/v1/widget/session"})
"""What a widget's page asks before it has one; they say themselves which page may."""


class CrossOriginMiddleware:
    """Answers preflights, and names the page in what it may read."""

    def __init__(self, app: ASGIApp, routers: Iterable[APIRouter]) -> None:
        self.app = app
        routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
        self._routes = [(route.path_regex, frozenset(route.methods or ())) for route in routes if _for_widgets(route)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        origin, methods = headers.get("origin", ""), self._methods(scope["path"]) if "path" in scope else frozenset()
        if not origin or not methods:
            await self.app(scope, receive, send)
            return
        keys = scope["app"].state.services.keys
        allowed = origin in await run_in_threadpool(keys.widget_origins)
        if allowed and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _preflight(origin, methods)(scope, receive, send)
            return

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                response = MutableHeaders(scope=message)
                response.add_vary_header("Origin")
                if allowed:
                    response["access-control-allow-origin"] = origin
                    response["access-control-expose-headers"] = READ
            await send(message)

        await self.app(scope, receive, named)

    def _methods(self, path: str) -> frozenset[str]:
        """Those that a widget may use there; none: it has no business there."""
        return frozenset(method for pattern, methods in self._routes if pattern.match(path) for method in methods)


def _for_widgets(route: APIRoute) -> bool:
    if route.path in BEFORE_A_TOKEN:
        return True
    needs = [need for each in route.dependant.dependencies if callable(each.call) and (need := need_of(each.call))]
    return any(need.scope in WIDGET and need.role == Role.public for need in needs)


def _preflight(origin: str, methods: frozenset[str]) -> Response:
    headers = {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": ", ".join(sorted(methods)),
        "access-control-allow-headers": SENT,
        "access-control-max-age": str(REMEMBER_S),
        "vary": "Origin",
    }
    return Response(status_code=204, headers=headers)
