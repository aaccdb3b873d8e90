"""Files made to exhaust a parser. Each is refused in words or read in part, and the next file is read as if nothing had been."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

import pytest

from ingest.parse.sandbox import SandboxedParser
from tests.ingest import samples
from vernacular.errors import ImageRefused, UnreadableFile

PAGE = b"<html><head><title>T</title></head><body><h1>Hours</h1><p>Nine to five.</p></body></html>"
MEMORY_MB, SECONDS = 400, 2.5
_LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ha'>{}]>".format(
    "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
)
_ODT = "application/vnd.oasis.opendocument.text"


def _part(data: bytes, name: str, content: str | bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return samples.archive({**{each: file.read(each) for each in file.namelist()}, name: content})


def _laughing_docx() -> bytes:
    xml = f'<?xml version="1.0"?>{_LAUGHS}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    body = f"<w:body>{samples.paragraph('&a11;')}</w:body></w:document>"
    return _part(samples.docx(""), "word/document.xml", xml + body)


def _external_entity_docx() -> bytes:
    xml = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    head = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    return _part(samples.docx(""), "word/document.xml", f"{xml}{head}{samples.paragraph('&e;')}</w:body></w:document>")


def _sheet_bomb() -> bytes:
    rows = "".join(f'<row r="{n}"><c r="XFD{n}" t="inlineStr"><is><t>x</t></is></c></row>' for n in range(1, 3000))
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    return _part(samples.xlsx({"S": [["a"]]}), "xl/worksheets/sheet1.xml", sheet)


def _far_cell() -> bytes:
    row = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>y</t></is></c></row>{row}</sheetData></worksheet>'
    return _part(samples.xlsx({"S": [["a"]]}), "xl/worksheets/sheet1.xml", sheet)


def _zip_bomb(name: str, mimetype: str = "") -> bytes:
    files: dict[str, str | bytes] = {"mimetype": mimetype} if mimetype else {}
    return samples.archive({**files, name: b"<p>" + b"bomb" * 30_000_000})


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, idat: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(idat, 9)) + _chunk(b"IEND", b"")


def _huge_picture() -> bytes:
    return _png(50_000, 50_000, bytes(20_000_000))


def _pdf(*objects: bytes) -> bytes:
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, each) for number, each in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer\n<< /Root 1 0 R /Size 99 >>\n%%EOF"


def _stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n" % (len(data), extra) + data + b"\nendstream"


def _page_tree_loop() -> bytes:
    return _pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2000000000 >>")


def _form_loop() -> bytes:
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /A 5 0 R >> >> >>"
    )
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A 5 0 R >> >>"
    return _pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page,
        _stream(zlib.compress(b"/A Do " * 1000)), _stream(zlib.compress(b"/A Do " * 1000), form),
    )  # fmt: skip


def _flate_bomb() -> bytes:
    packed = zlib.compress(zlib.compress(b"BT /F1 9 Tf (bomb) Tj ET " * 6_000_000, 9), 9)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>"
    stream = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n" % len(packed) + packed + b"\nendstream"
    return _pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, stream)


def _deep_arrays() -> bytes:
    return _pdf(b"<< /Type /Catalog /Pages 2 0 R /X " + b"[" * 2_000_000 + b" >>")


def _nested_mail() -> bytes:
    heads = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(3000))
    return f"From: a@example.org\nSubject: S\nMIME-Version: 1.0\n{heads}Content-Type: text/plain\n\nHours\n".encode()


def _wide_mail() -> bytes:
    return b"From: a@example.org\nSubject: " + b"=?utf-8?q?x?= " * 200_000 + b"\n\nHours\n"


BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "laughs": ("a.xml", f'<?xml version="1.0"?>{_LAUGHS}<x>&a11;</x>'.encode),
    "laughs in docx": ("a.docx", _laughing_docx),
    "external entity in docx": ("a.docx", _external_entity_docx),
    "deep xml": ("a.xml", lambda: b"<?xml version='1.0'?>" + b"<a>" * 500_000 + b"x" + b"</a>" * 500_000),
    "zip in docx": ("a.docx", samples.zip_bomb_docx),
    "zip in odt": ("a.odt", lambda: _zip_bomb("content.xml", _ODT)),
    "zip in epub": ("a.epub", lambda: _zip_bomb("a.xhtml", "application/epub+zip")),
    "zip in xlsx": ("a.xlsx", lambda: _part(samples.xlsx({"S": [["a"]]}), "xl/sharedStrings.xml", b"<sst>" + b"<si><t>b</t></si>" * 8_000_000)),
    "wide sheet": ("a.xlsx", _sheet_bomb),
    "far cell": ("a.xlsx", _far_cell),
    "deep json": ("a.json", lambda: b"[" * 2_000_000 + b"]" * 2_000_000),
    "deep html": ("a.html", lambda: b"<html><body>" + b"<div>" * 400_000 + b"Hours"),
    "unclosed tables": ("a.html", lambda: b"<html><body>" + b"<table><tr><td>" * 60_000 + b"Hours"),
    "formatting": ("a.html", lambda: b"<html><body>" + b"<b><i><a>" * 60_000 + b"<p>" * 60_000 + b"Hours"),
    "attributes": ("a.html", lambda: b"<html><body><p " + b" ".join(b"a%d=1" % n for n in range(20_000)) + b">Hours</p>"),
    "columns": ("a.csv", lambda: b"a," * 600_000 + b"\n" + b"1," * 600_000),
    "quotes": ("a.csv", lambda: b'a,"' + b"x" * 20_000_000),
    "aliases": ("a.md", lambda: b"---\na: &a [x]\n" + b"".join(b"b%d: &b%d [*a,*a]\n" % (n, n) for n in range(200)) + b"---\nHours"),
    "deep quotes": ("a.md", lambda: b"> " * 400_000 + b"Hours"),
    "nested mail": ("a.eml", _nested_mail),
    "wide mail": ("a.eml", _wide_mail),
    "deep rtf": ("a.rtf", lambda: b"{\\rtf1 " + b"{" * 1_000_000 + b"Hours" + b"}" * 1_000_001),
    "page tree loop": ("a.pdf", _page_tree_loop),
    "form loop": ("a.pdf", _form_loop),
    "flate of flate": ("a.pdf", _flate_bomb),
    "deep arrays": ("a.pdf", _deep_arrays),
    "huge picture": ("a.png", _huge_picture),
}  # fmt: skip


@pytest.fixture(scope="module")
def parser() -> Iterator[SandboxedParser]:
    with SandboxedParser(memory_mb=MEMORY_MB, timeout_s=SECONDS) as made:
        yield made


def outcome(parser: SandboxedParser, data: bytes, filename: str) -> str:
    """The text, or why there is none: no other error, and no silence."""
    try:
        return parser.parse(data, filename).text
    except UnreadableFile as error:
        return error.message


@pytest.mark.integration
class TestBombs:
    @pytest.mark.parametrize("name", BOMBS)
    def test_end_in_words_and_the_next_file_is_read(self, parser: SandboxedParser, name: str) -> None:
        filename, made = BOMBS[name]
        told = outcome(parser, made(), filename)
        assert len(told) < 100_000_000
        assert "root:" not in told
        assert parser.parse(PAGE, "a.html").title == "T"

    def test_a_huge_picture_in_a_document_is_left_out(self, parser: SandboxedParser) -> None:
        data = samples.docx_with_images(samples.picture_paragraph("rId9", "Hours"), {"rId9": _huge_picture()})
        kind, images = parser.images(data, "a.docx", None, 5)
        assert kind.endswith("wordprocessingml.document")
        for image in images:
            with pytest.raises((ImageRefused, UnreadableFile)):
                parser.picture(image.data, "a.png")
        assert parser.parse(data, "a.docx").text == "Hours"

    def test_a_huge_picture_in_a_page_is_left_out(self, parser: SandboxedParser) -> None:
        address = f"data:image/png;base64,{base64.b64encode(_huge_picture()).decode()}"
        page = f"<html><body><p>Hours</p><img src='{address}'></body></html>".encode()
        for image in parser.images(page, "a.html", None, 5)[1]:
            with pytest.raises((ImageRefused, UnreadableFile)):
                parser.picture(image.data, "a.png")
        assert parser.parse(page, "a.html").text == "Hours"
