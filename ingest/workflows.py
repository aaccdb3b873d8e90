"""What each kind of job does, as a sequence of steps.

A step may run twice, and its result is kept: a job that a crash has interrupted runs again from its beginning, with
the kept results in the place of the steps that were done. So between steps nothing may depend on what can change.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ParamSpec, Protocol, TypeVar

from ingest import progress
from ingest.bootstrap import Parts
from ingest.describing import Descriptions, IllustratingParser, KnownDescriptions, Problem
from ingest.identity import document_id
from ingest.parse import ocr
from ingest.pictures import Pictures
from ingest.pipeline import Outcome, Work
from ingest.plan import Items, Part
from ingest.reindex import Copied
from ingest.sources.items import SourceError
from ingest.sources.web import Kept, WebSource
from ingest.store import DocumentStore
from vernacular.audit.events import SYSTEM, Event
from vernacular.db.models import JobRow
from vernacular.errors import BadRequest, IndexDamaged, UnknownJob
from vernacular.jobs import JobQueue
from vernacular.tenancy import Platform, Tenant, TenantScope
from vernacular.uploads import end_upload

P = ParamSpec("P")
R = TypeVar("R")
KEPT = SourceError(
    "",
    "deletions_skipped",
    "Some records could not be read, so the documents that this source no longer has were kept. Correct the records and send all again.",
)


class Step(Protocol):
    """Runs a function once and for all: its result is kept, and repeated calls after a crash return that."""

    def __call__(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R: ...


class Fetches:
    """What a tenant's source fetched before."""

    def __init__(self, store: DocumentStore, tenant: Tenant, source: str) -> None:
        self._store, self._tenant, self._source = store, tenant, source

    def last(self, source_id: str) -> Kept | None:
        return self._store.kept(self._tenant, document_id(self._tenant.id, self._source, source_id))


class Jobs:
    """Runs jobs with `parts`; `step` makes what it runs durable."""

    def __init__(self, parts: Parts, step: Step) -> None:
        self._parts = parts
        self._step = step

    def run(self, tenant_id: str, job_id: str) -> None:
        """
        Raises:
            VernacularError: the job cannot go on; nothing else will end it.
        """
        tenant, kind, spec = self._find(tenant_id, job_id)
        if kind == "ingest":
            self._ingest(tenant, job_id, spec)
        elif kind == "reindex":
            self._reindex(tenant, job_id)
        else:
            raise BadRequest(f"There is no job of the kind {kind!r}.")

    def clean_up(self, tenant_id: str, job_id: str) -> None:
        """Remove what was uploaded for a job that has ended, or keep it for a while if that was not well."""
        end_upload(self._parts.settings, self._parts.database, tenant_id, job_id)

    # -- ingest ----------------------------------------------------------------------------------------------------

    def _ingest(self, tenant: Tenant, job_id: str, spec: Mapping[str, Any]) -> None:
        parts, step = self._parts, self._step
        describing = self._describing(tenant)
        folder = JobQueue(parts.settings).upload_folder(job_id)
        parser, sync = describing or parts.parser, bool(spec.get("sync"))
        web = WebSource(parts.web, Fetches(parts.store, tenant, spec["source"]), parser, sync=sync)
        items = Items(spec["items"], folder, parser, parts.parser, web)
        running = step(progress.begin, parts.database, tenant, job_id, "reading")
        plan = step(items.plan, parts.settings.ingest.batch_documents) if running else []
        total = sum(part.count for part in plan)
        running = running and step(progress.begin, parts.database, tenant, job_id, "indexing", total)
        outcome = Outcome(0, 0, stop=not running)
        pictures = self._pictures()
        unnamed = 0
        for part in plan:
            if outcome.stop:
                break
            before = outcome.failed
            work = Work(tenant, job_id, spec["source"], sync, part.stage, outcome.done, outcome.failed, pictures)
            outcome = self._mended(tenant, self._take_in, work, items, part, describing)
            unnamed += 0 if part.names_its_errors else outcome.failed - before - outcome.refused
        if not outcome.stop:
            step(progress.begin, parts.database, tenant, job_id, "finishing")
            if spec.get("sync"):
                step(self._follow_deletions, tenant, job_id, spec["source"], unnamed)
            self._mended(tenant, self._flush, tenant)
            parts.learner.after_job(tenant)
        step(progress.end, parts, tenant, job_id, outcome.failed, outcome.stop)

    def _take_in(self, work: Work, items: Items, part: Part, describing: IllustratingParser | None) -> Outcome:
        with self._parts.turns.take(work.tenant.id):
            outcome = self._parts.pipeline.run(work, items.read(part))
        if describing is not None and describing.problem is not None:
            self._warn(work.tenant, work.job_id, describing.problem)
        if work.pictures is not None and work.pictures.missed:
            self._tell_missed(work.tenant, work.job_id, work.pictures)
        return outcome

    def _pictures(self) -> Pictures | None:
        parts, settings = self._parts, self._parts.settings.ingest
        if not settings.pictures:
            return None
        return Pictures(parts.image_web, parts.parser, parts.store.blobs, settings.picture_mb)

    def _describing(self, tenant: Tenant) -> IllustratingParser | None:
        """A parser that also looks at pictures; None: as the job begins there is neither a vision model nor OCR for it."""
        parts, most = self._parts, self._parts.settings.vision.images_per_document
        endpoint = parts.describer.endpoint()
        if endpoint is None:
            return IllustratingParser(parts.parser, None, most) if most and ocr.available() else None
        known = KnownDescriptions(parts.database, tenant, endpoint.model)
        language = next(iter(tenant.languages), "en")
        return IllustratingParser(parts.parser, Descriptions(parts.describer, language, known), most)

    def _warn(self, tenant: Tenant, job_id: str, problem: Problem) -> None:
        """Tell in the job's errors, beside those of documents, that pictures went without a description."""
        told = f"{problem.count} images came in without a description. {problem.last.message} {problem.last.hint}"
        with self._parts.database.write() as session:
            error = SourceError("", "images_not_described", told.strip())
            progress.write_errors(TenantScope(session, tenant), job_id, -2, [error])

    def _tell_missed(self, tenant: Tenant, job_id: str, pictures: Pictures) -> None:
        told = f"{pictures.missed} products came in without their picture. {pictures.last}"
        with self._parts.database.write() as session:
            error = SourceError("", "pictures_missing", told.strip())
            progress.write_errors(TenantScope(session, tenant), job_id, -3, [error])

    def _follow_deletions(self, tenant: Tenant, job_id: str, source: str, unnamed: int) -> None:
        if not unnamed:
            self._parts.store.delete_unseen(tenant, source, job_id, partial(self._record_deletions, job_id))
            return
        with self._parts.database.write() as session:
            progress.write_errors(TenantScope(session, tenant), job_id, -1, [KEPT])

    def _record_deletions(self, job_id: str, scope: TenantScope, ids: Sequence[str]) -> None:
        self._parts.audit.record(scope, Event("document.deleted", SYSTEM, facts={"documents": ids, "job": job_id}))

    def _flush(self, tenant: Tenant) -> None:
        with self._parts.database.read() as session:
            partitions = TenantScope(session, tenant).partitions()
        for partition in partitions:
            self._parts.vectors.flush(partition)

    def _mended(self, tenant: Tenant, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """A step that writes to the index, which is rebuilt first if it turns out to be damaged."""
        try:
            return self._step(function, *args, **kwargs)
        except IndexDamaged:
            self._rebuild(tenant, None)
            return self._step(function, *args, **kwargs)

    # -- reindex ---------------------------------------------------------------------------------------------------

    def _reindex(self, tenant: Tenant, job_id: str) -> None:
        running = self._step(progress.begin, self._parts.database, tenant, job_id, "reading")
        stopped = not running or self._rebuild(tenant, job_id)
        self._step(progress.end, self._parts, tenant, job_id, 0, stopped)

    def _rebuild(self, tenant: Tenant, job_id: str | None) -> bool:
        """Build a new generation and switch to it; returns whether it was stopped before the end."""
        step, reindexer = self._step, self._parts.reindexer
        generation, total = step(reindexer.begin, tenant)
        if job_id is not None:
            step(progress.begin, self._parts.database, tenant, job_id, "indexing", total)
        copied = Copied("", 0)
        while True:
            copied = step(self._in_turn(tenant, reindexer.copy), tenant, generation, copied, job_id)
            if copied.stop:
                step(reindexer.abandon, tenant, generation)
                return True
            if not copied.after:
                break
        step(reindexer.drop, tenant, step(reindexer.switch, tenant, generation))
        return False

    def _in_turn(self, tenant: Tenant, function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def in_turn(*args: P.args, **kwargs: P.kwargs) -> R:
            with self._parts.turns.take(tenant.id):
                return function(*args, **kwargs)

        return in_turn

    def _find(self, tenant_id: str, job_id: str) -> tuple[Tenant, str, dict[str, Any]]:
        with self._parts.database.read() as session:
            tenant = Platform(session).tenant_by_id(tenant_id)
            row = TenantScope(session, tenant).get(JobRow, job_id)
            if row is None:
                raise UnknownJob("The job is gone.")
            return tenant, row.kind, row.spec
