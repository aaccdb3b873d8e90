"""Small files of every kind, made on the spot."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from email.message import EmailMessage

from PIL import Image

Placed = tuple[float, float, float, str]
"""A text in a PDF: x, y, font size, words."""

_TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{}</Types>'
_DEFAULTS = (
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
)
_RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    "{}</Relationships>"
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "application/vnd.openxmlformats-officedocument."
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SLIDE = "http://schemas.openxmlformats.org/presentationml/2006/main"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"


def archive(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return out.getvalue()


def _override(part: str, kind: str) -> str:
    return f'<Override PartName="/{part}" ContentType="{_MAIN}{kind}+xml"/>'


def _rel(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'


def paragraph(text: str, style: str = "") -> str:
    mark = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{mark}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def word_table(rows: Sequence[Sequence[str]]) -> str:
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def docx(body: str) -> bytes:
    styles = (
        f'<w:styles xmlns:w="{_WORD}"><w:style w:type="paragraph" w:styleId="Heading1">'
        '<w:name w:val="heading 1"/></w:style></w:styles>'
    )
    return archive(
        {
            "[Content_Types].xml": _TYPES.format(
                _DEFAULTS
                + _override("word/document.xml", "wordprocessingml.document.main")
                + _override("word/styles.xml", "wordprocessingml.styles")
            ),
            "_rels/.rels": _RELS.format(_rel(1, "officeDocument", "word/document.xml")),
            "word/_rels/document.xml.rels": _RELS.format(_rel(1, "styles", "styles.xml")),
            "word/styles.xml": styles,
            "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>',
        }
    )


def xlsx(sheets: dict[str, Sequence[Sequence[str]]]) -> bytes:
    names = list(sheets)
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES.format(
            _DEFAULTS
            + _override("xl/workbook.xml", "spreadsheetml.sheet.main")
            + "".join(
                _override(f"xl/worksheets/sheet{at}.xml", "spreadsheetml.worksheet") for at in range(1, len(names) + 1)
            )
        ),
        "_rels/.rels": _RELS.format(_rel(1, "officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": _RELS.format(
            "".join(_rel(at, "worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(names) + 1))
        ),
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>'
        + "".join(f'<sheet name="{name}" sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(names, 1))
        + "</sheets></workbook>",
    }
    for at, name in enumerate(names, 1):
        rows = "".join(
            f'<row r="{y}">'
            + "".join(
                f'<c r="{chr(64 + x)}{y}" t="inlineStr"><is><t>{cell}</t></is></c>' for x, cell in enumerate(row, 1)
            )
            + "</row>"
            for y, row in enumerate(sheets[name], 1)
        )
        files[f"xl/worksheets/sheet{at}.xml"] = f'<worksheet xmlns="{_SHEET}"><sheetData>{rows}</sheetData></worksheet>'
    return archive(files)


def pptx(slides: Sequence[str]) -> bytes:
    numbers = range(1, len(slides) + 1)
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES.format(
            _DEFAULTS
            + _override("ppt/presentation.xml", "presentationml.presentation.main")
            + "".join(_override(f"ppt/slides/slide{at}.xml", "presentationml.slide") for at in numbers)
        ),
        "_rels/.rels": _RELS.format(_rel(1, "officeDocument", "ppt/presentation.xml")),
        "ppt/_rels/presentation.xml.rels": _RELS.format(
            "".join(_rel(at, "slide", f"slides/slide{at}.xml") for at in numbers)
        ),
        "ppt/presentation.xml": f'<p:presentation xmlns:p="{_SLIDE}" xmlns:r="{_OFFICE}"><p:sldIdLst>'
        + "".join(f'<p:sldId id="{255 + at}" r:id="rId{at}"/>' for at in numbers)
        + "</p:sldIdLst></p:presentation>",
    }
    for at, text in enumerate(slides, 1):
        files[f"ppt/slides/slide{at}.xml"] = (
            f'<p:sld xmlns:p="{_SLIDE}" xmlns:a="{_DRAWING}"><p:cSld><p:spTree><p:nvGrpSpPr/><p:grpSpPr/>'
            f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="Text"/></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>'
            f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
        )
    return archive(files)


def pdf(pages: Sequence[Sequence[Placed]], *, title: str = "", encrypted: bool = False) -> bytes:
    """A PDF whose pages (600 by 800 points) show Latin texts in Helvetica."""
    contents = [
        "".join(f"BT /F1 {size} Tf {x} {y} Td ({_escaped(text)}) Tj ET\n" for x, y, size, text in page).encode(
            "latin-1"
        )
        for page in pages
    ]
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    return _pdf_file(contents, [font], title=title, encrypted=encrypted)


def pdf_of_glyphs(lines: Sequence[tuple[float, str]]) -> bytes:
    """A one-page PDF that paints each line's letters from left to right, whatever they are: (y, painted letters)."""
    letters = sorted({letter for _, line in lines for letter in line})
    codes = {letter: at for at, letter in enumerate(letters, 1)}
    content = "".join(
        f"BT /F1 20 Tf 100 {y} Td <{''.join(f'{codes[letter]:04x}' for letter in line)}> Tj ET\n" for y, line in lines
    )
    pairs = "".join(f"<{code:04x}> <{letter.encode('utf-16-be').hex()}>\n" for letter, code in codes.items())
    unicode_map = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{len(codes)} beginbfchar\n{pairs}endbfchar\n"
        "endcmap end end"
    ).encode()
    return _pdf_file(
        [content.encode()],
        [
            b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>",
            b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /DW 500 /CIDToGIDMap /Identity /FontDescriptor 8 0 R"
            b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
            b"<< /Length %d >>\nstream\n" % len(unicode_map) + unicode_map + b"\nendstream",
            b"<< /Type /FontDescriptor /FontName /X /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 800"
            b" /Descent -200 /CapHeight 700 /StemV 80 >>",
        ],
    )


def _pdf_file(contents: Sequence[bytes], fonts: Sequence[bytes], *, title: str = "", encrypted: bool = False) -> bytes:
    """Objects: 1 catalogue, 2 pages, 3 information, 4 encryption, 5… fonts, then a page and its content by turns."""
    first = 5 + len(fonts)
    kids = " ".join(f"{first + 2 * at} 0 R" for at in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>".encode(),
        f"<< /Title ({_escaped(title)}) >>".encode("latin-1"),
        b"<< /Filter /Standard /V 1 /R 2 /P -4 /O (" + b"o" * 32 + b") /U (" + b"u" * 32 + b") >>",
        *fonts,
    ]
    for at, content in enumerate(contents):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {first + 2 * at + 1} 0 R"
            " /Resources << /Font << /F1 5 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n" % len(content) + content + b"\nendstream")
    security = b" /Encrypt 4 0 R /ID [(0123456789abcdef) (0123456789abcdef)]" if encrypted else b""
    return _numbered(objects, b"/Root 1 0 R /Info 3 0 R" + security)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def zip_bomb_docx() -> bytes:
    """A document part of 80 MB in a file of 80 kB."""
    return docx(paragraph("bomb" * 250) * 80_000)


def mail(subject: str, body: str, *, html: str | None = None) -> bytes:
    message = EmailMessage()
    message["From"] = "Mona <mona@example.org>"
    message["To"] = "office@example.org"
    message["Date"] = "Mon, 05 Jan 2026 10:00:00 +0200"
    message["Subject"] = subject
    message.set_content(body)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


# -- documents with images ----------------------------------------------------------------------------------------------


def drawing(relation: str) -> str:
    """A picture as a drawing holds it."""
    return (
        f'<pic:pic xmlns:pic="{_DRAWING.replace("main", "picture")}"><pic:blipFill>'
        f'<a:blip xmlns:a="{_DRAWING}" xmlns:r="{_OFFICE}" r:embed="{relation}"/></pic:blipFill></pic:pic>'
    )


def picture_paragraph(relation: str, text: str = "") -> str:
    words = f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>' if text else ""
    return f"<w:p>{words}<w:r><w:drawing>{drawing(relation)}</w:drawing></w:r></w:p>"


def _with(data: bytes, files: dict[str, str | bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return archive({**{name: file.read(name) for name in file.namelist()}, **files})


def docx_with_images(body: str, images: dict[str, bytes]) -> bytes:
    """`images` by the relation that `picture_paragraph` names."""
    rels = "".join(
        f'<Relationship Id="{relation}" Type="{_OFFICE}/image" Target="media/{relation}.bin"/>' for relation in images
    )
    parts: dict[str, str | bytes] = {f"word/media/{relation}.bin": data for relation, data in images.items()}
    parts["word/_rels/document.xml.rels"] = _RELS.format(_rel(1, "styles", "styles.xml") + rels)
    return _with(docx(body), parts)


def pptx_with_images(slides: Sequence[str], images: dict[int, bytes]) -> bytes:
    """`images` by the number of the slide that shows it."""
    made = pptx(slides)
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        parts: dict[str, str | bytes] = {}
        for number, data in images.items():
            name = f"ppt/slides/slide{number}.xml"
            slide = file.read(name).decode().replace("</p:spTree>", f"<p:pic>{drawing('rId1')}</p:pic></p:spTree>")
            parts[name] = slide
            parts[f"ppt/slides/_rels/slide{number}.xml.rels"] = _RELS.format(
                _rel(1, "image", f"../media/image{number}.bin")
            )
            parts[f"ppt/media/image{number}.bin"] = data
    return _with(made, parts)


def xlsx_with_image(sheets: dict[str, Sequence[Sequence[str]]], sheet: int, image: bytes) -> bytes:
    return _with(
        xlsx(sheets),
        {
            f"xl/worksheets/_rels/sheet{sheet}.xml.rels": _RELS.format(_rel(1, "drawing", "../drawings/drawing1.xml")),
            "xl/drawings/drawing1.xml": f"<xdr:wsDr xmlns:xdr='urn:x'>{drawing('rId1')}</xdr:wsDr>",
            "xl/drawings/_rels/drawing1.xml.rels": _RELS.format(_rel(1, "image", "../media/image1.bin")),
            "xl/media/image1.bin": image,
        },
    )


def pdf_with_images(pages: Sequence[tuple[str, Sequence[bytes]]], *, whole_page: bool = False) -> bytes:
    """A line of text and JPEG images a page, each 200 by 150 points large, or as large as the page."""
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    kids = []
    for text, images in pages:
        numbers = []
        for data in images:
            with Image.open(io.BytesIO(data)) as opened:
                width, height = opened.size
            head = f"<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB"
            head += f" /BitsPerComponent 8 /Filter /DCTDecode /Length {len(data)} >>\nstream\n"
            objects.append(head.encode() + data + b"\nendstream")
            numbers.append(len(objects))
        size = "600 0 0 800 0 0" if whole_page else "200 0 0 150 50 100"
        painted = "".join(f"q {size} cm /I{number} Do Q\n" for number in numbers)
        words = f"BT /F1 14 Tf 50 700 Td ({_escaped(text)}) Tj ET\n" if text else ""
        content = (painted + words).encode("latin-1")
        objects.append(b"<< /Length %d >>\nstream\n" % len(content) + content + b"\nendstream")
        shown = " ".join(f"/I{number} {number} 0 R" for number in numbers)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {len(objects)} 0 R"
            f" /Resources << /Font << /F1 3 0 R >> /XObject << {shown} >> >> >>".encode()
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    return _numbered(objects, b"/Root 1 0 R")


def _numbered(objects: Sequence[bytes], trailer: bytes) -> bytes:
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d %s >>\n" % (len(objects) + 1, trailer)
    return bytes(out + b"startxref\n%d\n%%%%EOF" % start)
