"""Images that a visitor sends with a question: as the gateway takes them, and small and safe for the page."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from vernacular.errors import ImageRefused
from vernacular.images import Limits, media_type_of, prepare

SUFFIXES: Final = ["png", "jpg", "jpeg", "webp", "gif"]
_PREVIEW: Final = Limits(longest_side=320)


class Upload(Protocol):
    """A file as Streamlit hands it over."""

    @property
    def type(self) -> str: ...

    def getvalue(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Attachment:
    """`url` holds the file as it was sent; `preview` is empty where it is no image that can be shown."""

    url: str
    preview: str


def attach(upload: Upload) -> Attachment:
    """Never fails: whether the image can be taken is the gateway's to say."""
    data = upload.getvalue()
    media_type = media_type_of(data) or upload.type or "application/octet-stream"
    return Attachment(f"data:{media_type};base64,{base64.b64encode(data).decode()}", _preview(data))


def content(question: str, images: Sequence[Attachment]) -> list[dict[str, Any]]:
    """A message's parts in OpenAI's form."""
    text = [{"type": "text", "text": question}] if question else []
    return [*text, *({"type": "image_url", "image_url": {"url": image.url}} for image in images)]


def _preview(data: bytes) -> str:
    try:
        return prepare(data, _PREVIEW).data_url
    except ImageRefused:
        return ""
