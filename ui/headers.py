"""Response headers that keep a page from loading anything from elsewhere, whatever a document or an answer says."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SIGN_IN_COOKIES = b"_streamlit_user"
_LIFE = re.compile(rb";\s*Max-Age=(?!0\b)\d+", re.IGNORECASE)
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def inline_scripts(page: str) -> list[str]:
    """The scripts that an HTML page carries in itself."""
    return _INLINE_SCRIPT.findall(page)


def content_security_policy(scripts: Iterable[str]) -> str:
    """A policy that allows this origin and the very `scripts` given, by their hash, and nothing else.

    Styles may be inline: Streamlit's components set theirs at run time.
    """
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' {hashes}".strip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",  # blob: what the visitor attached, before it is sent
            "font-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )


class SecurityHeaders:
    """ASGI middleware: sets the headers, and refuses WebSockets that another site's page opens.

    Streamlit's cookies of a sign-in end with the browser's session rather than after a month. `secure`: all cookies go over
    https alone.
    """

    def __init__(self, app: ASGIApp, policy: str, *, secure: bool = False) -> None:
        self._app = app
        self._secure = secure
        self._headers = {
            "Content-Security-Policy": policy,
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and not _same_origin(Headers(scope=scope)):
            # Streamlit's own check would go on to ask a public service for this machine's address.
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
                message["headers"] = [
                    (name, self._hardened(value) if name == b"set-cookie" else value)
                    for name, value in message["headers"]
                ]
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _hardened(self, cookie: bytes) -> bytes:
        if cookie.startswith(_SIGN_IN_COOKIES):
            cookie = _LIFE.sub(b"", cookie)
        return cookie + b"; Secure" if self._secure and b"; secure" not in cookie.lower() else cookie


def _same_origin(headers: Headers) -> bool:
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")
