"""Brings model servers to what the rows of adapters say, so that a change in SQL, however made, is in effect within seconds."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from sqlalchemy.exc import SQLAlchemyError

from vernacular.adapters import AdapterStore
from vernacular.db.models import AdapterRow
from vernacular.db.session import Database
from vernacular.errors import AdapterRefused, VernacularError
from vernacular.tenancy import Platform

log = logging.getLogger(__name__)
AGAIN_S: Final = 60.0
"""Until an adapter that was refused is tried once more, unless its row or its files change before."""
_OURS: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}--[A-Za-z0-9-]{1,35}--v[0-9]+-[0-9a-f]{8}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")

Key = tuple[str, str, str]
Fingerprint = tuple[tuple[int, ...], ...]


class Card(Protocol):
    @property
    def name(self) -> str: ...


class AdapterServers(Protocol):
    """The model servers, as `serve.engine.models.Models` knows them."""

    def cards(self) -> Sequence[Card]:
        """The base models."""

    def adapters_on(self, base_model: str) -> set[str]: ...

    async def load_adapter(self, base_model: str, name: str, path: str) -> int: ...

    async def unload_adapter(self, base_model: str, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An active adapter whose files are those that were registered."""

    id: str
    base_model: str
    name: str
    path: str
    noted: bool

    @property
    def key(self) -> Key:
        return self.base_model, self.name, self.path


@dataclass(frozen=True, slots=True)
class _Refusal:
    fingerprint: Fingerprint | None
    until: float


class AdapterReconciler:
    """Runs beside a gateway, from `start` to `close`, in its event loop; SQL and files are read in a thread."""

    def __init__(self, database: Database, store: AdapterStore, servers: AdapterServers, every_s: float) -> None:
        self._database = database
        self._store = store
        self._servers = servers
        self._every_s = every_s
        self._held: set[Key] = set()
        self._sound: dict[str, Fingerprint | None] = {}
        self._refused: dict[str, _Refusal] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="adapters")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                await self.reconcile()
            except (VernacularError, SQLAlchemyError, OSError):
                log.warning("adapters could not be looked after; trying again", exc_info=True)
            except Exception:  # the edge of a task: one bad round must not end all later ones
                log.exception("looking after adapters failed")
            await asyncio.sleep(self._every_s)

    async def reconcile(self) -> None:
        """One round: unload what no row asks for any more, and load what one does."""
        if not self._servers.cards() and not self._held:
            return
        wanted = await asyncio.to_thread(self._wanted)
        await self._unload_all_but({each.key for each in wanted})
        for each in wanted:
            if each.key not in self._held:
                await self._load(each)

    async def _unload_all_but(self, wanted: set[Key]) -> None:
        names = {(base, name) for base, name, _path in wanted}
        held = {(base, name) for base, name, _path in self._held - wanted}
        left_over = {
            (base, name)
            for base in (card.name for card in self._servers.cards())
            for name in self._servers.adapters_on(base)
            if _OURS.fullmatch(name)
        }
        for base, name in sorted((held | left_over) - names):
            await self._servers.unload_adapter(base, name)
            log.info("adapter unloaded", extra={"fields": {"adapter": name, "model": base}})
        self._held &= wanted

    async def _load(self, wanted: _Wanted) -> None:
        try:
            await self._servers.load_adapter(wanted.base_model, wanted.name, wanted.path)
        except AdapterRefused as error:
            await self._servers.unload_adapter(wanted.base_model, wanted.name)
            await asyncio.to_thread(self._refuse, wanted.id, error, self._sound.get(wanted.id))
            return
        self._held.add(wanted.key)
        if wanted.noted:
            await asyncio.to_thread(self._note, wanted.id, "")
        log.info("adapter loaded", extra={"fields": {"adapter": wanted.name, "model": wanted.base_model}})

    def _wanted(self) -> list[_Wanted]:
        with self._database.read() as session:
            rows = Platform(session).active_adapters()
        self._forget_all_but({row.id for row in rows})
        return [each for each in map(self._checked, rows) if each is not None]

    def _forget_all_but(self, ids: set[str]) -> None:
        for known in (self._sound, self._refused):
            for gone in known.keys() - ids:
                known.pop(gone)

    def _checked(self, row: AdapterRow) -> _Wanted | None:
        """The adapter as it may be loaded; None: its files, or what a hand wrote into its row, do not allow it."""
        fingerprint = None
        try:
            _refuse_odd_row(row)
            fingerprint = self._store.fingerprint(row.tenant_id, row.digest)
            if not self._may_try(row, fingerprint):
                return None
            if fingerprint is None or self._sound.get(row.id) != fingerprint:
                self._store.verify(row.tenant_id, row.digest)
                self._sound[row.id] = fingerprint
        except AdapterRefused as error:
            self._refuse(row.id, error, fingerprint)
            return None
        path = str(self._store.path(row.tenant_id, row.digest))
        return _Wanted(row.id, row.base_model, row.name, path, bool(row.note))

    def _may_try(self, row: AdapterRow, fingerprint: Fingerprint | None) -> bool:
        refusal = self._refused.get(row.id)
        if refusal is None or not row.note or refusal.fingerprint != fingerprint or time.monotonic() > refusal.until:
            self._refused.pop(row.id, None)
            return True
        return False

    def _refuse(self, adapter_id: str, error: AdapterRefused, fingerprint: Fingerprint | None) -> None:
        self._sound.pop(adapter_id, None)
        self._refused[adapter_id] = _Refusal(fingerprint, time.monotonic() + AGAIN_S)
        log.warning("adapter refused", extra={"fields": {"adapter": adapter_id, "reason": error.message}})
        self._note(adapter_id, error.message)

    def _note(self, adapter_id: str, note: str) -> None:
        with self._database.write() as session:
            Platform(session).note_adapter(adapter_id, note)


def _refuse_odd_row(row: AdapterRow) -> None:
    """
    Raises:
        AdapterRefused: the row was not written by the registry: its files are somewhere else than its tenant's adapters are.
    """
    if _DIGEST.fullmatch(row.digest) is None or row.path != f"{row.tenant_id}/{row.digest}":
        raise AdapterRefused("The adapter's path is not one of its tenant's adapters.", "Register the adapter.")
    if _OURS.fullmatch(row.name) is None:
        raise AdapterRefused("The adapter's name is not one that the registry gives.", "Register the adapter.")
