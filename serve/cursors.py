"""Cursors for pages: where the last one ended, in a form callers need not understand."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from vernacular.errors import BadRequest


def encode_cursor(created_at: datetime, identifier: str) -> str:
    return base64.urlsafe_b64encode(f"{created_at.isoformat()} {identifier}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[datetime, str]:
    """
    Raises:
        BadRequest: it was not made by `encode_cursor`.
    """
    try:
        decoded = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode()
        moment, identifier = decoded.split(" ")
        created_at = datetime.fromisoformat(moment)
    except (binascii.Error, ValueError):
        raise BadRequest(
            "The `cursor` is not one.", "Pass `next_cursor` of the page before as it is, or none."
        ) from None
    if created_at.tzinfo is None:
        raise BadRequest("The `cursor` is not one.", "Pass `next_cursor` of the page before as it is, or none.")
    return created_at, identifier
