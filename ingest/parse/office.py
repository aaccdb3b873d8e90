"""Office files, e-books and Outlook messages, by xberg."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from ingest.parse.draft import Draft, Part
from vernacular.errors import EncryptedFile, UnreadableFile

if TYPE_CHECKING:
    from xberg import ExtractedDocument, ExtractionConfig

_MAX_UNPACKED = 200 * 1024 * 1024
_MAX_TEXT = 50 * 1024 * 1024
_MAX_CELLS = 2_000_000
_SECONDS = 60
_ENCRYPTED = re.compile(r"password|encrypt", re.IGNORECASE)
_TOO_MUCH = re.compile(r"security|limit|bomb|ratio|too (?:large|deep|many)|exceed", re.IGNORECASE)
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_IMAGE = re.compile(r"\\?!\[([^\]\n]*)\]\([^)\n]*\)")
_LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\((?:<[^>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?: \"[^\"\n]*\")?\)")
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])")
_ESCAPE = re.compile(r"\\([!-/:-@\[\]^_`{}~])")
_EMPTY_ROW = re.compile(r"^\|(?:[ \t]*\|)+[ \t]*\n", re.MULTILINE)
_EMPTY_ALT = re.compile(r"^(?:image\d*|picture \d+|grafik \d+|图片 ?\d+)?$", re.IGNORECASE)


def read_office(data: bytes, filename: str) -> Draft:
    """Documents that flow: one text, as their page breaks are the printer's, not the author's."""
    found = _extract(data, filename, None)
    return Draft((Part(readable(found.content)),), title=found.metadata.title or "")


def read_slides(data: bytes, filename: str) -> Draft:
    """A part for each slide, its speaker's notes at its end."""
    found = _extract(data, filename, None)
    texts = map(_slide, found.pages or [])
    parts = [Part(text if any(map(str.isalnum, text)) else "") for text in texts]  # an empty slide comes as a rule
    return _paged(parts, found)


def read_sheets(data: bytes, filename: str) -> Draft:
    """A part for each sheet under a heading of its name."""
    found = _extract(data, filename, None)
    parts = []
    for page in found.pages or []:
        name = page.sheet_name or ""
        text = readable(page.content).strip().removeprefix(f"## {name}").strip()
        parts.append(Part(f"## {name}\n\n{text}" if name and text else text, name))
    return _paged(parts, found) if any(part.text for part in parts) else Draft(parts, paged=True)


def extract_pages(data: bytes, filename: str, media_type: str) -> list[str]:
    return [readable(page.content) for page in _extract(data, filename, media_type).pages or []]


def readable(markdown: str) -> str:
    """The words a reader sees: no escapes, emphasis marks, link targets, picture references or empty table rows."""
    text = _FRONT.sub("", markdown)
    text = _IMAGE.sub(lambda match: "" if _EMPTY_ALT.match(match[1]) else match[1], text)
    text = _LINK.sub(r"\1", text)
    text = _ITALIC.sub(r"\1", _BOLD.sub(r"\2", text))
    return _EMPTY_ROW.sub("", _ESCAPE.sub(r"\1", text))


def _slide(page: Any) -> str:
    notes = (page.speaker_notes or "").strip()
    return f"{readable(page.content)}\n\n{notes}" if notes else readable(page.content)


def _paged(parts: list[Part], found: ExtractedDocument) -> Draft:
    """The parts as pages, unless they lost text that the whole has."""
    whole = readable(found.content)
    lost = sum(len(part.text) for part in parts) < 0.8 * len(whole)
    if lost and any(map(str.isalnum, whole)):  # slides of pictures alone leave nothing but rules between them
        return Draft((Part(whole),), title=found.metadata.title or "")
    return Draft(parts, paged=True, title=found.metadata.title or "")


def _extract(data: bytes, filename: str, media_type: str | None) -> ExtractedDocument:
    """Raises EncryptedFile, UnreadableFile."""
    import xberg

    # Bytes only: given a URI, xberg would fetch it.
    request = xberg.ExtractInput(kind="bytes", bytes=data, filename=filename, mime_type=media_type)
    try:
        result = asyncio.run(xberg.extract(request, _config()))
    except (xberg.XbergError, RuntimeError, ValueError, OSError) as error:
        raise _reason(filename, str(error)) from error
    if result.errors or not result.results:
        raise _reason(filename, str(result.errors[0].message) if result.errors else "nothing was found in it")
    return result.results[0]


def _reason(filename: str, message: str) -> UnreadableFile:
    if _ENCRYPTED.search(message):
        return EncryptedFile(f"`{filename}` is protected by a password.")
    if _TOO_MUCH.search(message):
        return UnreadableFile(
            f"`{filename}` unpacks to more than is safe to read.",
            "Split it into several files, or export it again without media.",
        )
    return UnreadableFile(f"`{filename}` is damaged.", "Open it in its own program and save or export it again.")


def _config() -> ExtractionConfig:
    import xberg

    return xberg.ExtractionConfig(
        use_cache=False,
        disable_ocr=True,
        output_format="markdown",
        escape_markdown=False,
        enable_quality_processing=False,
        max_archive_depth=1,
        extraction_timeout_secs=_SECONDS,
        pages=xberg.PageConfig(extract_pages=True),
        concurrency=xberg.ConcurrencyConfig(max_threads=1),
        security_limits=xberg.SecurityLimits(
            max_archive_size=_MAX_UNPACKED,
            max_content_size=_MAX_TEXT,
            max_xml_depth=512,
            max_table_cells=_MAX_CELLS,
        ),
    )
