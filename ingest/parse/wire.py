"""Documents and what is in them as messages between the sandbox and its worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from ingest.parse.archive import Member
from ingest.parse.images.embedded import Embedded, Place
from vernacular.confined.frames import error_message, error_of
from vernacular.images import Picture
from vernacular.types import Document, Heading, Page, Span

_PLACE = ("page", "label", "behind", "scanned")


def document_message(document: Document) -> dict[str, Any]:
    return {
        "source_id": document.source_id,
        "text": document.text,
        "title": document.title,
        "uri": document.uri,
        "filename": document.filename,
        "media_type": document.media_type,
        "language": document.language,
        "metadata": dict(document.metadata),
        "groups": list(document.groups),
        "valid_from": document.valid_from.isoformat() if document.valid_from else None,
        "valid_until": document.valid_until.isoformat() if document.valid_until else None,
        "pages": [(page.number, page.start, page.end, page.label) for page in document.pages],
        "headings": [(heading.level, heading.start, heading.end) for heading in document.headings],
        "tables": [(table.start, table.end) for table in document.tables],
    }


def document_of(message: dict[str, Any]) -> Document:
    spans: dict[str, Any] = {
        "groups": tuple(message["groups"]),
        "valid_from": _day(message["valid_from"]),
        "valid_until": _day(message["valid_until"]),
        "pages": tuple(Page(*each) for each in message["pages"]),
        "headings": tuple(Heading(*each) for each in message["headings"]),
        "tables": tuple(Span(*each) for each in message["tables"]),
    }
    return Document(**{**message, **spans})


def picture_message(picture: Picture) -> dict[str, Any]:
    return {name: getattr(picture, name) for name in ("data", "media_type", "width", "height")}


def images_message(media_type: str, images: Sequence[Embedded]) -> dict[str, Any]:
    packed = [(each.data, each.digest, [getattr(each.place, name) for name in _PLACE]) for each in images]
    return {"media_type": media_type, "images": packed}


def images_of(message: dict[str, Any]) -> tuple[str, list[Embedded]]:
    images = []
    for data, digest, (page, label, behind, scanned) in message["images"]:
        images.append(Embedded(data, digest, Place(page, label, tuple((key, at) for key, at in behind), scanned)))
    return message["media_type"], images


def members_message(members: Sequence[Member], following: int | None) -> dict[str, Any]:
    packed = [(each.name, each.data, error_message(each.error) if each.error else None) for each in members]
    return {"members": packed, "next": following}


def members_of(message: dict[str, Any]) -> tuple[list[Member], int | None] | None:
    """None: the answer was that it is no archive."""
    if "members" not in message:
        return None
    found = [Member(name, data, error_of(error) if error else None) for name, data, error in message["members"]]
    return found, message["next"]


def _day(day: str | None) -> date | None:
    return date.fromisoformat(day) if day else None
