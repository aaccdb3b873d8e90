"""Where the tokens of widgets hold: their own on the widget's pages, those of their sessions in one frame of one page."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers

from vernacular.access.names import origin_of
from vernacular.access.principal import Principal
from vernacular.access.widget_sessions import WidgetSessions
from vernacular.errors import Forbidden

FRAME_HEADER: Final = "x-vernacular-frame"
"""Carries the secret of the frame that a session is for."""


def check_page(headers: Headers, principal: Principal, sessions: WidgetSessions, public_url: str) -> None:
    """That a widget's token comes from where it holds. `public_url`: the gateway's own address, if the settings name it.

    Raises:
        Forbidden: it comes from elsewhere.
    """
    if principal.frame:
        secret = headers.get(FRAME_HEADER, "")
        if from_own_page(headers, public_url) and sessions.holds(principal, secret):
            return
        raise Forbidden("This widget's session does not hold here.", "It holds in the frame that it was begun for.")
    if headers.get("origin", "") not in principal.origins:
        raise Forbidden("This widget's token does not hold here.", "It holds on the pages that it was made for.")


def from_own_page(headers: Headers, public_url: str) -> bool:
    """Whether a page of the gateway's own sends this. Browsers tell the origin of whatever is not a plain GET of the page's own."""
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site", "same-origin") == "same-origin"
    if public_url and origin == origin_in(public_url):
        return True
    scheme, _, host = origin.partition("://")
    return host == headers.get("host") and scheme in {"http", "https"}


def origin_in(address: str) -> str:
    """That of an http address, whatever its path."""
    return origin_of("/".join(address.split("/")[:3]))


def site_of(headers: Headers, own_origin: str) -> str:
    """The origin of the page that sends this; `own_origin` where that is a page beside the gateway."""
    if headers.get("origin") is None and headers.get("sec-fetch-site") == "same-origin":
        return own_origin
    return headers.get("origin", "")
