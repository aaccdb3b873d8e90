"""Erasing a document: its text and vectors, its original, what answers quoted of it, and what was learned from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from vernacular.audit.events import Actor, Event
from vernacular.audit.subjects import document_key
from vernacular.db.models import (
    AuditSubjectRow,
    ChunkRow,
    CorpusRow,
    DocumentRow,
    DocumentTextRow,
    JobErrorRow,
    MessageRow,
    RedteamRunRow,
)
from vernacular.documents import delete_documents
from vernacular.erasure.quotes import Quoted
from vernacular.erasure.report import Erased
from vernacular.erasure.stores import Stores, clean_files, destroy_keys, ended_jobs
from vernacular.erasure.traces import Needles
from vernacular.erasure.wordings import drop_answer
from vernacular.errors import UnknownDocument
from vernacular.tenancy import Tenant, TenantScope
from vernacular.uploads import forget_uploads

_PAGE: Final = 500


def erase_document(stores: Stores, tenant: Tenant, document_id: str, by: Actor) -> Erased:
    """Erase a document, also one that was deleted before and is still quoted somewhere.

    Answers that cite it or quote it lose their text. The audit log keeps that they were given; nobody can read what they said.
    Searches wait for some seconds at the end, as the embedded index is opened anew.

    Raises:
        UnknownDocument: the tenant has no such document, and had none that is quoted.
        VectorStoreDown: the index cannot be reached; repeat the call.
    """
    stores.audit.flush()
    with stores.database.read() as session:
        scope = TenantScope(session, tenant)
        names, texts = _told(scope, document_id)
        logged = scope.count(AuditSubjectRow, AuditSubjectRow.subject == document_key(document_id)) > 0
    if not names and not logged:
        raise UnknownDocument("There is no such document.", "GET /v1/documents lists those you may read.")
    with stores.database.write() as session:
        approved_answers = drop_answer(TenantScope(session, tenant), document_id)
    with stores.database.read() as session:
        # Packed files cannot be searched for what they say.
        forget_uploads(stores.settings, TenantScope(session, tenant))
    removed = delete_documents(stores.database, stores.vectors, stores.blobs, tenant, [document_id])
    quoted = Quoted(texts)
    with stores.database.write() as session:
        scope = TenantScope(session, tenant)
        counts = {
            "documents": removed,
            "approved_answers": approved_answers,
            "answers": _blank_answers(scope, document_id, quoted),
            "jobs": _blank_jobs(scope, names, quoted),
            "redteam_runs": _drop_runs(scope, quoted),
            "audit_keys": destroy_keys(scope, [document_key(document_id)]),
        }
        _forget_corpus(scope)
        partitions = scope.partitions()
        stores.audit.record(scope, Event("document.erased", by, facts={"document": document_id, **counts}))
    for partition in partitions:
        stores.vectors.rewrite(partition)
    files, left = clean_files(stores, Needles.of([*texts, *names]))
    return Erased("document", counts, tuple(files), tuple(left))


def _told(scope: TenantScope, document_id: str) -> tuple[list[str], list[str]]:
    """What it is called, and what it says."""
    row = scope.get(DocumentRow, document_id)
    if row is None:
        return [], []
    names = [each for each in (row.source_id, row.title, row.filename, row.uri) if each]
    text = scope.get(DocumentTextRow, document_id)
    chunks = scope.execute(scope.select(ChunkRow.text).where(ChunkRow.document_id == document_id)).scalars()
    return names, [*([text.text] if text else chunks), *_strings(row.attributes)]


def _blank_answers(scope: TenantScope, document_id: str, quoted: Quoted) -> int:
    """Answers that cite the document or quote it, in all conversations."""
    blanked = 0
    for row in _messages(scope):
        notes = row.details.get("annotations") or []
        cites = any(isinstance(note, dict) and note.get("file_id") == document_id for note in notes)
        if not cites and not quoted.is_in(row.content) and not any(map(quoted.is_in, _strings(row.details))):
            continue
        others = [note for note in notes if not (isinstance(note, dict) and note.get("file_id") == document_id)]
        details = _without({**row.details, "annotations": others, "code": [], "unsupported": []}, quoted)
        changed = scope.update(MessageRow).where(MessageRow.id == row.id)
        scope.execute(changed.values(content="", details={**details, "erased": True}))
        blanked += 1
    return blanked


def _messages(scope: TenantScope) -> Iterator[Any]:
    after = ""
    while True:
        columns = MessageRow.id, MessageRow.content, MessageRow.details
        statement = scope.select(*columns).where(MessageRow.role == "assistant", MessageRow.id > after)
        rows = scope.execute(statement.order_by(MessageRow.id).limit(_PAGE)).all()
        yield from rows
        if len(rows) < _PAGE:
            return
        after = rows[-1].id


def _without(value: Any, quoted: Quoted) -> Any:
    """The value, with nothing in the place of texts that quote the document."""
    if isinstance(value, str):
        return "" if quoted.is_in(value) else value
    if isinstance(value, Mapping):
        return {name: _without(each, quoted) for name, each in value.items()}
    return [_without(each, quoted) for each in value] if isinstance(value, list) else value


def _blank_jobs(scope: TenantScope, names: Sequence[str], quoted: Quoted) -> int:
    """What jobs that have ended were told of it, and errors that name it."""
    called, blanked = set(names), 0
    for job in ended_jobs(scope):
        items = job.spec.get("items") or []
        kept = [item for item in items if not _is_of(item, called, quoted)]
        if len(kept) < len(items):
            job.spec = {**job.spec, "items": kept}
            blanked += 1
    errors = scope.execute(scope.select(JobErrorRow.id, JobErrorRow.source_id, JobErrorRow.message)).all()
    gone = [row.id for row in errors if row.source_id in called or quoted.is_in(row.message)]
    for start in range(0, len(gone), _PAGE):
        scope.execute(scope.delete(JobErrorRow).where(JobErrorRow.id.in_(gone[start : start + _PAGE])))
    return blanked


def _is_of(item: Mapping[str, Any], called: set[str], quoted: Quoted) -> bool:
    told = list(_strings(item))
    return not called.isdisjoint(told) or any(map(quoted.is_in, told))


def _drop_runs(scope: TenantScope, quoted: Quoted) -> int:
    """Reports of attacks are signed: one that quotes the document goes as a whole."""
    rows = scope.execute(scope.select(RedteamRunRow.id, RedteamRunRow.report)).all()
    gone = [row.id for row in rows if quoted.is_in(row.report)]
    for run in gone:
        scope.execute(scope.delete(RedteamRunRow).where(RedteamRunRow.id == run))
    return len(gone)


def _forget_corpus(scope: TenantScope) -> None:
    """Its words go with all that was learned; the worker learns anew from what is left."""
    scope.execute(scope.update(CorpusRow).values(payload=b"", revision="", passages=0, began_at=None))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each)
