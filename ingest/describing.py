"""Pictures as documents: beside the text that is read in them, what a vision model sees in them, marked as such."""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Text, cast

from ingest.clean import tidy
from ingest.illustrations import Illustration, illustrated, tells_something
from ingest.parse import detect, ocr
from ingest.parse.draft import finish, text_draft
from ingest.parse.images.embedded import SOURCES, Embedded, Place, may_embed
from ingest.sources.files import Parser
from vernacular.db.models import DocumentRow, DocumentTextRow
from vernacular.db.session import Database
from vernacular.errors import EmptyFile, ImageRefused, ModelUnavailable, UnsupportedFile, VernacularError
from vernacular.images import Picture, media_type_of
from vernacular.tenancy import Tenant, TenantScope
from vernacular.types import Document, Heading
from vernacular.vision import IMAGES, KEY, MARK, PROMPT, Describer, Description

T = TypeVar("T")
log = logging.getLogger(__name__)
PATIENCE: Final = 3
"""Failures in a row after which a job asks the model no more."""
_REMEMBERED: Final = 1000
"""Pictures of one job whose texts and descriptions are kept at hand, for logos that every file of a folder has."""
_A_SCAN: Final = 200
"""Letters that OCR found on a page without letters, from which on it is a page of text rather than a picture."""
_TEXTLESS: Final = (EmptyFile, UnsupportedFile)


class PictureParser(Parser, Protocol):
    """`SandboxedParser`, or anything that also makes pictures safe. All raise VernacularError."""

    def picture(self, data: bytes, filename: str) -> Picture: ...

    def read_picture(self, data: bytes, filename: str) -> tuple[Picture, str]:
        """The picture and the text that OCR reads in it."""

    def images(self, data: bytes, filename: str, media_type: str | None, most: int) -> tuple[str, list[Embedded]]:
        """The media type of a document, and images inside it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why pictures went without a description: how many, and what the last one met."""

    count: int
    last: VernacularError


class Descriptions:
    """Asks the model, but never twice for the same picture, and counts what fails. One job's: not for many threads.

    `known`: the description that a picture of this digest already has.
    """

    def __init__(self, describer: Describer, language: str, known: Callable[[str], Description | None]) -> None:
        self._describer = describer
        self._language = language
        self._known = known
        self._found: OrderedDict[str, Description | None] = OrderedDict()
        self._failed = self._in_a_row = 0
        self._last: VernacularError | None = None

    @property
    def problem(self) -> Problem | None:
        return None if self._last is None else Problem(self._failed, self._last)

    def known(self, digest: str) -> Description | None:
        return self._found.get(digest) or self._known(digest)

    def of(self, digest: str, picture: Callable[[], Picture]) -> Description | None:
        """The description of the picture that `picture` makes; None: it shows nothing, or failed."""
        known = self.known(digest)
        if known is not None or digest in self._found:
            return known
        if self._in_a_row >= PATIENCE:
            self._failed += 1
            return None
        try:
            found = self._describer.describe(picture(), self._language)
        except VernacularError as error:
            self.failed(error)
            return None
        self._in_a_row = 0
        _remember(self._found, digest, found)
        return found

    def failed(self, error: VernacularError) -> None:
        """Count a picture that has no description because of `error`."""
        level = logging.INFO if isinstance(error, ImageRefused) else logging.WARNING
        log.log(level, "an image was not described: %s", error.name)
        self._failed, self._last = self._failed + 1, error
        self._in_a_row += isinstance(error, ModelUnavailable)


class IllustratingParser:
    """A parser that has pictures described, and the images inside documents read by OCR and described.

    What fails is counted and told; the documents' own text comes in all the same. `descriptions` None: nobody describes.
    `images`: how many of a document's images are looked at. One job's: not for many threads.
    """

    def __init__(self, parser: PictureParser, descriptions: Descriptions | None, images: int) -> None:
        self._parser = parser
        self._descriptions = descriptions
        self._most = images
        self._texts: OrderedDict[str, str] = OrderedDict()

    @property
    def problem(self) -> Problem | None:
        return self._descriptions.problem if self._descriptions else None

    def parse(self, data: bytes, filename: str, media_type: str | None = None) -> Document:
        """As `Parser.parse`; a file without text is a document if an image in it says or shows something."""
        kind = media_type_of(data)
        if kind is not None:
            return self._picture_file(data, filename, media_type, kind)
        if not self._most:
            return self._parser.parse(data, filename, media_type)
        try:
            document = self._parser.parse(data, filename, media_type)
        except _TEXTLESS:
            if not may_embed(data):
                raise
            found, illustrations = self._illustrations(data, filename, media_type, None)
            if not illustrations:
                raise
            document = illustrated(_blank(filename, found), illustrations)
            if not document.text:
                raise
            return document
        if document.media_type not in SOURCES or not may_embed(data):
            return document
        return illustrated(document, self._illustrations(data, filename, media_type, document)[1])

    def _picture_file(self, data: bytes, filename: str, media_type: str | None, kind: str) -> Document:
        if self._descriptions is None:
            return self._parser.parse(data, filename, media_type)
        digest = hashlib.sha256(data).hexdigest()
        picture = partial(self._parser.picture, data, filename)
        try:
            document = self._parser.parse(data, filename, media_type)
        except _TEXTLESS:
            found = self._descriptions.of(digest, picture)
            if found is None:
                raise
            return with_description(_blank(filename, kind), found)
        if document.media_type not in detect.IMAGES.values():
            return document
        found = self._descriptions.of(digest, picture)
        return document if found is None else with_description(document, found)

    def _illustrations(
        self, data: bytes, filename: str, media_type: str | None, document: Document | None
    ) -> tuple[str, list[Illustration]]:
        """The media type, and what was found in the images; `document`: what the file's own text made, if it has any."""
        try:
            media, images = self._parser.images(data, filename, media_type, self._most)
        except VernacularError as error:
            self._failed(error)
            return "", []
        found: list[Illustration] = []
        broken = 0
        for image in images:
            if broken >= PATIENCE:
                break
            if image.place.scanned and (self._descriptions is None or _letters_on(document, image.place) >= _A_SCAN):
                continue
            try:
                found.append(self._illustration(image, filename))
            except ImageRefused as error:
                self._failed(error)
            except VernacularError as error:
                self._failed(error)
                broken += 1
        return media, found

    def _illustration(self, image: Embedded, filename: str) -> Illustration:
        """Raises VernacularError: the image could not be decoded."""
        scanned, asked = image.place.scanned, self._descriptions
        known = asked.known(image.digest) if asked else None
        text = "" if scanned or not ocr.available() else self._texts.get(image.digest)
        if text is not None and (known is not None or asked is None):
            return Illustration(image.digest, image.place, text, known)
        if text is not None:
            picture = self._parser.picture(image.data, filename)
        else:
            picture, read = self._parser.read_picture(image.data, filename)
            text = read if tells_something(read) else ""
            _remember(self._texts, image.digest, text)
        found = asked.of(image.digest, lambda: picture) if asked else None
        return Illustration(image.digest, image.place, text, found)

    def _failed(self, error: VernacularError) -> None:
        if self._descriptions is None:
            log.info("an image was not read: %s", error.name)
        else:
            self._descriptions.failed(error)


def _remember(kept: OrderedDict[str, T], digest: str, found: T) -> None:
    kept[digest] = found
    if len(kept) > _REMEMBERED:
        kept.popitem(last=False)


def with_description(document: Document, found: Description) -> Document:
    """`document` with the description at its end, under its mark."""
    said = tidy(found.text)
    if not said:
        return document
    start = len(document.text) + 2 if document.text else 0
    text = f"{document.text}\n\n{MARK}\n\n{said}" if document.text else f"{MARK}\n\n{said}"
    place = {"start": start, "end": len(text), "model": found.model, "prompt": PROMPT}
    heading = Heading(2, start, start + len(MARK))
    return replace(
        document, text=text, headings=(*document.headings, heading), metadata={**document.metadata, KEY: place}
    )


def _blank(filename: str, media_type: str) -> Document:
    """A document without text yet."""
    return replace(finish(text_draft(MARK, markdown=False), filename, media_type), text="")


def _letters_on(document: Document | None, place: Place) -> int:
    pages = document.pages if document is not None else ()
    return sum(page.end - page.start for page in pages if page.number == place.page)


class KnownDescriptions:
    """The descriptions that a tenant's pictures have, by the digest of the file, and those of images inside documents.

    Those of another model or prompt are not known.
    """

    def __init__(self, database: Database, tenant: Tenant, model: str) -> None:
        self._database = database
        self._tenant = tenant
        self._model = model
        self._places: dict[str, tuple[str, int, int, str]] | None = None

    def __call__(self, digest: str) -> Description | None:
        if self._places is None:
            self._places = self._read_places()
        place = self._places.get(digest)
        if place is None:
            return None
        document_id, start, end, model = place
        with self._database.read() as session:
            row = TenantScope(session, self._tenant).get(DocumentTextRow, document_id)
            text = row.text[start:end] if row is not None else ""
        return Description(text.removeprefix(MARK).strip(), model) if text.startswith(MARK) else None

    def _read_places(self) -> dict[str, tuple[str, int, int, str]]:
        columns = (DocumentRow.original, DocumentRow.id, DocumentRow.attributes)
        with self._database.read() as session:
            scope = TenantScope(session, self._tenant)
            pictures = DocumentRow.media_type.like("image/%") & DocumentRow.original.is_not(None)
            holders = DocumentRow.media_type.in_(SOURCES) & cast(DocumentRow.attributes, Text).contains(IMAGES)
            rows: Sequence[Any] = scope.execute(scope.select(*columns).where(pictures | holders)).all()
        found: dict[str, tuple[str, int, int, str]] = {}
        for original, document_id, attributes in rows:
            inside = attributes.get(IMAGES)
            for each in inside if isinstance(inside, list) else []:
                if (place := self._place(document_id, each)) and isinstance(digest := each.get("image"), str):
                    found[digest] = place
            if place := self._place(document_id, attributes.get(KEY)):
                found[original] = place
        return found

    def _place(self, document_id: str, said: object) -> tuple[str, int, int, str] | None:
        match said:
            case {"start": int(start), "end": int(end), "model": str(model), "prompt": prompt} if prompt == PROMPT:
                return (document_id, start, end, model) if self._model in ("", model) else None
        return None
