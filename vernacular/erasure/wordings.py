"""What a person asked, word for word, where editors made it a way of asking for an approved answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from vernacular import approved
from vernacular.db.base import now
from vernacular.db.models import ApprovedAnswerRow, DocumentRow, MessageRow, QuestionReviewRow
from vernacular.documents import delete_documents
from vernacular.erasure.stores import Stores
from vernacular.jobs import JobQueue
from vernacular.tenancy import Tenant, TenantScope


@dataclass(frozen=True, slots=True)
class Forgotten:
    """`wordings`: how many there were. `records`: what the documents of their approved answers are to be from now on."""

    wordings: int
    records: Sequence[dict[str, Any]]
    documents: Sequence[str]


def forget_wordings(scope: TenantScope, subjects: Collection[str]) -> Forgotten:
    """Take out of approved answers what was asked by one of the pseudonyms. An answer whose question it was is asked by the first of
    its variants from now on; one that has none is switched off, without a question, until an editor writes one."""
    hers = set(subjects)
    wordings, rows = 0, list[ApprovedAnswerRow]()
    for row in scope.execute(scope.select(ApprovedAnswerRow)).scalars():
        gone = {text for text, subject in row.borrowed.items() if subject in hers}
        if gone:
            wordings += len(gone)
            _take_out(row, gone)
            rows.append(row)
    scope.session.flush()
    documents = _documents(scope, [row.id for row in rows])
    _forget_titles(scope, set(documents))
    return Forgotten(wordings, [approved.record(row) for row in rows], documents)


def write_anew(stores: Stores, tenant: Tenant, forgotten: Forgotten) -> None:
    """Remove the documents that hold the wordings at once, and have them taken in without."""
    if not forgotten.records:
        return
    delete_documents(stores.database, stores.vectors, stores.blobs, tenant, forgotten.documents)
    with stores.database.read() as session:
        partitions = TenantScope(session, tenant).partitions()
    for partition in partitions:
        stores.vectors.rewrite(partition)
    approved.take_in(JobQueue(stores.settings), stores.database, tenant, forgotten.records)


def forget_editor(scope: TenantScope, account: str) -> None:
    """Who wrote approved answers, and who dealt with questions."""
    row = ApprovedAnswerRow
    scope.execute(scope.update(row).where(row.created_by == account).values(created_by=""))
    scope.execute(scope.update(row).where(row.updated_by == account).values(updated_by=""))
    scope.execute(scope.update(QuestionReviewRow).where(QuestionReviewRow.by == account).values(by=""))


def drop_answer(scope: TenantScope, document_id: str) -> int:
    """Remove the approved answer whose document is erased, if it is one's; how many there were."""
    row = scope.get(DocumentRow, document_id)
    answer = scope.get(ApprovedAnswerRow, row.source_id) if row is not None and row.source == approved.SOURCE else None
    if answer is None:
        return 0
    scope.execute(scope.delete(QuestionReviewRow).where(QuestionReviewRow.approved_id == answer.id))
    scope.session.delete(answer)
    scope.session.flush()
    return 1


def _take_out(row: ApprovedAnswerRow, gone: set[str]) -> None:
    kept = [text for text in (row.question, *row.variants) if text and text not in gone]
    row.question, row.variants = (kept[0], kept[1:]) if kept else ("", [])
    row.active = row.active and bool(kept)
    row.borrowed = {text: subject for text, subject in row.borrowed.items() if text not in gone}
    row.updated_at = now()


def _documents(scope: TenantScope, answers: Sequence[str]) -> list[str]:
    wanted = DocumentRow.source_id.in_(answers)
    return list(
        scope.execute(scope.select(DocumentRow.id).where(DocumentRow.source == approved.SOURCE, wanted)).scalars()
    )


def _forget_titles(scope: TenantScope, documents: set[str]) -> None:
    """An answer's question is its document's title, which the citations of all who were given it tell."""
    if not documents:
        return
    columns = MessageRow.id, MessageRow.details
    rows: Sequence[Any] = scope.execute(scope.select(*columns).where(MessageRow.role == "assistant")).all()
    for row in rows:
        notes = [note for note in row.details.get("annotations") or [] if isinstance(note, dict)]
        if not any(note.get("file_id") in documents for note in notes):
            continue
        blank = [{**note, "title": ""} if note.get("file_id") in documents else note for note in notes]
        changed = scope.update(MessageRow).where(MessageRow.id == row.id)
        scope.execute(changed.values(details={**row.details, "annotations": blank}))
