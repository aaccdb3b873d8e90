"""What principals use, gathered in memory and written by day every few seconds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from vernacular.access.principal import Principal
from vernacular.db.models import UserRow
from vernacular.db.session import Database
from vernacular.errors import UnknownTenant
from vernacular.quotas.usage import Used, add_usage
from vernacular.tenancy import Platform, TenantScope

log = logging.getLogger(__name__)
WRITE_S: Final = 5.0
Place = tuple[str, str, str]
"""Tenant, day, principal."""


class Ledger:
    """May be used from any thread. What it holds is lost with the process, at most `WRITE_S` of it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: dict[Place, Used] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._closing = threading.Event()
        self._writer: threading.Thread | None = None

    def count(
        self,
        principal: Principal,
        *,
        requests: int = 0,
        refused: int = 0,
        prompt_tokens: int = 0,
        completion_tokens: int = 0,
    ) -> None:
        day = datetime.now(UTC).date()
        used = Used(day, principal.id, principal.kind, requests, refused, prompt_tokens, completion_tokens)
        place = (principal.tenant.id, day.isoformat(), principal.id)
        with self._lock:
            held = self._held.get(place)
            self._held[place] = used if held is None else held.plus(used)
            if self._writer is None and not self._closing.is_set():
                self._writer = threading.Thread(target=self._write_now_and_then, name="usage", daemon=True)
                self._writer.start()

    def write(self) -> None:
        """Put into SQL what is held. What cannot be written now is held on to."""
        with self._writing:
            with self._lock:
                held, self._held = self._held, {}
            by_tenant: dict[str, dict[Place, Used]] = {}
            for place, used in held.items():
                by_tenant.setdefault(place[0], {})[place] = used
            for tenant_id, mine in by_tenant.items():
                try:
                    self._write(tenant_id, mine)
                except UnknownTenant:
                    continue  # it was deleted with all it had used
                except SQLAlchemyError:
                    log.warning("usage could not be written; trying again", exc_info=True)
                    self._hold_again(mine)

    def close(self) -> None:
        """Write what is held, and stop."""
        self._closing.set()
        if self._writer is not None:
            self._writer.join()
        self.write()

    def _write(self, tenant_id: str, used: Mapping[Place, Used]) -> None:
        with self._database.write() as session:
            scope = TenantScope(session, Platform(session).tenant_by_id(tenant_id))
            people = [one.principal for one in used.values() if one.kind == "user"]
            there = set(scope.execute(scope.select(UserRow.id).where(UserRow.id.in_(people))).scalars())
            # An account that was erased meanwhile has no usage again.
            add_usage(scope, [one for _, one in sorted(used.items()) if one.kind != "user" or one.principal in there])

    def _hold_again(self, used: Mapping[Place, Used]) -> None:
        with self._lock:
            for place, one in used.items():
                since = self._held.get(place)
                self._held[place] = one if since is None else one.plus(since)

    def _write_now_and_then(self) -> None:
        while not self._closing.wait(WRITE_S):
            self.write()
