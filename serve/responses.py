"""Responses made with orjson, and server-sent events."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

import orjson
from starlette.responses import Response

EVENT_STREAM = "text/event-stream"
MARKDOWN = "text/markdown; charset=utf-8"


class Format(StrEnum):
    """What a page may be had as: for programs, or for people."""

    JSON = "json"
    MARKDOWN = "markdown"


def dump(content: Any) -> bytes:
    """UTF-8 JSON; text that is not valid Unicode is escaped instead of failing."""
    try:
        return orjson.dumps(content)
    except orjson.JSONEncodeError:
        return json.dumps(content, default=str).encode()


def event(content: Any) -> bytes:
    """One server-sent event whose data is JSON."""
    return b"data: " + dump(content) + b"\n\n"


class JsonResponse(Response):
    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return dump(content)
