"""The worker process of `SandboxedParser`: what it does with a file."""

from __future__ import annotations

import io
from typing import Any

from ingest.parse import ocr
from ingest.parse.archive import is_archive, members
from ingest.parse.registry import parse
from ingest.parse.wire import document_message, images_message, members_message, picture_message
from vernacular.confined.child import serve
from vernacular.errors import UnreadableFile

_WEBP_QUALITY = 80


def main(memory_mb: int, timeout_s: float, idle_s: float) -> None:
    serve(_answer, memory_mb, timeout_s, idle_s)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    return _KINDS[request.get("wanted", "document")](request)


def _document(request: dict[str, Any]) -> dict[str, Any]:
    return document_message(parse(request["data"], request["filename"], request["media_type"]))


def _picture(request: dict[str, Any]) -> dict[str, Any]:
    from vernacular.images import DOCUMENT_TYPES, Limits, prepare

    longest = request["longest_side"]
    limits = Limits(len(request["data"]), request["megapixels"], longest, DOCUMENT_TYPES)
    picture = prepare(request["data"], limits)
    return {**picture_message(picture), "text": _text_in(picture.data) if request["read"] else ""}


def _text_in(image: bytes) -> str:
    """What OCR reads in it, if there is OCR; an image that it cannot read is one without text."""
    if not ocr.available():
        return ""
    try:
        return ocr.recognise(image)
    except UnreadableFile:
        return ""


def _images(request: dict[str, Any]) -> dict[str, Any]:
    from ingest.parse.images.finder import find_images

    limits = {name: request[name] for name in ("most", "seconds", "megapixels")}
    return images_message(*find_images(request["data"], request["filename"], request["media_type"], **limits))


def _members(request: dict[str, Any]) -> dict[str, Any]:
    if not is_archive(request["data"], request["filename"]):
        return {}
    return members_message(*members(request["data"], request["filename"], request["first"]))


def _thumbnail(request: dict[str, Any]) -> dict[str, Any]:
    from PIL import Image

    from vernacular.images import DOCUMENT_TYPES, WEBP, Limits, Picture, prepare

    limits = Limits(len(request["data"]), request["megapixels"], request["longest_side"], DOCUMENT_TYPES)
    picture, buffer = prepare(request["data"], limits), io.BytesIO()
    with Image.open(io.BytesIO(picture.data)) as image:
        image.save(buffer, "WEBP", quality=_WEBP_QUALITY, method=4)
    return picture_message(Picture(buffer.getvalue(), WEBP, picture.width, picture.height))


_KINDS = {"document": _document, "picture": _picture, "thumbnail": _thumbnail, "images": _images, "members": _members}
