"""Approved answers of the caller's tenant: each a row, and a document that a job takes in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from serve.approved_answers import repository
from serve.approved_answers.schemas import (
    VARIANTS,
    ApprovedAnswerChange,
    ApprovedAnswerForm,
    ApprovedAnswerList,
    ApprovedAnswerView,
)
from serve.cursors import decode_cursor, encode_cursor
from serve.deps import Access
from serve.quality import reviews
from serve.quotas.uploads import check_room
from vernacular import approved
from vernacular.db.base import new_id, now
from vernacular.db.models import ApprovedAnswerRow, DocumentRow
from vernacular.documents import delete_documents
from vernacular.errors import BadRequest, Conflict
from vernacular.jobs import new_job_id
from vernacular.tenancy import Platform, TenantScope
from vernacular.text.language import identify

MOST: Final = 5000
"""Approved answers that a tenant can have."""
Put = Callable[[TenantScope], ApprovedAnswerRow]


def list_page(access: Access, words: str, limit: int, cursor: str | None) -> ApprovedAnswerList:
    with access.read() as scope:
        ids = repository.matching(scope, words)
        rows = repository.page(scope, ids, limit + 1, decode_cursor(cursor) if cursor else None)
        total = scope.count(ApprovedAnswerRow) if ids is None else len(ids)
        views = _views(scope, rows[:limit])
    more = encode_cursor(rows[limit - 1].updated_at, rows[limit - 1].id) if len(rows) > limit else None
    return ApprovedAnswerList(data=views, total=total, next_cursor=more)


def show(access: Access, approved_id: str) -> ApprovedAnswerView:
    """
    Raises:
        NotFound: the tenant has no such approved answer.
    """
    with access.read() as scope:
        return _views(scope, [repository.find(scope, approved_id)])[0]


def create(access: Access, asked: ApprovedAnswerForm) -> ApprovedAnswerView:
    """
    Raises:
        Conflict: the same question has an approved answer, or there are as many as can be.
        NotFound: one of the questions that it answers is not there.
        QuotaExceeded: the tenant has no room for its document.
    """
    identifier, by = new_id(), access.principal.id

    def put(scope: TenantScope) -> ApprovedAnswerRow:
        if scope.count(ApprovedAnswerRow) >= MOST:
            raise Conflict(f"There are {MOST} approved answers already.", "Delete those that nobody needs any more.")
        questions = reviews.unanswered(scope, asked.message_ids)
        borrowed = {approved.one_line(each.text): each.subject for each in questions if each.is_short}
        further = borrowed if asked.wordings else ()
        variants = repository.distinct(asked.question, (*asked.variants, *further))[:VARIANTS]
        row = ApprovedAnswerRow(
            id=identifier,
            question=asked.question,
            variants=variants,
            borrowed=_kept(borrowed, asked.question, variants),
            answer=asked.answer,
            language=asked.language or identify(f"{asked.question}\n{asked.answer}").code,
            uri=asked.uri,
            active=asked.active,
            valid_from=asked.valid_from,
            valid_until=asked.valid_until,
            created_by=by,
            updated_by=by,
        )
        _check_free(scope, row)
        scope.add(row)
        reviews.review(scope, asked.message_ids, "approved", by=by, approved_id=identifier)
        facts = {"approved_answer": identifier, "active": row.active, "questions": len(asked.message_ids)}
        access.record(scope, "approved_answer.created", facts=facts, content=_content(row))
        return row

    _write(access, put)
    return show(access, identifier)


def change(access: Access, approved_id: str, asked: ApprovedAnswerChange) -> ApprovedAnswerView:
    """
    Raises:
        NotFound: the tenant has no such approved answer.
        BadRequest: nothing is to be changed, or it would end before it begins.
        Conflict: the same question has another approved answer.
        QuotaExceeded: the tenant has no room for its document.
    """
    given = asked.given
    if not given:
        raise BadRequest("Nothing is to be changed.", "Send at least one field.")

    def put(scope: TenantScope) -> ApprovedAnswerRow:
        row = repository.find(scope, approved_id, lock=True)
        for name, value in given.items():
            setattr(row, name, value)
        row.variants = repository.distinct(row.question, row.variants)
        row.borrowed = _kept(row.borrowed, row.question, row.variants)
        row.language = row.language or identify(f"{row.question}\n{row.answer}").code
        row.updated_by, row.updated_at = access.principal.id, now()
        _check(row)
        _check_free(scope, row)
        facts = {"approved_answer": approved_id, "fields": sorted(given), "active": row.active}
        access.record(scope, "approved_answer.changed", facts=facts, content=_content(row))
        return row

    _write(access, put)
    return show(access, approved_id)


def delete(access: Access, approved_id: str) -> None:
    """
    Raises:
        NotFound: the tenant has no such approved answer.
    """

    def drop(scope: TenantScope) -> list[dict[str, Any]]:
        row = repository.find(scope, approved_id, lock=True)
        reviews.reopen_of(scope, approved_id)
        access.record(scope, "approved_answer.deleted", facts={"approved_answer": approved_id}, content=_content(row))
        scope.session.delete(row)
        return [{"id": approved_id, "deleted": True}]

    _enqueue(access, drop)
    _remove_document(access, approved_id)


def _write(access: Access, put: Put) -> None:
    """Have `put` write the row and a job take in its document, both or neither; if it is off, its document goes at once."""
    written: list[ApprovedAnswerRow] = []

    def change(scope: TenantScope) -> list[dict[str, Any]]:
        # One after the other: two who give the same question an answer at once would both find it free.
        Platform(scope.session).tenant_row(access.principal.tenant.slug, lock=True)
        written.append(put(scope))
        return [approved.record(written[0])]

    _enqueue(access, change)
    if not written[0].active:
        _remove_document(access, written[0].id)


def _enqueue(access: Access, change: Callable[[TenantScope], list[dict[str, Any]]]) -> None:
    """Have a job take in the records that `change` returns, in the transaction of what else it does: both or neither."""
    services, job = access.services, new_job_id()
    folder = services.jobs.upload_folder(job)

    def tell(scope: TenantScope) -> None:
        records = change(scope)
        approved.write_records(folder, records)
        if not all(each.get("deleted") for each in records):
            check_room(access, approved.spec(), folder)

    try:
        services.jobs.enqueue(services.database, access.principal.tenant, "ingest", approved.spec(), job, tell=tell)
    except BaseException:  # whatever stopped it: nothing may be left behind
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _remove_document(access: Access, approved_id: str) -> None:
    services = access.services
    with access.read() as scope:
        of_it = scope.select(DocumentRow.id).where(
            DocumentRow.source == approved.SOURCE, DocumentRow.source_id == approved_id
        )
        ids = list(scope.execute(of_it).scalars())
    delete_documents(services.database, services.vectors, services.blobs, access.principal.tenant, ids)


def _check(row: ApprovedAnswerRow) -> None:
    if row.valid_from and row.valid_until and row.valid_until < row.valid_from:
        raise BadRequest("`valid_until` is before `valid_from`.", "Swap or correct them.")
    if row.active and not row.question:
        raise BadRequest("The question is empty.", "Write one before you switch the answer on.")


def _check_free(scope: TenantScope, row: ApprovedAnswerRow) -> None:
    texts = [text for text in (row.question, *row.variants) if text]
    if (taken := repository.asked_alike(scope, texts, row.id)) is not None:
        raise Conflict(
            f"Another approved answer answers “{taken[:120]}” already.", "Change that one, or leave this wording out."
        )


def _kept(borrowed: Mapping[str, Any], question: str, variants: Sequence[str]) -> dict[str, Any]:
    """Of the wordings that are people's own, those that are still there."""
    there = {question, *variants}
    return {text: subject for text, subject in borrowed.items() if text in there}


def _content(row: ApprovedAnswerRow) -> dict[str, Any]:
    """For the audit log; not the variants, which may be other people's words."""
    return {"question": row.question if row.question not in row.borrowed else "", "answer": row.answer}


def _views(scope: TenantScope, rows: Sequence[ApprovedAnswerRow]) -> list[ApprovedAnswerView]:
    documents = approved.documents_of(scope, rows) if rows else {}
    today = datetime.now().astimezone().date()
    return [_view(row, documents.get(row.id), today) for row in rows]


def _view(row: ApprovedAnswerRow, document: tuple[str, bool] | None, today: date) -> ApprovedAnswerView:
    """`document`: its id, and whether it is in the index as the answer is now."""
    document_id, indexed = document or (None, False)
    return ApprovedAnswerView.model_validate(
        {
            **{name: getattr(row, name) for name in ApprovedAnswerView.model_fields if hasattr(row, name)},
            "state": approved.state_of(row, indexed, today),
            "document_id": document_id,
        }
    )
