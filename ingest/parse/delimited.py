"""CSV and TSV files as one table."""

from __future__ import annotations

import csv
import io

from ingest.clean import sanitise
from ingest.parse.draft import Draft, text_draft
from ingest.parse.encoding import decode
from ingest.parse.tables import markdown_table, record_lines
from vernacular.errors import UnreadableFile

MAX_FIELD = 16 * 1024 * 1024
_DELIMITERS = ",;\t|"
_LONG_CELL = 200
_MAX_ROWS = 500_000


def read_csv(data: bytes, filename: str) -> Draft:
    """A Markdown table; where cells are long texts, `column: value` lines for each row instead."""
    text = sanitise(decode(data))
    rows = read_rows(text, filename)
    longest = [max(map(len, row)) for row in rows[1:]]
    if longest and sum(longest) / len(longest) > _LONG_CELL:
        return text_draft("\n\n".join(_record(rows[0], row) for row in rows[1:]), markdown=False)
    return text_draft(markdown_table(rows), markdown=True)


def read_rows(text: str, filename: str) -> list[list[str]]:
    csv.field_size_limit(MAX_FIELD)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text)):
            if len(rows) >= _MAX_ROWS:
                raise UnreadableFile(
                    f"`{filename}` has more than {_MAX_ROWS} rows.", "Send it as a product feed or NDJSON."
                )
            if any(map(str.strip, row)):
                rows.append(row)
    except csv.Error as error:
        raise UnreadableFile(f"`{filename}` is no valid CSV: {error}.", "Export it again as UTF-8 CSV.") from error
    return rows


def delimiter(text: str) -> str:
    """The delimiter that parts the first lines into the most columns of equal number."""
    lines = [line for line in text[:20_000].split("\n")[:20] if line.strip()]

    def score(mark: str) -> tuple[int, int]:
        try:
            counts = [len(row) for row in csv.reader(lines, delimiter=mark) if row]
        except csv.Error:
            return 0, 1
        usual = max(set(counts), key=counts.count) if counts else 1
        return (counts.count(usual) if usual > 1 else 0, usual)

    best = max(_DELIMITERS, key=score)
    return best if score(best)[0] else ","


def _record(header: list[str], row: list[str]) -> str:
    names = [*header, *(f"column {at + 1}" for at in range(len(header), len(row)))]
    return record_lines(zip(names, row, strict=False))
