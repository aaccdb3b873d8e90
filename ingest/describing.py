"""Pictures as documents: beside the text that is read in them, what a vision model sees in them, marked as such."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from ingest.clean import tidy
from ingest.parse import detect
from ingest.parse.draft import finish, text_draft
from ingest.sources.files import Parser
from vernacular.db.models import DocumentRow, DocumentTextRow
from vernacular.db.session import Database
from vernacular.errors import EmptyFile, ImageRefused, UnsupportedFile, VernacularError
from vernacular.images import Picture, media_type_of
from vernacular.tenancy import Tenant, TenantScope
from vernacular.types import Document, Heading
from vernacular.vision import KEY, MARK, PROMPT, Describer, Description

log = logging.getLogger(__name__)
PATIENCE: Final = 3
"""Failures in a row after which a job asks the model no more."""
_TEXTLESS: Final = (EmptyFile, UnsupportedFile)


class PictureParser(Parser, Protocol):
    """`SandboxedParser`, or anything that also makes pictures safe."""

    def picture(self, data: bytes, filename: str) -> Picture:
        """Raises VernacularError."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why pictures went without a description: how many, and what the last one met."""

    count: int
    last: VernacularError


class DescribingParser:
    """A parser that has pictures described. What fails is counted and told; the pictures' own text comes in all the same.

    `known`: the description that a picture of this digest already has. One job's: not for many threads.
    """

    def __init__(
        self, parser: PictureParser, describer: Describer, language: str, known: Callable[[str], Description | None]
    ) -> None:
        self._parser = parser
        self._describer = describer
        self._language = language
        self._known = known
        self._failed = self._in_a_row = 0
        self._last: VernacularError | None = None

    @property
    def problem(self) -> Problem | None:
        return None if self._last is None else Problem(self._failed, self._last)

    def parse(self, data: bytes, filename: str, media_type: str | None = None) -> Document:
        """As `Parser.parse`; a picture without text is a document if it can be described."""
        kind = media_type_of(data)
        if kind is None:
            return self._parser.parse(data, filename, media_type)
        try:
            document = self._parser.parse(data, filename, media_type)
        except _TEXTLESS:
            found = self._description(data, filename)
            if found is None:
                raise
            return _alone(found, filename, kind)
        if document.media_type not in detect.IMAGES.values():
            return document
        found = self._description(data, filename)
        return document if found is None else with_description(document, found)

    def _description(self, data: bytes, filename: str) -> Description | None:
        known = self._known(hashlib.sha256(data).hexdigest())
        if known is not None:
            return known
        if self._in_a_row >= PATIENCE:
            self._failed += 1
            return None
        try:
            picture = self._parser.picture(data, filename)
            found = self._describer.describe(picture, self._language)
        except ImageRefused as error:
            log.info("`%s` was not described: %s", filename, error.message)
            self._failed, self._last = self._failed + 1, error
            return None
        except VernacularError as error:
            log.warning("`%s` was not described: %s", filename, error.message)
            self._failed, self._in_a_row, self._last = self._failed + 1, self._in_a_row + 1, error
            return None
        self._in_a_row = 0
        return found


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


def _alone(found: Description, filename: str, media_type: str) -> Document:
    blank = finish(text_draft(MARK, markdown=False), filename, media_type)
    return with_description(replace(blank, text=""), found)


class KnownDescriptions:
    """The descriptions that a tenant's pictures have, by the digest of the file; those of another model or prompt are not."""

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
        with self._database.read() as session:
            scope = TenantScope(session, self._tenant)
            columns = (DocumentRow.original, DocumentRow.id, DocumentRow.attributes)
            statement = scope.select(*columns).where(
                DocumentRow.media_type.like("image/%"), DocumentRow.original.is_not(None)
            )
            rows: Sequence[Any] = scope.execute(statement).all()
        return {original: place for original, id_, attributes in rows if (place := self._place(id_, attributes))}

    def _place(self, document_id: str, attributes: Mapping[str, object]) -> tuple[str, int, int, str] | None:
        match attributes.get(KEY):
            case {"start": int(start), "end": int(end), "model": str(model), "prompt": prompt} if prompt == PROMPT:
                return (document_id, start, end, model) if self._model in ("", model) else None
        return None
