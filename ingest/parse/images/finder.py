"""One door for the images in all formats."""

from __future__ import annotations

import time
from functools import partial

from ingest.parse import detect
from ingest.parse.images.embedded import Embedded, worth_a_look


def find_images(
    data: bytes, filename: str, media_type: str | None, *, most: int, seconds: float, megapixels: float
) -> tuple[str, list[Embedded]]:
    """What the file is, and the first `most` images in it that may tell something; after `seconds` no more are read."""
    media = detect.media_type(data, filename, media_type)
    look = partial(worth_a_look, most=most, deadline=time.monotonic() + seconds)
    # Imported when the first file of its kind comes, as the readers are.
    if media == detect.PDF:
        from ingest.parse.images.pdf import in_pdf

        return media, in_pdf(data, look, megapixels / 2)  # pixels are held as stored, as painted and as an image
    if media == detect.HTML:
        from ingest.parse.images.html import in_html

        return media, in_html(data, look)
    if media in (detect.DOCX, detect.PPTX, detect.XLSX):
        from ingest.parse.images import office

        finders = {detect.DOCX: office.in_word, detect.PPTX: office.in_slides, detect.XLSX: office.in_sheets}
        return media, finders[media](data, look)
    return media, []
