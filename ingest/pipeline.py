"""Ingest in one straight line: source → parse → clean → chunk → analyze → store, a batch at a time."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.chunk import chunk
from ingest.identity import Incoming, byte_count, document_id, identified
from ingest.pictures import Kept, Pictures
from ingest.plan import Read
from ingest.progress import Progress
from ingest.sources.items import Deletion, SourceError
from ingest.store import Cut, DocumentStore, Known
from vernacular.errors import QuotaExceeded
from vernacular.settings import IngestSettings
from vernacular.tenancy import Tenant
from vernacular.text.language import identify_all
from vernacular.types import Chunk, Document

GROUP = 256
"""Documents written together; while their points are on the way, the group after them is read, written and analyzed."""
GLANCE, LOOK = 64, 400
"""Characters that the language of a document is told from: the second number where the first leave a doubt."""
SURE = 0.8
"""Confidence from which a glance is enough: more characters then change hardly an answer."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a batch belongs to, and how far its job was before it."""

    tenant: Tenant
    job_id: str
    source: str
    sync: bool = False
    stage: str = "indexing"
    done: int = 0
    failed: int = 0
    pictures: Pictures | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far the job is after a batch; `stop`: someone has asked that it end; `refused`: documents of this batch for which the tenant
    has no room, which `failed` counts, too."""

    done: int
    failed: int
    stop: bool = False
    refused: int = 0


@dataclass(frozen=True, slots=True)
class _Group:
    """Items in SQL whose points are under way. `unchanged`: ids of documents that were there already."""

    count: int
    errors: tuple[SourceError, ...]
    cut: Sequence[Cut]
    unchanged: Sequence[str]
    sent: Sequence[Future[None]]

    def holds(self, incoming: Iterable[Incoming]) -> bool:
        mine = {cut.incoming.document_id for cut in self.cut}
        return any(each.document_id in mine for each in incoming)


class Pipeline:
    """Takes batches of a source to where they can be found. Running a batch again changes nothing."""

    def __init__(self, settings: IngestSettings, store: DocumentStore) -> None:
        self._settings = settings
        self._store = store

    def run(self, work: Work, reads: Iterable[Read]) -> Outcome:
        sender = ThreadPoolExecutor(1, thread_name_prefix="upsert")
        try:
            return self._run(work, reads, sender)
        finally:
            # After an error too, nothing may reach the index later than this.
            sender.shutdown(wait=True, cancel_futures=True)

    def _run(self, work: Work, reads: Iterable[Read], sender: Executor) -> Outcome:
        outcome = Outcome(work.done, work.failed)
        before: _Group | None = None
        for group in bounded(reads, self._settings.batch_bytes, GROUP):  # source → parse → clean
            latest = {read.item.source_id: read for read in group if not isinstance(read.item, SourceError)}
            incoming = [self._identified(work, read) for read in latest.values() if isinstance(read.item, Document)]
            if before is not None and before.holds(incoming):
                # A document that comes again may only be written again once what was sent of it is there.
                outcome = self._finish(work, before, outcome)
                before = None
            under_way = self._take_in(work, group, incoming, sender)
            self._delete(work, latest.values())
            if before is not None:
                outcome = self._finish(work, before, outcome)
            before = under_way
            if outcome.stop:
                break
        return outcome if before is None else self._finish(work, before, outcome)

    def _take_in(self, work: Work, group: Sequence[Read], incoming: list[Incoming], sender: Executor) -> _Group:
        errors = tuple(read.item for read in group if isinstance(read.item, SourceError))
        known = self._store.known(work.tenant, [each.document_id for each in incoming])
        fresh, unchanged = split(incoming, known)
        fresh, unchanged = self._with_pictures(work, incoming, fresh, unchanged, known)
        fresh, refused = self._store.fitting(work.tenant, fresh, known)
        cut = [
            Cut(each, self._chunks(each.document), language, known.get(each.document_id))  # chunk
            for each, language in zip(fresh, languages([each.document for each in fresh]), strict=True)
        ]
        sent: list[Future[None]] = []
        if cut:
            seen_in = work.job_id if work.sync else None
            partitions = self._store.write(work.tenant, work.source, cut, seen_in)  # store: the truth
            sent = self._store.send(partitions, cut, sender)  # analyze, store: what can be found
        return _Group(len(group), (*errors, *refused), cut, unchanged, sent)

    def _with_pictures(
        self,
        work: Work,
        incoming: Sequence[Incoming],
        fresh: Sequence[Incoming],
        unchanged: Sequence[str],
        known: Mapping[str, Known],
    ) -> tuple[list[Incoming], list[str]]:
        """`fresh` with their pictures, and among them what is unchanged but for a picture that could not be had before."""
        lacking = [
            each
            for each in incoming
            if each.wanted and each.document_id in unchanged and known[each.document_id].picture is None
        ]
        wanted = [each.wanted for each in (*fresh, *lacking) if each.wanted]
        if work.pictures is None or not wanted:
            return list(fresh), list(unchanged)
        kept = work.pictures.keep(work.tenant.id, wanted)
        pictured = [self._pictured(work, each, kept, known) for each in fresh]
        pictured += [self._pictured(work, each, kept, known) for each in lacking if each.wanted in kept]
        written = {each.document_id for each in pictured}
        return pictured, [each for each in unchanged if each not in written]

    def _pictured(
        self, work: Work, incoming: Incoming, kept: Mapping[Path | str, Kept], known: Mapping[str, Known]
    ) -> Incoming:
        """One whose picture cannot be had this time keeps the one that it has."""
        if incoming.wanted is None:
            return incoming
        found = kept.get(incoming.wanted)
        before = known.get(incoming.document_id)
        if found is None and before is not None and before.picture is not None:
            found = Kept(before.picture, self._store.blobs.size(work.tenant.id, before.picture))
        return (
            incoming if found is None else replace(incoming, picture=found.digest, bytes=incoming.bytes + found.bytes)
        )

    def _finish(self, work: Work, group: _Group, before: Outcome) -> Outcome:
        progress = Progress(
            work.job_id, work.stage, before.done + group.count, before.failed + len(group.errors), group.errors
        )
        if work.sync:
            # A document that is there but cannot be read this time is not a document that is gone.
            unread = [error.source_id for error in group.errors if not error.gone]
            self._store.see(work.tenant, work.source, work.job_id, group.unchanged, unread)
        stop = self._store.finish(work.tenant, group.cut, group.sent, progress)
        refused = sum(error.name == QuotaExceeded.name for error in group.errors)
        return Outcome(progress.done, progress.failed, stop, before.refused + refused)

    def _delete(self, work: Work, latest: Iterable[Read]) -> None:
        gone = [read.item.source_id for read in latest if isinstance(read.item, Deletion)]
        if gone:
            self._store.delete(work.tenant, [self._id(work, source_id) for source_id in gone])

    def _identified(self, work: Work, read: Read) -> Incoming:
        assert isinstance(read.item, Document)
        if read.original is None:
            return identified(work.tenant.id, work.source, read.item, wanted=read.picture)
        original = self._store.keep_original(work.tenant, read.original)
        return identified(work.tenant.id, work.source, read.item, original, read.original.stat().st_size)

    def _id(self, work: Work, source_id: str) -> str:
        return document_id(work.tenant.id, work.source, source_id)

    def _chunks(self, document: Document) -> list[Chunk]:
        return chunk(document, self._settings.chunk_target, self._settings.chunk_maximum)


def languages(documents: Sequence[Document]) -> list[str | None]:
    """The language that each document says it is in, else the one it begins in; None where no letters tell."""
    silent = [number for number, document in enumerate(documents) if not document.language]
    found = dict(zip(silent, identify_all([documents[number].text for number in silent], GLANCE), strict=True))
    doubtful = [number for number, language in found.items() if language.confidence < SURE]
    found.update(zip(doubtful, identify_all([documents[number].text for number in doubtful], LOOK), strict=True))
    codes = [document.language or found[number].code for number, document in enumerate(documents)]
    return [None if code == "und" else code for code in codes]


def split(incoming: Iterable[Incoming], known: dict[str, Known]) -> tuple[list[Incoming], list[str]]:
    """Those to be written, and the ids of those that are there already and unchanged."""
    fresh: list[Incoming] = []
    unchanged: list[str] = []
    for each in incoming:
        before = known.get(each.document_id)
        if before is not None and before.indexed and before.content_hash == each.content_hash:
            unchanged.append(each.document_id)
        else:
            fresh.append(each)
    return fresh, unchanged


def bounded(reads: Iterable[Read], size: int, count: int = sys.maxsize) -> Iterator[list[Read]]:
    """`reads` in groups of `count` whose texts are `size` bytes at most together; a longer document goes alone."""
    group: list[Read] = []
    held = 0
    for read in reads:
        length = byte_count(read.item.text) if isinstance(read.item, Document) else 0
        if group and (held + length > size or len(group) >= count):
            yield group
            group, held = [], 0
        group.append(read)
        held += length
    if group:
        yield group
