"""A conversation as the gateway kept it."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

from ui.api import Api

Shape = Literal["markdown", "json"]


def exported(api: Api, conversation_id: str, shape: Shape) -> bytes:
    """The conversation as a file that says, to people and to programs, that an AI system gave the answers."""
    content, _media_type = api.content(f"/v1/conversations/{quote(conversation_id, safe='')}/export", format=shape)
    return content
