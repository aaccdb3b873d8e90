"""One door for all formats: bytes in, a Document out, in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from ingest.parse import detect
from ingest.parse.active_content import KEY, active_content
from ingest.parse.draft import Draft, finish
from vernacular.errors import EmptyFile, EncryptedFile, UnsupportedFile
from vernacular.types import Document

Reader = Callable[[bytes, str], Draft]

# Reader's module and function: imported when the first file of its kind comes, as some cost 100 MB.
_READERS: dict[str, tuple[str, str]] = {
    detect.TEXT: ("plain", "read_text"),
    detect.MARKDOWN: ("plain", "read_markdown"),
    detect.PDF: ("pdf.reader", "read_pdf"),
    detect.HTML: ("html", "read_html"),
    detect.CSV: ("delimited", "read_csv"),
    detect.TSV: ("delimited", "read_csv"),
    detect.JSON: ("structured", "read_json"),
    detect.NDJSON: ("structured", "read_json_lines"),
    detect.XML: ("structured", "read_xml"),
    detect.EML: ("mail", "read_mail"),
    **dict.fromkeys(
        (detect.DOCX, detect.ODT, detect.DOC, detect.RTF, detect.EPUB, detect.MSG), ("office", "read_office")
    ),
    **dict.fromkeys((detect.PPTX, detect.ODP, detect.PPT), ("office", "read_slides")),
    **dict.fromkeys((detect.XLSX, detect.ODS, detect.XLS), ("office", "read_sheets")),
    **dict.fromkeys(detect.IMAGES.values(), ("ocr", "read_image")),
}
# Formats read by a few lines of Python: safe and cheap enough for the caller's own process.
LIGHT = frozenset({detect.TEXT, detect.MARKDOWN})


def parse(data: bytes, filename: str, media_type: str | None = None) -> Document:
    """Reads one file; `source_id` is the id in its front matter, else `filename`.

    `media_type` helps only where neither the bytes nor the extension tell. Raises UnreadableFile
    (EmptyFile, EncryptedFile, UnsupportedFile …) with a reason for the person who sent the file.
    """
    if not data.strip(b"\x00\t\n\r \xef\xbb\xbf"):
        raise EmptyFile(f"`{filename}` is empty.")
    media = detect.media_type(data, filename, media_type)
    document = finish(reader(media, filename)(data, filename), filename, media)
    active = active_content(data, media)
    return replace(document, metadata={**document.metadata, KEY: active}) if active else document


def reader(media_type: str, filename: str) -> Reader:
    """The function that reads `media_type`. Raises UnsupportedFile, EncryptedFile."""
    if media_type == detect.ENCRYPTED_OLE:
        raise EncryptedFile(f"`{filename}` is protected by a password.")
    try:
        module, function = _READERS[media_type]
    except KeyError:
        raise UnsupportedFile(f"`{filename}` is of a kind that cannot be read ({media_type}).") from None
    found: Reader = getattr(import_module(f"ingest.parse.{module}"), function)
    return found
