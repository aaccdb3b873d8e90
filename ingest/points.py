"""From stored chunks to points of the index: the one way, for documents that come in and for an index built anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from vernacular.dialects.documents import Gloss, with_glosses
from vernacular.embeddings.protocol import Embedder
from vernacular.text.analyze import ANALYZER_VERSION, encode_documents
from vernacular.vectors.protocol import SEALED, Partition, Point

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


def index_points(entries: Sequence[Entry], embedder: Embedder | None = None, gloss: Gloss | None = None) -> list[Point]:
    """The points of `entries`, in their order, with dense vectors if there is an `embedder`.

    With `gloss` the lexical vectors of texts in a variety hold the standard words for what they say, too.

    Raises:
        ModelUnavailable, WeightsMissing, InvalidSetting: as the embedder says.
    """
    texts = [index_text(entry) for entry in entries]
    dense = [None] * len(texts) if embedder is None else list(embedder.encode_documents(texts))
    return [
        Point(
            entry.chunk_id,
            entry.document_id,
            sparse,
            vector,
            entry.groups,
            entry.valid_from,
            entry.valid_until,
            entry.metadata or {},
        )
        for entry, sparse, vector in zip(
            entries, encode_documents(with_glosses(texts, gloss) if gloss else texts), dense, strict=True
        )
    ]


def points_of(points: Sequence[Point], partition: Partition, embedder: Embedder | None) -> Sequence[Point]:
    """`points`, made with `embedder`, as `partition` takes them: with the dense vectors of its own model, or with none."""
    if partition.embedding == fingerprint(embedder):
        return points
    return [replace(point, dense=None) for point in points]


def for_any(partitions: Iterable[Partition], embedder: Embedder | None) -> Embedder | None:
    """The embedder, if one of `partitions` takes its vectors."""
    return embedder if any(partition.embedding == fingerprint(embedder) for partition in partitions) else None


def fingerprint(embedder: Embedder | None) -> str:
    return "" if embedder is None else embedder.fingerprint


def kind_of_index(embedding: str, *, sealed: bool = False) -> str:
    """What the name of a generation begins with: analyzer and, where there is one, embedding model; `sealed` before them.

    On a Qdrant server generations of one name share a collection, and so must be of one dimension; a sealed one has its own.
    """
    kind = f"{ANALYZER_VERSION}-{embedding.rpartition('#')[2]}" if embedding else ANALYZER_VERSION
    return f"{SEALED}{kind}" if sealed else kind


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
