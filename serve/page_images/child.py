"""The confined process that renders a page of a PDF and marks a passage on it."""

from __future__ import annotations

import ctypes
import io
import math
from collections.abc import Sequence
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops, ImageDraw

from serve.page_images.letters import Box, read_letters
from serve.page_images.passages import Passage, boxes_of
from vernacular.confined.child import serve
from vernacular.errors import EncryptedFile, UnreadableFile

_MOST_PIXELS: Final = 6_000_000
_YELLOW: Final = (255, 236, 92)
_EDGE: Final = (176, 136, 0)
_AROUND: Final = 1.5
"""Points that a mark stands out beyond its letters."""


def main(memory_mb: int, timeout_s: float, idle_s: float) -> None:
    serve(answer, memory_mb, timeout_s, idle_s)


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """`{data, filename, page, width, passage}` → `{image, marked}`, or `{pages}` where the file has no such page."""
    document = _open(request["data"], request["filename"])
    try:
        if not 1 <= request["page"] <= len(document):
            return {"pages": len(document)}
        page = document[request["page"] - 1]
        try:
            return _rendered(page, request["width"], request["passage"])
        finally:
            page.close()
    except pypdfium2.PdfiumError:
        raise _damaged(request["filename"]) from None
    finally:
        document.close()


def _open(data: bytes, filename: str) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise EncryptedFile(f"`{filename}` is protected by a password.") from None
        raise _damaged(filename) from None


def _damaged(filename: str) -> UnreadableFile:
    return UnreadableFile(f"This page of `{filename}` is damaged.", "Read the document's text in its place.")


def _rendered(page: pypdfium2.PdfPage, width: int, passage: Sequence[str]) -> dict[str, Any]:
    across, up = page.get_size()
    if not (across > 0 and up > 0):
        raise UnreadableFile("This page has no size.", "Read the document's text in its place.")
    scale = min(width / across, math.sqrt(_MOST_PIXELS / (across * up)))
    image: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
    boxes = boxes_of(read_letters(page), Passage(*passage)) if passage else []
    for box in boxes:
        _mark(image, _in_pixels(page, box, image.size))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=6)
    return {"image": buffer.getvalue(), "marked": bool(boxes)}


def _in_pixels(page: pypdfium2.PdfPage, box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """PDFium knows how the page is turned and cut."""
    corners = []
    for x, y in ((box.left - _AROUND, box.top + _AROUND), (box.right + _AROUND, box.bottom - _AROUND)):
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(page.raw, 0, 0, *size, 0, x, y, ctypes.byref(across), ctypes.byref(down))
        corners.append((min(max(across.value, 0), size[0]), min(max(down.value, 0), size[1])))
    (a, b), (c, d) = corners
    return min(a, c), min(b, d), max(a, c), max(b, d)


def _mark(image: Image.Image, place: tuple[int, int, int, int]) -> None:
    """Like a marker pen: what is dark stays dark."""
    left, top, right, bottom = place
    if right - left < 2 or bottom - top < 2:
        return
    part = image.crop(place)
    image.paste(ImageChops.multiply(part, Image.new("RGB", part.size, _YELLOW)), (left, top))
    ImageDraw.Draw(image).line([(left, bottom - 1), (right - 1, bottom - 1)], fill=_EDGE, width=2)
