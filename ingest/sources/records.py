"""NDJSON records: `{id, text, title?, language?, uri?, metadata?, groups?, valid_from?, valid_until?}`, one a line.

Null means absent; a field of any other name becomes metadata. `{"id": …, "deleted": true}` deletes the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from ingest.clean import sanitise
from ingest.describe import describe
from ingest.sources.items import Batch, Deletion, Item, SourceError
from vernacular.errors import InvalidRecord, NoSuchPath
from vernacular.types import Document

MAX_LINE = 32 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"


class RecordSource:
    """A file of NDJSON records, read line by line; a bad line is an error of its own and the rest go in."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise NoSuchPath(f"There is no file `{path}`.")
        self._path = path

    def __iter__(self) -> Iterator[Item]:
        with self._path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield read_line(line, number)

    def batches(self, size: int) -> Iterator[Batch]:
        """Finds the lines only; blank lines count for nothing."""
        first = count = offset = at = 0
        start_line = 1
        with self._path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                at += len(line)
                if not line.strip():
                    continue
                count += 1
                if count == size:
                    yield Batch(first, count, offset, start_line)
                    first, count, offset, start_line = first + count, 0, at, number + 1
        if count:
            yield Batch(first, count, offset, start_line)

    def read(self, batch: Batch) -> Iterator[Item]:
        remaining = batch.count
        with self._path.open("rb") as lines:
            lines.seek(batch.offset)
            for number, line in enumerate(lines, batch.line):
                if remaining == 0:
                    return
                if line.strip():
                    remaining -= 1
                    yield read_line(line, number)


def read_line(line: bytes, number: int) -> Item:
    """One line as a document, or as the error that names the line and what is wrong with it."""
    try:
        return read_record(_load(line))
    except InvalidRecord as error:
        return SourceError(
            f"line {number}",
            error.name,
            f"Line {number}: {error.message} {error.hint}".strip(),
        )


def _load(line: bytes) -> Any:
    if len(line) > MAX_LINE:
        raise InvalidRecord(
            f"The record is longer than {MAX_LINE >> 20} MB.",
            "Split the text over several records.",
        )
    try:
        return orjson.loads(line.removeprefix(_BOM))
    except orjson.JSONDecodeError as error:
        raise InvalidRecord(
            f"This is not JSON: {error.msg} (column {error.colno}).",
            "Send one JSON object a line.",
        ) from error


def read_record(record: Any) -> Document | Deletion:
    """One decoded record as a document, or as the news that it is gone. Raises InvalidRecord, which names the field at fault."""
    if not isinstance(record, dict):
        raise InvalidRecord("A record must be a JSON object.", 'Send `{"id": …, "text": …}`.')
    text = record.pop("text", None)
    deleted = record.pop("deleted", None) is True
    said = describe(record)
    if said.id is None:
        raise InvalidRecord(
            "The record has no `id`.",
            "Give each record an `id` that stays the same when it changes.",
        )
    if deleted:
        return Deletion(said.id)
    if not isinstance(text, str):
        raise InvalidRecord(f"Record `{said.id}` has no `text`.", "`text` must be a string.")
    text = sanitise(text)
    if not text or text.isspace():
        raise InvalidRecord(
            f"The `text` of record `{said.id}` is empty.",
            "Leave the record out or give it text.",
        )
    return Document(
        source_id=said.id,
        text=text,
        title=said.title,
        uri=said.uri,
        language=said.language,
        metadata=said.metadata,
        groups=said.groups,
        valid_from=said.valid_from,
        valid_until=said.valid_until,
    )
