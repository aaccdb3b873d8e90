"""What every format's finder hands over, and which of a document's images are worth a look."""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from ingest.parse import detect
from vernacular.errors import ImageRefused
from vernacular.images import media_type_of, size_in_header

SMALLEST_SIDE: Final = 64
SMALLEST_BYTES: Final = 2048
LARGEST_BYTES: Final = 32 << 20
MOST_BYTES: Final = 96 << 20
"""Of all images of one document together."""
MOST_SEEN: Final = 5000
DECORATION: Final = 3
"""Places from which on the same image is taken for a logo or an ornament."""
SOURCES: Final = frozenset({detect.DOCX, detect.PPTX, detect.XLSX, detect.PDF, detect.HTML})
# An image is a stream, and a stream's dictionary stands in a PDF file uncompressed.
_PDF_IMAGE: Final = re.compile(rb"/Subtype\s*/Image(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an image stands: on a page, slide or sheet (its number and name), or behind words.

    `behind`: the ends of the paragraphs before it, the nearest first, and how often the same words come before each.
    `scanned`: the page holds no letters, so that OCR has read it as a whole.
    """

    page: int | None = None
    label: str = ""
    behind: tuple[tuple[str, int], ...] = ()
    scanned: bool = False


@dataclass(frozen=True, slots=True)
class Embedded:
    """An image as the document holds it, or as a PNG where it holds bare pixels. `digest`: SHA-256 of what it holds."""

    data: bytes
    digest: str
    place: Place


@dataclass(frozen=True, slots=True)
class Candidate:
    """An image that was seen but not read. The same image has the same `key`; `read` gives None for what is no image."""

    key: str
    place: Place
    read: Callable[[], bytes | None]
    digest: str = ""


Look = Callable[[Iterable[Candidate]], list[Embedded]]
"""Chooses among candidates and reads those, while the document is open."""


def may_embed(data: bytes) -> bool:
    """Whether a file of one of `SOURCES` may hold images: a look at its bytes that unpacks nothing."""
    if data.startswith(b"PK"):
        return b"/media/" in data
    if b"%PDF-" in data[:1024]:
        return _PDF_IMAGE.search(data) is not None
    return b"data:image/" in data


def worth_a_look(candidates: Iterable[Candidate], most: int, deadline: float) -> list[Embedded]:
    """The first `most` images in order, each once: none that is tiny, and none that comes again and again."""
    seen = list(islice(candidates, MOST_SEEN))
    often = Counter(each.key for each in seen)
    found: dict[str, Embedded] = {}
    tried: set[str] = set()
    held = 0
    for each in seen:
        if len(found) >= most or held > MOST_BYTES or time.monotonic() > deadline:
            break
        if often[each.key] >= DECORATION or each.key in tried:
            continue
        tried.add(each.key)
        try:
            data = each.read()
        except MemoryError:
            continue
        if data is None or not SMALLEST_BYTES <= len(data) <= LARGEST_BYTES or _is_tiny(data):
            continue
        digest = each.digest or hashlib.sha256(data).hexdigest()
        if digest not in found:
            found[digest] = Embedded(data, digest, each.place)
            held += len(data)
    return list(found.values())


def _is_tiny(data: bytes) -> bool:
    """Whether the header says so, or that it is no image of a kind that is read here; damaged ones are not."""
    if media_type_of(data) is None:
        return True
    try:
        size = size_in_header(data)
    except ImageRefused:
        return False
    return size is not None and min(size) < SMALLEST_SIDE
