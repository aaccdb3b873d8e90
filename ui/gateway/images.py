"""Images that the gateway gives: a page of a document, a product's picture, a tenant's logo."""

from __future__ import annotations

import base64
from typing import Final

from ui.api import Api
from ui.client import SourceQuote
from ui.gateway.values import path_to
from ui.gateway_errors import bad_answer

PAGE_WIDTH: Final = 1000
_SHOWN: Final = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})


def page_image(api: Api, source: SourceQuote) -> str:
    """The page that a source is on, with its passage marked, as a `data:` address."""
    where = f"{path_to('/v1/documents', source.document_id)}/pages/{source.page}"
    return _data_url(*api.content(where, start=source.start, end=source.end, width=PAGE_WIDTH))


def picture(api: Api, document_id: str) -> str:
    """A product's picture, as a `data:` address."""
    return _data_url(*api.content(f"{path_to('/v1/documents', document_id)}/picture"))


def logo(api: Api) -> str:
    """The tenant's logo, as a `data:` address."""
    return _data_url(*api.content("/v1/tenant/logo"))


def _data_url(content: bytes, media_type: str) -> str:
    if media_type not in _SHOWN:
        raise bad_answer()
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
