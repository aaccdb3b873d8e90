"""Images in Word, PowerPoint and Excel files (ECMA-376): in the order of the text, slides and sheets.

Those of headers, footers, masters and layouts belong to the design and are left out; linked ones are elsewhere.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from ingest.parse.images.embedded import LARGEST_BYTES, SMALLEST_BYTES, Candidate, Embedded, Look, Place

_MAX_XML: Final = 64 << 20
_PARAGRAPHS, _KEY_CHARS = 3, 60
_SLIDE: Final = re.compile(r"ppt/slides/slide(\d{1,6})\.xml")
_WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWING: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_BLIP, _VML = f"{_DRAWING}blip", "{urn:schemas-microsoft-com:vml}imagedata"
_DAMAGED: Final = (
    zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, NotImplementedError, RuntimeError, ValueError,
    ParseError, DefusedXmlException,
)  # fmt: skip


def in_word(data: bytes, look: Look) -> list[Embedded]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return look(_in_paragraphs(archive))


def in_slides(data: bytes, look: Look) -> list[Embedded]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return look(_on_slides(archive))


def in_sheets(data: bytes, look: Look) -> list[Embedded]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return look(_on_sheets(archive))


def _in_paragraphs(archive: zipfile.ZipFile) -> Iterator[Candidate]:
    with suppress(*_DAMAGED):
        part = _main_part(archive, "word/document.xml")
        targets = _targets(archive, part)
        before = _Before()
        for paragraph in _elements(archive, part, f"{_WORD}p"):
            before.add(_words(paragraph))
            for name in _images(paragraph, targets):
                yield _candidate(archive, name, Place(behind=before.keys()))
            paragraph.clear()


def _on_slides(archive: zipfile.ZipFile) -> Iterator[Candidate]:
    """Slides are numbered by the names of their parts, as the text's pages are."""
    slides = sorted((int(match[1]), name) for name in archive.namelist() if (match := _SLIDE.fullmatch(name)))
    for number, (_, name) in enumerate(slides, 1):
        yield from _on_page(archive, name, Place(number))


def _on_sheets(archive: zipfile.ZipFile) -> Iterator[Candidate]:
    with suppress(*_DAMAGED):
        part = _main_part(archive, "xl/workbook.xml")
        targets = _targets(archive, part)
        for number, (relation, name) in enumerate(_sheets(archive, part), 1):
            for drawing in _targets(archive, targets.get(relation, "")).values():
                if "/drawings/" in drawing and drawing.endswith(".xml"):
                    yield from _on_page(archive, drawing, Place(number, name))


class _Before:
    """The paragraphs so far, as places are told by them."""

    def __init__(self) -> None:
        self._whole: list[str] = []
        self._last: deque[tuple[str, int]] = deque(maxlen=_PARAGRAPHS)  # a paragraph, and how many stand before it

    def add(self, words: str) -> None:
        if words:
            self._last.append((words, len(self._whole)))
            self._whole.append(words)

    def keys(self) -> tuple[tuple[str, int], ...]:
        keys = [(words[-_KEY_CHARS:], words, count) for words, count in reversed(self._last)]
        return tuple(
            (key, " ".join(self._whole[:count]).count(key) + max(0, words.count(key) - 1)) for key, words, count in keys
        )


def _on_page(archive: zipfile.ZipFile, part: str, place: Place) -> Iterator[Candidate]:
    with suppress(*_DAMAGED):  # one broken slide does not cost the others theirs
        targets = _targets(archive, part)
        for blip in _elements(archive, part, _BLIP):
            for name in _images(blip, targets):
                yield _candidate(archive, name, place)


def _candidate(archive: zipfile.ZipFile, name: str, place: Place) -> Candidate:
    def read() -> bytes | None:
        with suppress(*_DAMAGED):
            return _part(archive, name, LARGEST_BYTES) if archive.getinfo(name).file_size >= SMALLEST_BYTES else None
        return None

    entry = archive.NameToInfo.get(name)
    key = f"{entry.CRC:08x}:{entry.file_size}" if entry else name  # copies of a logo have names of their own
    return Candidate(key, place, read)


def _images(element: Element, targets: dict[str, str]) -> list[str]:
    """Parts with the images that stand in `element`, each once: a drawing and what stands in for it in old programs."""
    ids = [each.get(f"{_RELATION}embed") for each in element.iter(_BLIP)]
    ids += [each.get(f"{_RELATION}id") for each in element.iter(_VML)]
    return list(dict.fromkeys(targets[each] for each in ids if each is not None and each in targets))


def _words(paragraph: Element) -> str:
    pieces = []
    for each in paragraph.iter():
        if each.tag == f"{_WORD}t":
            pieces.append(each.text or "")
        elif each.tag in (f"{_WORD}tab", f"{_WORD}br"):
            pieces.append(" ")
    return " ".join("".join(pieces).split())


def _sheets(archive: zipfile.ZipFile, part: str) -> list[tuple[str, str]]:
    """Relation and name of each, in their order."""
    found = (each for each in _elements(archive, part) if each.tag.rpartition("}")[2] == "sheet")
    return [(each.get(f"{_RELATION}id") or "", each.get("name") or "") for each in found]


def _elements(archive: zipfile.ZipFile, part: str, tag: str = "") -> Iterator[Element]:
    for _, element in iterparse(io.BytesIO(_part(archive, part, _MAX_XML)), forbid_dtd=True):
        if not tag or element.tag == tag:
            yield element


def _targets(archive: zipfile.ZipFile, part: str) -> dict[str, str]:
    """Parts that `part` refers to, by relation; nothing outside of the file."""
    folder, name = posixpath.split(part)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in archive.NameToInfo:
        return {}
    return {
        each.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).lstrip("/")
        for each in _elements(archive, relations)
        if each.get("Id") and each.get("TargetMode") != "External"
    }


def _main_part(archive: zipfile.ZipFile, usual: str) -> str:
    for each in _elements(archive, "_rels/.rels"):
        if each.get("Type", "").endswith("/officeDocument"):
            return each.get("Target", usual).lstrip("/")
    return usual


def _part(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    if archive.getinfo(name).file_size > limit:
        raise ValueError(f"{name} unpacks to more than is safe to read")
    return archive.read(name)
