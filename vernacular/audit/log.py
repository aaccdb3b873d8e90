"""Writing to the tenants' logs.

`record` writes with the transaction that does what it tells. `later` gathers what itself writes nothing (a search, a refused
login) for at most `GATHER_S` seconds; a crash of the process loses no more than that.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import event as on
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from vernacular.audit.chain import Chain, Checkpoint
from vernacular.audit.entries import Entry, check_name
from vernacular.audit.events import Event
from vernacular.audit.keys import AuditKeys
from vernacular.audit.operator import OperatorLog
from vernacular.audit.outlets import Outlets
from vernacular.audit.subjects import Subjects
from vernacular.db.base import now
from vernacular.db.session import Database
from vernacular.errors import StoreBusy, UnknownTenant, VernacularError
from vernacular.settings import Settings
from vernacular.tenancy import Platform, Tenant, TenantScope

log = logging.getLogger(__name__)

GATHER_S: Final = 0.1
"""How long `later` gathers before it writes."""
MOST_WAITING: Final = 50_000
"""Events that wait at most."""
_BATCH: Final = 1000
_TICK_S: Final = 5.0
_PENDING: Final = "audit_pending"
_WRITER: Final = "sqlite_begin"  # what `Database.write()` marks its sessions' connections with

Waiting = tuple[Tenant, Event]


class AuditLog:
    """Thread-safe; one a process. `database`: for `later`, and for checkpoints that time makes due."""

    def __init__(self, settings: Settings, database: Database | None = None) -> None:
        self.keys = AuditKeys(settings.home)
        self.chain = Chain(self.keys, settings.audit)
        self.operator = OperatorLog(settings, self.keys)
        self._outlets = Outlets(settings, self.keys)
        self._settings = settings.audit
        self._database = database
        self._waiting: deque[Waiting] = deque()
        self._writing = threading.Lock()
        self._woken = threading.Event()
        self._closed = threading.Event()
        self._starting = threading.Lock()
        self._writer: threading.Thread | None = None

    @property
    def subjects(self) -> Subjects:
        """Makes the pseudonyms that `Event.subject` takes."""
        return self.chain.subjects

    @property
    def most_unsigned(self) -> int:
        """Entries that a log can have before the first checkpoint: a batch may go beyond the number of the settings."""
        return self._settings.checkpoint_entries + _BATCH

    def record(self, scope: TenantScope, event: Event) -> None:
        """Append within the scope's write transaction: the entry is there exactly if what it tells was done.

        It is written as the transaction commits, so that others wait for the end of the chain as briefly as can be.

        Raises:
            RuntimeError: the scope is not one of `Database.write()`, and would never be committed.
        """
        check_name(event)
        session = scope.session
        if _WRITER not in session.get_bind().get_execution_options():
            raise RuntimeError(f"{event.name} was recorded in a transaction that is never committed")
        pending: dict[str, tuple[TenantScope, list[Event]]] | None = session.info.get(_PENDING)
        if pending is None:
            pending = session.info[_PENDING] = {}
            self._listen(session, pending)
        pending.setdefault(scope.tenant.id, (scope, []))[1].append(event)

    def later(self, tenant: Tenant, event: Event) -> None:
        """Append soon, in a batch, for what itself writes nothing.

        Raises:
            RuntimeError: the log was made without a database.
            StoreBusy: so many wait already that the database must be out of order: nothing goes on unrecorded.
        """
        check_name(event)
        if self._database is None:
            raise RuntimeError("this log was made without a database")
        if len(self._waiting) >= MOST_WAITING:
            raise StoreBusy(
                "The audit log cannot be written.", "See whether the database can be; ask again in a moment."
            )
        self._waiting.append((tenant, event))
        if self._writer is None:
            self._start()
        self._woken.set()

    def flush(self) -> None:
        """Write what waits, now.

        Raises:
            SQLAlchemyError: the database cannot be written; what waits goes on waiting.
        """
        with self._writing:
            while self._waiting:
                self._write([self._waiting[n] for n in range(min(len(self._waiting), _BATCH))])

    def checkpoint(self, tenant: Tenant) -> Checkpoint | None:
        """Sign the tenant's log as it is now; None: the last checkpoint covers all of it."""
        self.flush()
        with self._given_database().write() as session:
            made = self.chain.checkpoint(TenantScope(session, tenant))
        self._outlets.send(tenant, (), made)
        return made

    def checkpoint_due(self) -> None:
        """Sign every log with entries that have waited for it for the time that the settings say."""
        database = self._given_database()
        before = now() - timedelta(seconds=self._settings.checkpoint_s)
        with database.read() as session:
            due = Platform(session).tenants_to_checkpoint(before)
        for tenant in due:
            self.checkpoint(tenant)

    def mirror(self, tenant: Tenant) -> int:
        """Copy checkpoints of the tenant that are not yet in the folder of copies there; returns how many."""
        with self._given_database().read() as session:
            return self._outlets.mirror(TenantScope(session, tenant))

    def mirror_all(self) -> None:
        """As `mirror`, for all tenants.

        Raises:
            InvalidSetting: the folder of copies cannot be written.
        """
        if self._settings.checkpoints is None:
            return
        with self._given_database().read() as session:
            tenants = Platform(session).tenants()
        for tenant in tenants:
            self.mirror(tenant)

    def start(self) -> None:
        """Begin to sign checkpoints that time makes due; for processes that run for long."""
        self._start()

    def close(self) -> None:
        """Write what waits."""
        self._closed.set()
        self._woken.set()
        if self._writer is not None:
            self._writer.join(10.0)
        try:
            if self._database is not None:
                self.flush()
        except SQLAlchemyError:
            log.exception("%d entries of the audit log were lost", len(self._waiting))
        self._outlets.close()

    # -- transactions ----------------------------------------------------------------------------------------------

    def _listen(self, session: Session, pending: dict[str, tuple[TenantScope, list[Event]]]) -> None:
        written: list[tuple[Tenant, list[Entry], Checkpoint | None]] = []

        def before_commit(_session: Session) -> None:
            for tenant_id in sorted(pending):  # always in the same order: two transactions never wait for each other
                scope, events = pending.pop(tenant_id)
                written.append((scope.tenant, *self.chain.append(scope, events)))

        def after_commit(_session: Session) -> None:
            for tenant, entries, made in written:
                self._outlets.send(tenant, entries, made)
            written.clear()

        def after_rollback(_session: Session) -> None:
            pending.clear()
            written.clear()

        on.listen(session, "before_commit", before_commit)
        on.listen(session, "after_commit", after_commit)
        on.listen(session, "after_rollback", after_rollback)

    # -- the writer ------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        with self._starting:
            if self._writer is None and not self._closed.is_set():
                self._writer = threading.Thread(target=self._run, name="audit", daemon=True)
                self._writer.start()

    def _run(self) -> None:
        ticked = time.monotonic()
        while not self._closed.is_set():
            self._woken.wait(_TICK_S)
            self._closed.wait(GATHER_S)
            self._woken.clear()
            try:
                self.flush()
                if time.monotonic() - ticked >= min(_TICK_S, self._settings.checkpoint_s):
                    ticked = time.monotonic()
                    self.checkpoint_due()
                    self._outlets.retry()
            except (SQLAlchemyError, VernacularError):
                log.warning("the audit log cannot be written; trying again", exc_info=True)
                self._closed.wait(1.0)
                self._woken.set()

    def _write(self, batch: Sequence[Waiting]) -> None:
        """Write the first ones that wait, by tenant, and take them off the queue as they are in."""
        by_tenant: dict[str, tuple[Tenant, list[Event]]] = {}
        for tenant, event in batch:
            by_tenant.setdefault(tenant.id, (tenant, []))[1].append(event)
        failed: dict[str, Exception] = {}
        for tenant, events in by_tenant.values():
            try:
                self._append(tenant, events)
            except (SQLAlchemyError, VernacularError) as error:
                failed[tenant.id] = error
        for _ in batch:
            self._waiting.popleft()
        self._waiting.extendleft(waiting for waiting in reversed(batch) if waiting[0].id in failed)
        for cause in failed.values():
            raise cause

    def _append(self, tenant: Tenant, events: Sequence[Event]) -> None:
        database = self._given_database()
        try:
            with database.write() as session:
                entries, made = self.chain.append(TenantScope(session, tenant), events)
        except IntegrityError:
            try:
                with database.read() as session:
                    Platform(session).tenant_by_id(tenant.id)
            except UnknownTenant:
                log.info("%d entries went with the tenant that they are of", len(events))
                return
            raise
        self._outlets.send(tenant, entries, made)

    def _given_database(self) -> Database:
        if self._database is None:
            raise RuntimeError("this log was made without a database")
        return self._database
