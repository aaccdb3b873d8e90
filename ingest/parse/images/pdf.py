"""Images on the pages of a PDF file: JPEG as it is, anything else as a PNG of its pixels."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from ingest.parse.images.embedded import SMALLEST_BYTES, SMALLEST_SIDE, Candidate, Embedded, Look, Place

_MAX_PAGES: Final = 1000
_A_PAGE: Final = 200
"""Images of one page that are looked at: a drawing cut into thousands of strips is none that could be described."""
_LONGEST_SIDE: Final = 2048
_BACKGROUND: Final = 0.7
"""Share of a page with letters from which on an image is what lies under them: a scan, or an ornament."""
_FEW_LETTERS: Final = 100


def in_pdf(data: bytes, look: Look, megapixels: float) -> list[Embedded]:
    """`megapixels`: the largest image whose pixels are unpacked."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return []
    try:
        pages = range(min(len(document), _MAX_PAGES))
        return look(each for number in pages for each in _on_page(document, number, megapixels))
    finally:
        document.close()


def _on_page(document: pypdfium2.PdfDocument, number: int, megapixels: float) -> Iterator[Candidate]:
    with suppress(pypdfium2.PdfiumError):  # one broken page does not cost the others theirs
        page = document[number]
        try:
            images = list(islice(_images(page), _A_PAGE))
            letters = _letters(page) if images else 0
            place = Place(number + 1, scanned=not letters)
            for at, image in enumerate(images):
                if _is_small(image) or (letters > _FEW_LETTERS and _share(image, page) > _BACKGROUND):
                    continue
                held = bytes(image.get_data(decode_simple=False))
                if len(held) >= SMALLEST_BYTES:
                    digest = hashlib.sha256(held).hexdigest()
                    yield Candidate(digest, place, _Reader(document, number, at, megapixels), digest)
        finally:
            page.close()


def _letters(page: pypdfium2.PdfPage) -> int:
    text = page.get_textpage()
    try:
        return len("".join(text.get_text_range().split()))
    finally:
        text.close()


def _images(page: pypdfium2.PdfPage) -> Iterator[pypdfium2.PdfImage]:
    yield from page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=4)


class _Reader:
    """Gives an image's bytes when asked; its page is opened anew, as a thousand open ones would fill memory."""

    def __init__(self, document: pypdfium2.PdfDocument, page: int, at: int, megapixels: float) -> None:
        self._document, self._page, self._at = document, page, at
        self._megapixels = megapixels

    def __call__(self) -> bytes | None:
        page = self._document[self._page]
        try:
            image = next(each for at, each in enumerate(_images(page)) if at == self._at)
            return self._bytes(image)
        except pypdfium2.PdfiumError:
            return None
        finally:
            page.close()

    def _bytes(self, image: pypdfium2.PdfImage) -> bytes | None:
        if image.get_filters() == ["DCTDecode"] and _is_as_stored(image):
            return bytes(image.get_data(decode_simple=False))
        most = self._megapixels * 1_000_000
        width, height = image.get_px_size()
        if width * height > most:
            return None
        return _png(image.get_bitmap(render=_pixels_as_shown(image) <= most))


def _is_small(image: pypdfium2.PdfImage) -> bool:
    width, height = image.get_px_size()
    return bool(min(width, height) < SMALLEST_SIDE)


def _share(image: pypdfium2.PdfImage, page: pypdfium2.PdfPage) -> float:
    """How much of the page the image covers."""
    left, bottom, right, top = image.get_bounds()
    return float((right - left) * (top - bottom) / max(page.get_width() * page.get_height(), 1.0))


def _is_as_stored(image: pypdfium2.PdfImage) -> bool:
    """Whether the page shows it neither turned nor flipped nor through a mask."""
    a, b, c, d, *_ = image.get_matrix().get()
    upright = a > 0 and d > 0 and abs(b) < 0.01 * a and abs(c) < 0.01 * d
    return bool(upright) and not pdfium.FPDFPageObj_HasTransparency(image)


def _pixels_as_shown(image: pypdfium2.PdfImage) -> float:
    """Pixels of the image scaled so that none of its own is lost: without bound where a page squeezes it to a line."""
    width, height = image.get_px_size()
    left, bottom, right, top = image.get_bounds()
    across, up = right - left, top - bottom
    if min(across, up) <= 0:
        return math.inf
    if (width < height) != (across < up):
        width, height = height, width
    scale = max(width / across, height / up)
    return float(across * up * scale * scale)


def _png(bitmap: pypdfium2.PdfBitmap) -> bytes:
    pixels: Image.Image = bitmap.to_pil()
    pixels.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    buffer = io.BytesIO()
    pixels.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
