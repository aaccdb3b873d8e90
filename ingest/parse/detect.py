"""What a file is: its first bytes say, then its name, then whoever sent it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePath

MARKDOWN, TEXT, HTML, PDF = (
    "text/markdown",
    "text/plain",
    "text/html",
    "application/pdf",
)
CSV, TSV, JSON, NDJSON, XML = (
    "text/csv",
    "text/tab-separated-values",
    "application/json",
    "application/x-ndjson",
    "text/xml",
)
EML, MSG, RTF, EPUB = (
    "message/rfc822",
    "application/vnd.ms-outlook",
    "application/rtf",
    "application/epub+zip",
)
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
DOCX, PPTX, XLSX = (
    _OPEN_XML + kind
    for kind in (
        "wordprocessingml.document",
        "presentationml.presentation",
        "spreadsheetml.sheet",
    )
)
ODT, ODP, ODS = (f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "presentation", "spreadsheet"))
DOC, PPT, XLS = (
    "application/msword",
    "application/vnd.ms-powerpoint",
    "application/vnd.ms-excel",
)
IMAGES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "tif": "image/tiff", "tiff": "image/tiff",
          "webp": "image/webp", "bmp": "image/bmp", "gif": "image/gif"}  # fmt: skip
ZIP, OLE, ENCRYPTED_OLE, BINARY = (
    "application/zip",
    "application/x-ole-storage",
    "application/encrypted",
    "application/octet-stream",
)

EXTENSIONS = {
    "txt": TEXT, "text": TEXT, "log": TEXT, "md": MARKDOWN, "markdown": MARKDOWN, "mdx": MARKDOWN, "html": HTML,
    "htm": HTML, "xhtml": HTML, "pdf": PDF, "csv": CSV, "tsv": TSV, "tab": TSV, "json": JSON, "ndjson": NDJSON,
    "jsonl": NDJSON, "xml": XML, "eml": EML, "msg": MSG, "rtf": RTF, "epub": EPUB, "docx": DOCX, "docm": DOCX,
    "pptx": PPTX, "pptm": PPTX, "ppsx": PPTX, "xlsx": XLSX, "xlsm": XLSX, "odt": ODT, "odp": ODP, "ods": ODS,
    "doc": DOC, "ppt": PPT, "xls": XLS, **IMAGES,
}  # fmt: skip
_MAGIC = (
    (b"%PDF-", PDF), (b"{\\rtf", RTF), (b"\x89PNG\r\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"), (b"MM\x00*", "image/tiff"), (b"GIF8", "image/gif"),
)  # fmt: skip
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML_START = re.compile(rb"\s*<\?xml\b")
_MAIL_START = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]{0,60}:[ \t].*\r?\n(?:[ \t].*\r?\n)*){2,}")
_MAIL_FIELD = re.compile(rb"^(?:From|Received|Message-ID|MIME-Version|Date|To|Subject):", re.IGNORECASE | re.MULTILINE)


def media_type(data: bytes, filename: str, declared: str | None = None) -> str:
    """The media type that decides how `data` is read; `application/octet-stream` when it is none we know."""
    named = EXTENSIONS.get(PurePath(filename).suffix.lower().lstrip("."))
    found = _by_magic(data, named)
    if found:
        return found
    if _is_binary(data):
        return BINARY
    if named and not _needs_container(named):
        return named
    if declared:
        declared = declared.split(";")[0].strip().lower()
        if declared in EXTENSIONS.values() and not _needs_container(declared) and declared != TEXT:
            return declared
    return _by_look(data)


def _needs_container(media: str) -> bool:
    """Formats that always begin with bytes of their own: without them the name is wrong."""
    return media in (
        PDF,
        RTF,
        EPUB,
        DOCX,
        PPTX,
        XLSX,
        ODT,
        ODP,
        ODS,
        DOC,
        PPT,
        XLS,
        MSG,
    ) or media.startswith("image/")


def _by_magic(data: bytes, named: str | None) -> str | None:
    for magic, media in _MAGIC:
        if data.startswith(magic):
            return media
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[:2] == b"BM" and named == "image/bmp":
        return named
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _inside_zip(data, named)
    if data.startswith(_OLE_MAGIC):
        return _inside_ole(data, named)
    if b"%PDF-" in data[:1024] and (named == PDF or named is None):
        return PDF
    return None


def _inside_zip(data: bytes, named: str | None) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist()[:10_000])
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                kind = archive.read("mimetype").decode("ascii", "replace").strip()
                if kind in (EPUB, ODT, ODP, ODS):
                    return kind
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return named if named and _needs_container(named) else ZIP
    for start, media in (("word/", DOCX), ("ppt/", PPTX), ("xl/", XLSX)):
        if any(name.startswith(start) for name in names):
            return media
    return ZIP


def _inside_ole(data: bytes, named: str | None) -> str:
    """The names of an OLE file's streams are UTF-16 in its directory."""
    for stream, media in (("EncryptedPackage", ENCRYPTED_OLE), ("WordDocument", DOC), ("PowerPoint Document", PPT),
                          ("__properties_version1.0", MSG), ("Workbook", XLS), ("Book", XLS)):  # fmt: skip
        if stream.encode("utf-16-le") in data:
            return media
    return named if named in (DOC, PPT, XLS, MSG) else OLE


def _is_binary(data: bytes) -> bool:
    """Many control characters, or NULs that are no halves of UTF-16 letters."""
    sample = data[:4096]
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    controls = sum(sample.count(code) for code in (*range(1, 7), *range(14, 26), *range(28, 32)))
    if controls > len(sample) // 20:
        return True
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    is_utf16 = max(even, odd) > 0.2 * len(sample) and min(even, odd) < 0.025 * len(sample)
    return even + odd > 1 + len(sample) // 100 and not is_utf16


def _by_look(data: bytes) -> str:
    head = data[:4096]
    if _HTML_START.match(head):
        return HTML
    if _XML_START.match(head):
        return XML
    if _MAIL_START.match(head) and len(_MAIL_FIELD.findall(head)) >= 2:
        return EML
    return TEXT
