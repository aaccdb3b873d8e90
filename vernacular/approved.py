"""Approved answers as documents: the layout of their text, by which any part of it is found again.

Each is a document of the source `approved-answers` whose id in it is the answer's own. Its text begins with the question and the
other ways of asking it as headings, which nothing quotes, and ends with the answer as it was written.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import orjson
import regex

from vernacular.db.models import ApprovedAnswerRow, DocumentRow, DocumentTextRow
from vernacular.db.session import Database
from vernacular.jobs import JobQueue, Tell, new_job_id
from vernacular.tenancy import Tenant, TenantScope
from vernacular.types import Span

SOURCE: Final = "approved-answers"
RECORDS_FILE: Final = "approved.ndjson"
INDEXING, LIVE, OFF, EXPIRED, UPCOMING = "indexing", "live", "off", "expired", "upcoming"
_UNWANTED: Final = regex.compile(r"(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]")
_NEWLINE: Final = regex.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANK: Final = regex.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_HEADING_MARK: Final = regex.compile(r"^#+\s*")
_FENCE: Final = regex.compile(r"^(?:```|~~~)", regex.MULTILINE)
_HEADING: Final = regex.compile(r"#{1,6}[ \t][^\n]*")


def written(text: str) -> str:
    """What an editor sent, as it is kept: without characters that are not seen, and with one kind of line break."""
    kept = _UNWANTED.sub("", _NEWLINE.sub("\n", unicodedata.normalize("NFC", text)))
    return "\n".join(line.rstrip() for line in kept.split("\n")).strip()


def one_line(text: str) -> str:
    """A question as it is kept."""
    return _HEADING_MARK.sub("", " ".join(written(text).split()))


def layout(question: str, variants: Sequence[str], answer: str) -> str:
    """The text of the document."""
    return "\n\n".join((f"# {question}", *(f"## {variant}" for variant in variants), answer))


def blocks(answer: str) -> Iterator[Span]:
    """The paragraphs, lists, tables and blocks of code of an answer, in order; headings go with what they stand above."""
    start = 0
    for cut in (*_BLANK.finditer(answer), None):
        end = cut.start() if cut else len(answer)
        piece = answer[start:end]
        inside_code = len(_FENCE.findall(piece)) % 2 == 1
        if cut is not None and (inside_code or _HEADING.fullmatch(piece.strip())):
            continue
        if piece.strip():
            yield Span(start, end)
        if cut is not None:
            start = cut.end()


def state_of(row: ApprovedAnswerRow, indexed: bool, today: date) -> str:
    """`indexed`: whether its document is in the index, as the answer is now."""
    if not row.active or not row.question:
        return OFF
    if row.valid_until is not None and row.valid_until < today:
        return EXPIRED
    if not indexed:
        return INDEXING
    return UPCOMING if row.valid_from is not None and row.valid_from > today else LIVE


def documents_of(scope: TenantScope, rows: Sequence[ApprovedAnswerRow]) -> dict[str, tuple[str, bool]]:
    """By answer: the id of its document, and whether that is in the index as the answer is now."""
    statement = scope.select(DocumentRow, DocumentTextRow.text).where(
        DocumentTextRow.document_id == DocumentRow.id,
        DocumentRow.source == SOURCE,
        DocumentRow.source_id.in_([row.id for row in rows]),
    )
    pairs: Sequence[Any] = scope.execute(statement).all()
    found: dict[str, tuple[DocumentRow, str]] = {pair[0].source_id: (pair[0], pair[1]) for pair in pairs}
    return {
        row.id: (found[row.id][0].id, found[row.id][0].indexed and _is_of(row, *found[row.id]))
        for row in rows
        if row.id in found
    }


def _is_of(row: ApprovedAnswerRow, document: DocumentRow, text: str) -> bool:
    same_days = (document.valid_from, document.valid_until) == (row.valid_from, row.valid_until)
    same_text = text == layout(row.question, row.variants, row.answer)
    return same_days and same_text and document.uri == row.uri


def is_approved(scope: TenantScope, document_id: str) -> bool:
    """Whether the document is that of an approved answer that is there."""
    row = scope.get(DocumentRow, document_id)
    return row is not None and row.source == SOURCE and scope.get(ApprovedAnswerRow, row.source_id) is not None


def record(row: ApprovedAnswerRow) -> dict[str, Any]:
    """What the ingestion job is given of it: a document, or the news that it is none any more."""
    if not row.active or not row.question:
        return {"id": row.id, "deleted": True}
    return {
        "id": row.id,
        "title": row.question,
        "text": layout(row.question, row.variants, row.answer),
        "language": row.language or None,
        "uri": row.uri,
        "valid_from": row.valid_from.isoformat() if row.valid_from else None,
        "valid_until": row.valid_until.isoformat() if row.valid_until else None,
    }


def take_in(
    queue: JobQueue, database: Database, tenant: Tenant, records: Sequence[dict[str, Any]], *, tell: Tell | None = None
) -> str:
    """Ask for the ingestion of `records`; the job's id."""
    job = new_job_id()
    folder = queue.upload_folder(job)
    write_records(folder, records)
    return queue.enqueue(database, tenant, "ingest", spec(), job, tell=tell)


def write_records(folder: Path, records: Sequence[dict[str, Any]]) -> None:
    (folder / RECORDS_FILE).write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in records))


def spec() -> dict[str, Any]:
    return {"source": SOURCE, "sync": False, "items": [{"kind": "records", "file": RECORDS_FILE}]}
