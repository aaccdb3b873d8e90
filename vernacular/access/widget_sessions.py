"""Short-lived tokens of widgets: each for one web page's origin and one frame in it.

A token is not kept anywhere: it names the widget, the site and the frame, and carries an HMAC of that. The frame proves itself by a
secret that the web page around it cannot read, so that a token taken from that page opens nothing.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
import time
from dataclasses import dataclass, replace
from typing import Final

from vernacular.access.keys import KeyRing, principal_of
from vernacular.access.principal import Principal
from vernacular.errors import Unauthorized
from vernacular.tenancy import Platform

PREFIX: Final = "ws_"
LIFE_S: Final = 15 * 60
MAX_CHARS: Final = 1000
_ENDED: Final = (
    "This widget's session has ended.",
    "The widget gets another one by itself; reload the page if it does not.",
)


@dataclass(frozen=True, slots=True)
class FrameKey:
    """`secret` is the frame's own; `name` is what the page around it may know."""

    secret: str
    name: str


class WidgetSessions:
    """Makes and checks them. Thread-safe."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def frame_key(self, widget: str, site: str, secret: str = "") -> FrameKey:
        """For a frame of that widget, by its id, on a page of that origin; without a `secret`, for a new one."""
        secret = secret or secrets.token_urlsafe(24)
        return FrameKey(secret, self._frame_name(widget, site, secret))

    def begin(self, widget: Principal, site: str, frame: str) -> str:
        """The token for the frame of that name on a page of that origin, which has been checked."""
        return self._signed(json.dumps([widget.id, site, frame, int(time.time()) + LIFE_S], separators=(",", ":")))

    def holds(self, principal: Principal, secret: str) -> bool:
        """Whether the secret is that of the frame which the principal's token is for."""
        name = self._frame_name(principal.id, principal.origins[0], secret)
        return hmac.compare_digest(name, principal.frame)

    def authenticate(self, platform: Platform, token: str) -> Principal:
        """
        Raises:
            Unauthorized: it has ended, or the widget was revoked, suspended or taken from that site.
        """
        widget, site, frame, ends = self._read(token)
        found = platform.live_widget(widget) if time.time() < ends else None
        if found is None or site not in found[0].origins:
            raise Unauthorized(*_ENDED)
        return replace(principal_of(*found), origins=(site,), frame=frame)

    def _read(self, token: str) -> tuple[str, str, str, int]:
        try:
            packed = token.removeprefix(PREFIX).partition(".")[0].encode("ascii")
            said = base64.b64decode(packed + b"=" * (-len(packed) % 4), altchars=b"-_", validate=True).decode("utf-8")
            if len(token) > MAX_CHARS or not hmac.compare_digest(token.encode("ascii"), self._signed(said).encode()):
                raise Unauthorized(*_ENDED)
        except (UnicodeError, binascii.Error):
            raise Unauthorized(*_ENDED) from None
        widget, site, frame, ends = json.loads(said)
        return widget, site, frame, ends

    def _signed(self, said: str) -> str:
        packed = base64.urlsafe_b64encode(said.encode("utf-8")).rstrip(b"=").decode("ascii")
        return f"{PREFIX}{packed}.{self._ring.digest(f'session of a widget: {said}')}"

    def _frame_name(self, widget: str, site: str, secret: str) -> str:
        return self._ring.digest(f"frame of the widget {widget} on {site}: {secret}")
