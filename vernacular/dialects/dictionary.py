"""Dictionaries as their makers publish them, JSON lines, TSV or CSV: read line by line into the columns of a lexicon."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import regex

from vernacular.dialects.pack import LEXICON
from vernacular.errors import BadRequest, NoSuchPath, UnreadableFile

Format = Literal["jsonl", "tsv", "csv"]
Row = dict[str, list[str]]
Fault = Callable[[int, str], None]
Fields = Mapping[str, Sequence[str]]

_FORMATS: Final[dict[str, Format]] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".tsv": "tsv", ".txt": "tsv", ".csv": "csv",
}  # fmt: skip
_BETWEEN: Final = regex.compile(r"\s*[|/;；]\s*")
_ASIDE: Final = regex.compile(r"\([^()]*\)|（[^（）]*）|\[[^\[\]]*\]")
_UNBALANCED: Final = regex.compile(r"^[^()]*\)|\([^()]*$")
_EDGES: Final = " .。,，、!！?？:：\"'“”"


def format_of(path: Path, given: str | None = None) -> Format:
    """
    Raises:
        BadRequest: neither `given` nor the file's name says.
    """
    found = _FORMATS.get(path.suffix.lower()) if given is None else _FORMATS.get(f".{given}")
    if found is None:
        raise BadRequest(f"The form of {path.name} is not known.", "Give --format jsonl, tsv or csv.")
    return found


def parse_fields(pairs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """`["dialect=yue+yue_simp,standard=en"]` as column of a lexicon → fields of the file. Nothing given: the columns.

    Raises:
        BadRequest: one is not COLUMN=FIELD, or its column not one of a lexicon.
    """
    fields: dict[str, tuple[str, ...]] = {}
    for pair in (part for given in pairs for part in given.split(",")):
        column, equals, names = (part.strip() for part in pair.partition("="))
        if not equals or not names or column not in LEXICON:
            raise BadRequest(
                f"--map {pair!r} is not COLUMN=FIELD.",
                f"Columns are {', '.join(LEXICON)}; e.g. --map dialect=word,standard=meaning,romanised=poj+tailo.",
            )
        fields[column] = tuple(name.strip() for name in names.split("+") if name.strip())
    if not fields:
        return {column: (column,) for column in LEXICON}
    if "dialect" not in fields or not {"standard", "romanised"} & fields.keys():
        raise BadRequest(
            "--map must say where the dialect word stands, and its standard or its pronunciation.",
            "For example: --map dialect=word,standard=meaning.",
        )
    return fields


def read_dictionary(data: bytes, form: Format, fields: Fields, fault: Fault) -> Iterator[tuple[int, Row]]:
    """(line number, cells by column of a lexicon), in the file's order; what is wrong with a line is told to `fault`.

    Raises:
        UnreadableFile: it is not UTF-8, or no such table.
    """
    text = _text(data)
    records = _json_lines(text, fault) if form == "jsonl" else _table(text, form, fields)
    for number, record in records:
        row = {
            column: list(dict.fromkeys(part for name in names for part in _parts(record.get(name), column)))
            for column, names in fields.items()
        }
        if row.get("dialect"):
            yield number, row
            continue
        missing = [name for name in fields["dialect"] if name not in record]
        there = ", ".join(map(str, record)) or "nothing"
        fault(number, f"no field {missing[0]!r}, but {there}." if missing else "no dialect word.")


def read_file(source: Path) -> bytes:
    """
    Raises:
        NoSuchPath, UnreadableFile
    """
    if not source.is_file():
        raise NoSuchPath(f"There is no file {str(source)!r}.")
    try:
        return source.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{source} cannot be read: {error.strerror}.") from None


def _parts(cell: Any, column: str) -> list[str]:
    """The alternatives of a cell, without asides in brackets and punctuation at the edges."""
    if cell is None:
        return []
    if isinstance(cell, list):
        return [part for each in cell for part in _parts(each, column)]
    # JSON can name half a character, which no file takes.
    text = " ".join(str(cell).encode(errors="replace").decode().split())
    if column in {"dialect", "standard"}:
        text = _UNBALANCED.sub("", _ASIDE.sub(" ", text))
    pieces = (" ".join(piece.split()).strip(_EDGES) for piece in _BETWEEN.split(text))
    return [piece for piece in pieces if piece]


def _json_lines(text: str, fault: Fault) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            fault(number, f"not JSON: {error}.")
            continue
        if isinstance(record, dict):
            yield number, record
        else:
            fault(number, "no JSON object.")


def _table(text: str, form: Format, fields: Fields) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Rows by the names in the first one; or, where `fields` are numbers, by their place from 1 on. `#` begins a remark."""
    lines = io.StringIO(text, newline="")
    cells = csv.reader(lines) if form == "csv" else csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    names: list[str] | None = None
    if all(name.isdecimal() for given in fields.values() for name in given):
        names = []
    try:
        for row in cells:
            if not any(cell.strip() for cell in row) or row[0].startswith("#"):
                continue
            if names is None:
                names = [name.strip() for name in row]
                continue
            yield cells.line_num, dict(zip(names or map(str, range(1, len(row) + 1)), row, strict=False))
    except csv.Error as error:
        raise UnreadableFile(f"The file cannot be read as {form}: {error}.", "Say with --format what it is.") from None


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"The file is not UTF-8: {error.reason} at byte {error.start:,}.") from None
