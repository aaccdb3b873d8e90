"""Documents and errors as msgpack frames between the sandbox and its worker: data only, nothing that runs."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import date
from typing import Any, BinaryIO

import msgpack

from ingest.parse.archive import Member
from ingest.parse.images.embedded import Embedded, Place
from vernacular.errors import (
    EmptyFile,
    EncryptedFile,
    ImageRefused,
    InvalidRecord,
    ParserCrashed,
    TooLarge,
    UnreadableFile,
    UnsupportedFile,
    VernacularError,
)
from vernacular.images import Picture
from vernacular.types import Document, Heading, Page, Span

_PLACE = ("page", "label", "behind", "scanned")
_LENGTH = struct.Struct(">I")
_ERRORS: dict[str, type[VernacularError]] = {
    error.name: error
    for error in (
        EmptyFile,
        EncryptedFile,
        ImageRefused,
        InvalidRecord,
        ParserCrashed,
        TooLarge,
        UnreadableFile,
        UnsupportedFile,
    )
}


def pack_frame(message: dict[str, Any]) -> bytes:
    body: bytes = msgpack.packb(message)
    return _LENGTH.pack(len(body)) + body


def read_frame(stream: BinaryIO) -> dict[str, Any] | None:
    """The next message; None at the end of the stream."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    length = _LENGTH.unpack(head)[0]
    body = stream.read(length)
    return unpack(body) if len(body) == length else None


def frame_length(head: bytes) -> int | None:
    """How long the whole frame that starts with `head` is; None while that cannot be told."""
    return _LENGTH.size + _LENGTH.unpack_from(head)[0] if len(head) >= _LENGTH.size else None


def unpack_frame(frame: bytes) -> dict[str, Any]:
    return unpack(frame[_LENGTH.size :])


def unpack(body: bytes) -> dict[str, Any]:
    message: dict[str, Any] = msgpack.unpackb(body, strict_map_key=False, max_str_len=2**31 - 1, max_bin_len=2**31 - 1)
    return message


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


def error_message(error: VernacularError) -> dict[str, Any]:
    return {"error": error.name, "message": error.message, "hint": error.hint}


def error_of(message: dict[str, Any]) -> VernacularError:
    return _ERRORS.get(message["error"], UnreadableFile)(message["message"], message["hint"])


def _day(day: str | None) -> date | None:
    return date.fromisoformat(day) if day else None
