"""The worker: takes jobs from the queue and runs each as a durable workflow that survives its end.

A job is a row (`vernacular.jobs`); the worker hands waiting rows to DBOS, which runs them, one at a time for a tenant,
and, after a crash, goes on from the step that was under way.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Final, ParamSpec, Self, TypeVar

from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID, StepOptions
from dbos import error as dbos_errors
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from ingest import progress
from ingest.bootstrap import opened_parts
from ingest.numbers import Number, taken_number
from ingest.repair import follow_model, look_over
from ingest.turns import MOST_JOBS, Handing
from ingest.workflows import Jobs
from vernacular.errors import IndexDamaged, Unavailable, UnknownJob, UnknownTenant, VernacularError
from vernacular.jobs import FINISHED, QUEUED, JobQueue
from vernacular.retention import apply_retention
from vernacular.settings import Settings
from vernacular.tenancy import Platform
from vernacular.uploads import drop_old_uploads
from vernacular.vectors.protocol import VectorStore

P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger(__name__)

QUEUE: Final = "ingest"
WORKFLOW: Final = "job"
VERSION: Final = "1"
"""Of the sequence of steps in `ingest.workflows`: raise it when jobs begun by older code cannot be carried on."""
POLL_S: Final = 0.2
TAKE_OVER_S: Final = 5.0
"""How often a worker looks for jobs of others that have gone."""
STOP_PATIENCE_S: Final = 8.0
FOLLOW_MODEL_S: Final = 60.0
"""How often a worker looks whether every index is of the embedding model configured."""
CATCH_UP_S: Final = 30.0
"""How often a worker looks for corpora that are missing, or hold words of documents that are gone."""
TIDY_S: Final = 86_400.0
"""How often a worker applies retention."""
MAX_CRASHES: Final = 100


class WorkerStopping(BaseException):
    """Leaves a workflow where it is, to be carried on by the next worker. Not an Exception: DBOS would record it."""


class Worker:
    """Runs jobs while it is entered.

    On SQLite there is one a home: a second waits a little for the first to go, then raises Conflict. On PostgreSQL many
    share the jobs, and carry on those of one that has gone.
    """

    def __init__(self, settings: Settings, vectors: VectorStore | None = None) -> None:
        self._settings = settings
        self._given_vectors = vectors
        self._stack = ExitStack()
        self._stopping = threading.Event()
        self._poller: threading.Thread | None = None
        self._follower: threading.Thread | None = None
        self._learning: threading.Thread | None = None
        self._number: Number

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._number = stack.enter_context(taken_number(self._settings))
            self.parts = stack.enter_context(opened_parts(self._settings, self._given_vectors))
            self.parts.audit.start()
            self._handing = Handing(self._settings.ingest.concurrency, self.parts.turns)
            self._jobs = Jobs(self.parts, self._step)
            self._launch(stack)
            look_over(self.parts)
            self._resume()
            self._poller = threading.Thread(target=self._poll, name="jobs", daemon=True)
            self._poller.start()
            self._follower = threading.Thread(target=self._follow_model, name="embedding-model", daemon=True)
            self._follower.start()
            self._learning = threading.Thread(target=self._catch_up, name="corpora", daemon=True)
            self._learning.start()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for thread in (self._poller, self._follower, self._learning):
            if thread is not None:
                thread.join(STOP_PATIENCE_S)
        give_up = time.monotonic() + STOP_PATIENCE_S
        while self.busy and time.monotonic() < give_up:
            time.sleep(0.02)
        self._stack.close()

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return len(self._handing) > 0

    @property
    def stopped(self) -> bool:
        """Whether it takes no more jobs: it was asked to stop, or another worker has its number."""
        return self._stopping.is_set()

    def wait(self, tenant_id: str, job_id: str, timeout_s: float | None = None) -> dict[str, Any]:
        """Return the job's view once it has ended, or after `timeout_s` as it is then."""
        with self.parts.database.read() as session:
            tenant = Platform(session).tenant_by_id(tenant_id)
        give_up = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            view = JobQueue(self._settings).show(self.parts.database, tenant, job_id)
            if view["state"] in FINISHED or (give_up is not None and time.monotonic() > give_up):
                return view
            time.sleep(0.05)

    # -- DBOS ------------------------------------------------------------------------------------------------------

    def _launch(self, stack: ExitStack) -> None:
        _quiet_dbos()
        config = DBOSConfig(
            name="vernacular",
            application_version=VERSION,
            executor_id=self._number.name,
            enable_otlp=False,
            log_level="WARNING",
            system_database_url=self._settings.jobs_url,
        )
        if make_url(self._settings.jobs_url).get_backend_name() == "sqlite":
            engine = _jobs_engine(self._settings.jobs_url)
            stack.callback(engine.dispose)
            config["system_database_engine"] = engine
        DBOS(config=config)
        stack.callback(DBOS.destroy, destroy_registry=True)
        self._workflow: Callable[[str, str], None] = DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MAX_CRASHES)(
            self._workflow_body()
        )
        DBOS.launch()
        self._queue = DBOS.register_queue(
            QUEUE,
            worker_concurrency=MOST_JOBS,
            partition_concurrency=1,
            polling_interval_sec=POLL_S,
            on_conflict="always_update",
        )

    def _workflow_body(self) -> Callable[[str, str], None]:
        def job(tenant_id: str, job_id: str) -> None:
            self._handing.begin(tenant_id, job_id)
            try:
                self._run(tenant_id, job_id)
            finally:
                self._handing.end(job_id)

        return job

    def _step(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        if self._stopping.is_set():
            raise WorkerStopping
        options = StepOptions(
            name=getattr(function, "__name__", "step"),
            retries_allowed=True,
            interval_seconds=0.5,
            backoff_rate=1.5,
            max_attempts=14,
            should_retry=_passes,
        )
        return DBOS.run_step(options, function, *args, **kwargs)

    def _run(self, tenant_id: str, job_id: str) -> None:
        """The edge of a job: whatever ends it is written into its row, in words."""
        try:
            self._jobs.run(tenant_id, job_id)
        except (UnknownTenant, UnknownJob):
            log.info("job %s was deleted with its tenant", job_id)
        except VernacularError as error:
            self._fail(tenant_id, job_id, error)
        except dbos_errors.DBOSMaxStepRetriesExceeded as error:
            last = error.errors[-1] if error.errors else error
            self._fail(tenant_id, job_id, last if isinstance(last, VernacularError) else _unexpected(last))
        except dbos_errors.DBOSException:
            raise
        except Exception as error:
            log.exception("job %s failed", job_id)
            self._fail(tenant_id, job_id, _unexpected(error))
        self._jobs.clean_up(tenant_id, job_id)

    def _fail(self, tenant_id: str, job_id: str, error: VernacularError) -> None:
        log.error("job %s failed: %s", job_id, error)
        with self.parts.database.read() as session:
            tenant = Platform(session).tenant_by_id(tenant_id)
        progress.fail(self.parts, tenant, job_id, error)

    # -- the queue -------------------------------------------------------------------------------------------------

    def _resume(self) -> None:
        """Hand over what was accepted but never begun, close what can no longer be carried on, and forget what is done."""
        with self.parts.database.read() as session:
            unfinished = Platform(session).unfinished_jobs()
        for tenant_id, job_id, state in unfinished:
            status = DBOS.get_workflow_status(job_id)
            if status is None:
                if state != QUEUED:  # those are handed over in their turn
                    self._hand_over(tenant_id, job_id)
            elif status.status not in ("PENDING", "ENQUEUED", "DELAYED"):
                self._fail(tenant_id, job_id, _unexpected(RuntimeError("it ended the worker again and again")))
        done = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
            load_input=False,
            load_output=False,
        )
        if done:
            DBOS.delete_workflows([status.workflow_id for status in done])

    def _poll(self) -> None:
        looked = time.monotonic()
        while not self._stopping.wait(POLL_S):
            try:
                if not self._number.held():
                    log.error("the database was out of reach, and another worker carries on the jobs of this one")
                    self._stopping.set()
                    return
                if time.monotonic() - looked > TAKE_OVER_S:
                    looked = time.monotonic()
                    self._take_over()
                with self.parts.database.read() as session:
                    waiting = Platform(session).queued_jobs()
            except OperationalError:
                log.warning("the database cannot be read; trying again", exc_info=True)
                continue
            for job_id, tenant_id in self._handing.choose(waiting):
                self._hand_over(tenant_id, job_id)

    def _follow_model(self) -> None:
        """In a thread of its own: a model is loaded by its first use, which may take a minute."""
        while not self._stopping.is_set():
            try:
                follow_model(self.parts)
            except (OperationalError, UnknownTenant):
                log.warning("the database cannot be read; trying again", exc_info=True)
            self._stopping.wait(FOLLOW_MODEL_S)

    def _catch_up(self) -> None:
        """In a thread of its own, and not at once: what waits as a worker starts is more urgent."""
        tidied: float | None = None
        while not self._stopping.wait(CATCH_UP_S):
            try:
                self.parts.learner.catch_up(self._stopping.is_set)
                if tidied is None or time.monotonic() - tidied > TIDY_S:
                    self.tidy()
                    tidied = time.monotonic()
            except (SQLAlchemyError, VernacularError):
                log.warning("documents were not learned from, or retention not applied; trying again", exc_info=True)

    def tidy(self) -> None:
        """Remove what tenants no longer want kept, copy checkpoints that have no copy, and remove uploads that were kept for long enough."""
        parts = self.parts
        for name, removed in apply_retention(parts.database, parts.audit, self._settings).items():
            log.info("retention", extra={"fields": {"tenant": name, **removed.described()}})
        parts.audit.mirror_all()
        drop_old_uploads(self._settings, parts.database)

    def _take_over(self) -> None:
        """Carry on what was begun by workers that have gone."""
        begun = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        for name in {status.executor_id for status in begun if status.executor_id}:
            with self._number.abandoned(name) as gone:
                if gone:
                    log.warning("%s has gone; its jobs are carried on", name)
                    DBOS._recover_pending_workflows([name])

    def _hand_over(self, tenant_id: str, job_id: str) -> None:
        with SetWorkflowID(job_id), SetEnqueueOptions(queue_partition_key=tenant_id):
            self._queue.enqueue(self._workflow, tenant_id, job_id)


def run_worker(settings: Settings, vectors: VectorStore | None = None) -> None:
    """Run jobs until SIGTERM or SIGINT, then leave the job under way to the next worker."""
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    with Worker(settings, vectors) as worker:
        log.info("worker started")
        while not ended.wait(1.0) and not worker.stopped:
            pass
    if worker.busy:
        log.warning("a step is still under way; its job goes on with the next worker")
        logging.shutdown()
        os._exit(0)  # its thread would keep the process until the step's end


def _passes(error: BaseException) -> bool:
    """Whether waiting may help: a store that is being restarted, a database that is busy."""
    return isinstance(error, OperationalError) or (
        isinstance(error, Unavailable) and not isinstance(error, IndexDamaged)
    )


def _unexpected(error: BaseException) -> VernacularError:
    return VernacularError(
        f"The job stopped on an unexpected error: {type(error).__name__}: {error}.",
        "See the worker's log; run the job again, what is already in stays.",
    )


def _quiet_dbos() -> None:
    """DBOS logs the address of a hosted console when it starts; its warnings go where ours go."""
    logger = logging.getLogger("dbos")
    logger.handlers[:] = [logging.NullHandler()]
    logger.propagate = True
    logger.setLevel(logging.WARNING)


def _jobs_engine(url: str) -> Engine:
    """As DBOS would make it, but with a write-ahead log: a step costs a third."""
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.isolation_level = "IMMEDIATE"

    return engine
