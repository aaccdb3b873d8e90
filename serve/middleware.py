"""What happens to every request: an id, a line in the log, figures, a cap on the body, and headers. Pure ASGI."""

from __future__ import annotations

import logging
import re
import secrets
import time

from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.bootstrap import Services
from serve.callers import caller_of
from serve.error_handlers import respond
from serve.principals import MAX_CREDENTIAL_CHARS
from vernacular.errors import TooLarge, Unauthorized, VernacularError

log = logging.getLogger("vernacular.access")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
MAX_JSON_BYTES = 8 * 1024 * 1024
UNKNOWN_BYTES = 64 * 1024
"""What is read of somebody's body who has not shown a good key: a sign-in takes far less."""
UPLOAD_PATHS, CHAT_PATH = ("/v1/documents", "/v1/admin/adapters"), "/v1/chat/completions"
SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


class RequestMiddleware:
    """Outermost: what is inside may fail in any way, and a response with its request id still goes out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = _Request(scope, send)
        try:
            await self.app(scope, receive, request.send)
        except Exception as error:  # the edge of the process: nothing may leave without an answer and a line in the log
            if request.status and isinstance(error.__cause__, VernacularError):
                log.warning("response cut", extra={"fields": {"request_id": request.id, "name": error.__cause__.name}})
                return
            log.exception("unexpected error", extra={"fields": {"request_id": request.id}})
            if request.status == 0:
                sorry = VernacularError(
                    "Something went wrong inside the gateway.", "Try again; if it stays, report the request id."
                )
                await respond(sorry, request.id)(scope, receive, request.send)
        finally:
            request.finish()


class _Request:
    """One request on its way: knows its id, its status once sent, and when it began."""

    def __init__(self, scope: Scope, send: Send) -> None:
        given = Headers(scope=scope).get("x-request-id", "")
        self.id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(12)
        scope.setdefault("state", {})["request_id"] = self.id
        self.status = 0
        self._scope = scope
        self._send = send
        self._begin = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self.id
            # A page that may stand in a frame says in which; the older header knows no origins.
            framed = "frame-ancestors" in headers.get("content-security-policy", "")
            for name, value in {**self._scope["state"].get("headers", {}), **SECURITY_HEADERS}.items():
                if not (framed and name == "x-frame-options"):
                    headers.setdefault(name, value)
        await self._send(message)

    def finish(self) -> None:
        seconds = time.perf_counter() - self._begin
        route, caller = getattr(self._scope.get("route"), "path", "(none)"), caller_of(self._scope)
        method, status = self._scope["method"], self.status or 499  # 499: the caller went away first
        services: Services | None = getattr(self._scope["app"].state, "services", None)
        if services is not None:
            services.metrics.observe_request(method, route, status, seconds, caller.tenant)
        if route in QUIET and status < 500:
            return
        fields = {
            "request_id": self.id,
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 2),
            **caller.fields,
        }
        log.info("request", extra={"fields": fields})


class BodyLimitMiddleware:
    """Refuses bodies past the limit: by their announced length before reading any of it, else as soon as they pass it.

    Past `UNKNOWN_BYTES` a body is read only for a good key: it is held in memory and parsed, and the endpoint that would ask for
    the key comes after that. (Uploads go to disk as they come, after their endpoint has asked.)
    """

    def __init__(self, app: ASGIApp, max_upload_bytes: int, max_image_bytes: int = 0) -> None:
        self.app = app
        self.limits = dict.fromkeys(UPLOAD_PATHS, max_upload_bytes) | {CHAT_PATH: MAX_JSON_BYTES + max_image_bytes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.limits.get(scope["path"], MAX_JSON_BYTES)
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            await respond(too_large(limit), scope["state"]["request_id"], {"connection": "close"})(scope, receive, send)
            return
        read, checked = 0, scope["path"] in UPLOAD_PATHS

        async def counted() -> Message:
            nonlocal read, checked
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > limit:
                    raise too_large(limit)
                if read > UNKNOWN_BYTES and not checked:
                    await check_key(scope)
                    checked = True
            return message

        await self.app(scope, counted, send)


async def check_key(scope: Scope) -> None:
    """
    Raises:
        Unauthorized: the request carries no good key.
    """
    keys = scope["app"].state.services.keys
    scheme, _, key = Headers(scope=scope).get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key or len(key) > MAX_CREDENTIAL_CHARS:
        raise Unauthorized("This request carries no API key.")
    if keys.remembered(key) is None:
        await run_in_threadpool(keys.authenticate, key)


def too_large(limit: int) -> TooLarge:
    return TooLarge(f"The request is larger than {limit >> 20} MB.", "Send it in smaller parts.")
