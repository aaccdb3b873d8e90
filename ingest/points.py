"""From stored chunks to points of the index: the one way, for documents that come in and for an index built anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from vernacular.text.analyze import encode_documents
from vernacular.vectors.protocol import Point

_HEADING_SEEN_WITHIN = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """A chunk and what the index needs to know of its document. `metadata` is what `filterable` left of it."""

    chunk_id: str
    document_id: str
    text: str
    title: str = ""
    headings: Sequence[str] = ()
    groups: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    metadata: Mapping[str, Any] | None = None


def index_points(entries: Sequence[Entry]) -> list[Point]:
    """The points of `entries`, in their order."""
    vectors = encode_documents([index_text(entry) for entry in entries])
    return [
        Point(
            entry.chunk_id,
            entry.document_id,
            vector,
            None,
            entry.groups,
            entry.valid_from,
            entry.valid_until,
            entry.metadata or {},
        )
        for entry, vector in zip(entries, vectors, strict=True)
    ]


def index_text(entry: Entry) -> str:
    """What the analyzer reads: the title and the headings above the chunk, where it does not begin with them, and its text."""
    if not entry.title and not entry.headings:
        return entry.text
    beginning = entry.text[:_HEADING_SEEN_WITHIN]
    above = [line for line in dict.fromkeys((entry.title, *entry.headings)) if line and line not in beginning]
    return "\n".join((*above, entry.text)) if above else entry.text


def filterable(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a document's metadata that can be filtered on: strings, numbers, booleans and lists of them."""
    return {key: value for key, value in metadata.items() if _plain(value)}


def _plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return bool(value) and all(isinstance(each, str | int | float) for each in value)
    return isinstance(value, str | int | float)
