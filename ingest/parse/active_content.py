"""What a file could do in its own program and never does here: named, so that whoever looks after the documents knows of it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Final

from ingest.parse import detect

KEY: Final = "active_content"
"""In a document's metadata."""
MACROS, DDE, TEMPLATE, EXTERNAL, OBJECTS, SCRIPTS = (
    "macros",
    "dde",
    "remote_template",
    "external_links",
    "embedded_objects",
    "scripts",
)
_MOST_PARTS: Final = 200
_MAX_PART: Final = 20_000_000
_DDE_FIELD: Final = re.compile(
    rb"<w:instrText[^>]*>[^<]{0,200}\bDDE(?:AUTO)?\b|w:instr=\"[^\"]{0,200}\bDDE(?:AUTO)?\b", re.IGNORECASE
)
_REMOTE: Final = re.compile(rb"<Relationship\b[^>]{0,4000}\bTargetMode=[\"']External[\"'][^>]{0,4000}>")
_PDF_SCRIPTS: Final = re.compile(rb"/(?:JavaScript|JS|Launch|RichMedia)\b")
_PDF_FILES: Final = re.compile(rb"/EmbeddedFiles?\b")
_VBA: Final = "_VBA_PROJECT".encode("utf-16-le")
_OPEN_XML: Final = (detect.DOCX, detect.PPTX, detect.XLSX)
_OLE: Final = (detect.DOC, detect.PPT, detect.XLS)
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


def active_content(data: bytes, media_type: str) -> list[str]:
    """Sorted names of what there is; empty for most files. What is compressed in a PDF is not looked into."""
    found: set[str] = set()
    if media_type in (*_OPEN_XML, detect.ODT, detect.ODS, detect.ODP):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                found = _in_office(archive)
        except _DAMAGED:
            return []
    elif media_type in _OLE and _VBA in data:
        found.add(MACROS)
    elif media_type == detect.PDF:
        found |= {SCRIPTS} if _PDF_SCRIPTS.search(data) else set()
        found |= {OBJECTS} if _PDF_FILES.search(data) else set()
    return sorted(found)


def _in_office(archive: zipfile.ZipFile) -> set[str]:
    found: set[str] = set()
    looked_into = 0
    for entry in archive.infolist():
        name = entry.filename
        if name.lower().endswith("vbaproject.bin") or name.startswith(("Basic/", "Scripts/", "xl/macrosheets/")):
            found.add(MACROS)
        elif "/embeddings/" in name or "/activeX/" in name:
            found.add(OBJECTS)
        elif _may_tell(name) and entry.file_size <= _MAX_PART and looked_into < _MOST_PARTS:
            looked_into += 1
            found |= _in_part(name, archive.read(entry))
    return found


def _may_tell(name: str) -> bool:
    return name.endswith(".rels") or "/externalLinks/" in name or name in ("word/document.xml", "content.xml")


def _in_part(name: str, part: bytes) -> set[str]:
    if name.endswith(".rels"):
        remote = [each.group() for each in _REMOTE.finditer(part) if b"/hyperlink" not in each.group()]
        return {TEMPLATE if b"/attachedTemplate" in each else EXTERNAL for each in remote}
    if "/externalLinks/" in name:
        return {DDE} if b"ddeLink" in part else {EXTERNAL}
    if name == "content.xml":
        return {DDE} if b"dde-source" in part or b"dde-connection" in part else set()
    return {DDE} if _DDE_FIELD.search(part) else set()
