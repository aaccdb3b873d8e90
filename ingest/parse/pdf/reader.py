"""PDF files to drafts, each page by the way that reads its script best."""

from __future__ import annotations

import re

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.parse import ocr
from ingest.parse.draft import Draft, Part
from ingest.parse.pdf import lines, right_to_left
from ingest.parse.pdf.paragraphs import render
from vernacular.errors import EncryptedFile, UnreadableFile

_MAX_PAGES = 5000
_DPI = 300
# Scripts whose vowel signs PDFium sets apart from their consonants; xberg keeps them together.
_STACKED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")


def read_pdf(data: bytes, filename: str) -> Draft:
    """Raises EncryptedFile, UnreadableFile, and UnsupportedFile for a scan where no OCR is installed."""
    document = _open(data, filename)
    try:
        if len(document) > _MAX_PAGES:
            raise UnreadableFile(
                f"`{filename}` has {len(document)} pages, more than {_MAX_PAGES}.", "Split it into several files."
            )
        texts = _texts(document, data, filename)
        title = _title(document)
    finally:
        document.close()
    return Draft([Part(text) for text in texts], paged=True, title=title)


def _open(data: bytes, filename: str) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise EncryptedFile(f"`{filename}` is protected by a password.") from error
        raise UnreadableFile(
            f"`{filename}` is damaged or no PDF file.", "Open it in a PDF reader and save or export it again."
        ) from error


def _texts(document: pypdfium2.PdfDocument, data: bytes, filename: str) -> list[str]:
    pages: list[list[lines.Line]] = []
    heights: list[float] = []
    stacked: list[int] = []
    blank: list[int] = []
    for number in range(len(document)):
        found, height, sample = _page(document, number)
        pages.append(found)
        heights.append(height)
        if not sample.strip():
            blank.append(number)
        elif len(_STACKED.findall(sample)) > 0.3 * len(sample):
            stacked.append(number)
    texts = render(pages, heights)
    if stacked:
        _replace_stacked(texts, stacked, data, filename)
    if blank:
        _recognise(texts, blank, document, filename)
    return texts


def _page(document: pypdfium2.PdfDocument, number: int) -> tuple[list[lines.Line], float, str]:
    """The page's lines, its height and its text as painted; a broken page is a blank one."""
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return [], 0.0, ""
    try:
        found = lines.read_lines(page)
        sample = "".join(line.text for line in found)
        if right_to_left.is_right_to_left(sample):
            found = right_to_left.read_lines(page)
        return found, page.get_height(), sample
    finally:
        page.close()


def _replace_stacked(texts: list[str], numbers: list[int], data: bytes, filename: str) -> None:
    from ingest.parse.office import extract_pages

    for number, text in enumerate(extract_pages(data, filename, "application/pdf")[: len(texts)]):
        if number in numbers and len(text) > len(texts[number]) // 2:
            texts[number] = text


def _recognise(texts: list[str], numbers: list[int], document: pypdfium2.PdfDocument, filename: str) -> None:
    """Text from pictures of the pages that hold none; without OCR an error only if no page holds any."""
    if not ocr.available():
        if not any(texts):
            raise ocr.unavailable(f"`{filename}` is a scan: its pages are pictures without text")
        return
    for number in numbers:
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            continue
        texts[number] = ocr.recognise(_picture(page))
        page.close()


def _picture(page: pypdfium2.PdfPage) -> bytes:
    """The page as a portable greymap, which needs no image library on either side."""
    bitmap = page.render(scale=_DPI / 72, grayscale=True)
    pixels = memoryview(bitmap.buffer).cast("B")
    rows = (pixels[start : start + bitmap.width] for start in range(0, bitmap.stride * bitmap.height, bitmap.stride))
    return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + b"".join(rows)


def _title(document: pypdfium2.PdfDocument) -> str:
    """The title in the metadata, unless a program wrote a file name or nothing of use there."""
    title = str(document.get_metadata_dict().get("Title", "")).strip()
    useless = re.search(
        r"\.(?:docx?|pptx?|xlsx?|odt|indd|tex|dvi|pdf|qxd)$|^(?:untitled|microsoft word)", title, re.IGNORECASE
    )
    return "" if useless else title
