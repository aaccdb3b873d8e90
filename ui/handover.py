"""How a sign-in gets from the page's script, which talks to the gateway, into a cookie that no script can read.

Streamlit's scripts cannot set cookies. So the script leaves the token here under a ticket, the page sends the ticket back, and is
answered with the cookie. A ticket serves once, within a minute; neither it nor the token is ever part of an address.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

COOKIE: Final = "vernacular_session"
PATH: Final = "/account/session"
HELD_S: Final = 60.0
MOST_HELD: Final = 10_000
MAX_BYTES: Final = 1000
_SIGNED_OUT: Final = ""


class Handover:
    """Thread-safe; one a process. `clock`: seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[str, tuple[float, str]] = {}

    def leave(self, token: str = _SIGNED_OUT) -> str:
        """A ticket for the token; without one, for the cookie to be taken away."""
        ticket = secrets.token_urlsafe(32)
        with self._lock:
            now = self._clock()
            self._held = {name: held for name, held in self._held.items() if held[0] > now}
            if len(self._held) >= MOST_HELD:
                self._held.clear()
            self._held[ticket] = (now + HELD_S, token)
        return ticket

    def take(self, ticket: str) -> str | None:
        """What was left for the ticket; None: nothing, or it was taken or too long ago."""
        with self._lock:
            until, token = self._held.pop(ticket, (0.0, _SIGNED_OUT))
        return token if until > self._clock() else None


def session_route(handover: Handover, *, secure: bool) -> Route:
    """Where the page sends its ticket. `secure`: the cookie goes over https alone."""

    async def exchange(request: Request) -> Response:
        if not _is_own_page(request):
            return Response(status_code=403)
        token = handover.take(await _ticket(request))
        if token is None:
            return Response(status_code=410)
        response = Response(status_code=204)
        if token:
            # Strict: another site's link opens the page, and the page's own connection brings the cookie.
            response.set_cookie(COOKIE, token, path="/", secure=secure, httponly=True, samesite="strict")
        else:
            response.delete_cookie(COOKIE, path="/", secure=secure, httponly=True, samesite="strict")
        return response

    return Route(PATH, exchange, methods=["POST"])


def _is_own_page(request: Request) -> bool:
    return urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host", "-")


async def _ticket(request: Request) -> str:
    read = b""
    try:
        async for piece in request.stream():
            read += piece
            if len(read) > MAX_BYTES:
                return ""
        sent = orjson.loads(read)
    except (ValueError, ClientDisconnect):
        return ""
    ticket = sent.get("ticket") if isinstance(sent, dict) else None
    return ticket if isinstance(ticket, str) else ""
