"""Product feeds: CSV, TSV, JSON or NDJSON, each product a document whose attributes are its metadata."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path, PurePath
from typing import Any

import orjson

from ingest.clean import sanitise
from ingest.describe import describe
from ingest.parse.delimited import MAX_FIELD, delimiter
from ingest.parse.encoding import decode, sniff
from ingest.sources.items import Batch, Item, Product, SourceError
from ingest.sources.json_array import read_array
from ingest.sources.mapping import FeedMapping, guess_mapping, read_mapping
from ingest.sources.values import shown, typed
from vernacular.errors import InvalidRecord, NoSuchPath
from vernacular.types import Document

_SAMPLE = 65536
_MAX_PICTURE = 2000
_FIELDS = ("uri", "language", "groups", "valid_from", "valid_until")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _BadRow:
    reason: str


class FeedSource:
    """The products of a feed, streamed. Columns mean what `mapping` says, else the sidecar, else their obvious names. `name`: what the
    file is called, if `path` is not.

    Raises NoSuchPath, and InvalidRecord when it cannot be told which column is the id.
    """

    def __init__(self, path: Path, mapping: FeedMapping | None = None, name: str = "") -> None:
        if not path.is_file():
            raise NoSuchPath(f"There is no file `{path}`.")
        self._path = path
        self._name = name or path.name
        self._suffix = PurePath(self._name).suffix.lower()
        self._cursor: tuple[int, Iterator[Row | _BadRow]] | None = None
        columns = self._columns()
        found = mapping or read_mapping(path) or guess_mapping(columns)
        if found is None:
            raise InvalidRecord(
                f"`{self._name}` does not say which of its columns is the id, the title and the text.",
                f'Write `{self._name}.mapping.json`: {{"id": "sku", "title": "name", "text": ["description"]}}.',
            )
        if self._is_table() and columns and found.id not in columns:
            raise InvalidRecord(
                f"`{self._name}` has no column `{found.id}` for the id.",
                f"Its columns are: {', '.join(columns)[:500]}.",
            )
        self._mapping = found

    def __iter__(self) -> Iterator[Item]:
        return (self._item(row, number) for number, row in enumerate(self._rows(), 1))

    def batches(self, size: int) -> Iterator[Batch]:
        """Counts the products; a batch is found again by reading the feed from its start."""
        total = sum(1 for _ in self._rows())
        for first in range(0, total, size):
            yield Batch(first, min(size, total - first))

    def read(self, batch: Batch) -> Iterator[Item]:
        rows = self._from(batch.first)
        for number, row in enumerate(islice(rows, batch.count), batch.first + 1):
            yield self._item(row, number)
        self._cursor = (batch.first + batch.count, rows)

    @property
    def has_pictures(self) -> bool:
        """Whether its products may name pictures."""
        return self._mapping.picture is not None

    def _from(self, first: int) -> Iterator[Row | _BadRow]:
        """The products from number `first`; going on where the last batch ended costs no second reading."""
        cursor, self._cursor = self._cursor, None
        return cursor[1] if cursor and cursor[0] == first else islice(self._rows(), first, None)

    def _columns(self) -> list[str]:
        return next((list(row) for row in self._rows() if not isinstance(row, _BadRow)), [])

    def _is_table(self) -> bool:
        return self._suffix not in (".ndjson", ".jsonl", ".json")

    def _rows(self) -> Iterator[Row | _BadRow]:
        kind = self._suffix
        if kind in (".ndjson", ".jsonl"):
            return self._json_lines()
        if kind == ".json":
            return (_object(value) for value in read_array(self._path))
        return self._csv_rows()

    def _json_lines(self) -> Iterator[Row | _BadRow]:
        with self._path.open("rb") as lines:
            for line in lines:
                if not line.strip():
                    continue
                try:
                    yield _object(orjson.loads(line.removeprefix(b"\xef\xbb\xbf")))
                except orjson.JSONDecodeError as error:
                    yield _BadRow(f"this is not JSON: {error.msg}")

    def _csv_rows(self) -> Iterator[Row | _BadRow]:
        csv.field_size_limit(MAX_FIELD)
        with self._path.open("rb") as raw:
            sample = raw.read(_SAMPLE)
        mark = "\t" if self._suffix == ".tsv" else delimiter(decode(sample))
        with self._path.open(encoding=sniff(sample), errors="replace", newline="") as lines:
            rows = csv.reader(lines, delimiter=mark)
            header = [name.strip() for name in next(rows, [])]
            yield from _csv_objects(rows, header)

    def _item(self, row: Row | _BadRow, number: int) -> Item:
        if isinstance(row, _BadRow):
            return SourceError(f"product {number}", InvalidRecord.name, f"Product {number}: {row.reason}.")
        try:
            return product(row, self._mapping, self._name)
        except InvalidRecord as error:
            return SourceError(
                f"product {number}", error.name, f"Product {number}: {error.message} {error.hint}".strip()
            )


def product(row: Row, mapping: FeedMapping, filename: str) -> Document:
    """One product: its text says title, description and `attribute: value` lines, its metadata the typed attributes.

    Raises InvalidRecord.
    """
    named = {name: row.get(column) for name in _FIELDS if (column := getattr(mapping, name))}
    said = describe({"id": row.get(mapping.id), "title": row.get(mapping.title or ""), **named})
    if said.id is None or not said.id.strip():
        raise InvalidRecord(f"The product has no id in `{mapping.id}`.", "Give each product an id.")
    used = {mapping.id, mapping.title, mapping.picture, *mapping.text, *(getattr(mapping, name) for name in _FIELDS)}
    columns = mapping.metadata or tuple(name for name in row if name not in used)
    attributes = {name: value for name in columns if (value := typed(row.get(name))) is not None}
    texts = [text for name in mapping.text if (text := shown(row.get(name)).strip())]
    lines = "\n".join(f"{name}: {shown(row.get(name))}" for name in attributes)
    text = "\n\n".join(part for part in (said.title, *texts, lines) if part)
    if not text:
        raise InvalidRecord(f"Product `{said.id}` says nothing about itself.", "Map a title or a text to it.")
    document = Document(
        source_id=said.id.strip(),
        text=text,
        title=said.title,
        uri=said.uri,
        filename=filename,
        media_type="text/csv" if filename.lower().endswith((".csv", ".tsv")) else "application/json",
        language=said.language,
        metadata=attributes,
        groups=said.groups,
        valid_from=said.valid_from,
        valid_until=said.valid_until,
    )
    picture = _picture(row.get(mapping.picture or ""))
    # Only what has a picture is of another kind: what has none stays what it was.
    return (
        Product(**{each.name: getattr(document, each.name) for each in fields(document)}, picture=picture)
        if picture
        else document
    )


def _picture(value: Any) -> str:
    """The first one, where there are several."""
    first = value[0] if isinstance(value, list) and value else value
    name = sanitise(first).strip() if isinstance(first, str) else ""
    return name if len(name) <= _MAX_PICTURE else ""


def _object(value: Any) -> Row | _BadRow:
    return value if isinstance(value, dict) else _BadRow("a product must be a JSON object")


def _csv_objects(rows: Iterator[list[str]], header: list[str]) -> Iterator[Row | _BadRow]:
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield _BadRow(f"this is not CSV: {error}")
            continue
        if any(map(str.strip, row)):
            yield dict(zip(header, row, strict=False))
