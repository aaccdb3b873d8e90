"""Who is calling, remembered for two seconds, so that not every request reads the database for it."""

from __future__ import annotations

import time

from vernacular.access.keys import KeyRing
from vernacular.access.principal import Principal
from vernacular.db.session import Database
from vernacular.tenancy import Platform, Tenant

REMEMBERED_S = 2.0
MAX_REMEMBERED = 10_000


class KeyCache:
    """Principals by key. A revoked key is refused at most `REMEMBERED_S` seconds later; wrong keys are never remembered."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring
        self._known: dict[str, tuple[float, Principal]] = {}

    def remembered(self, key: str) -> Principal | None:
        """The principal, if the key was seen to be good a moment ago. Costs no input or output."""
        found = self._known.get(self._ring.digest(key))
        return found[1] if found and found[0] > time.monotonic() else None

    def authenticate(self, key: str) -> Principal:
        """
        Raises:
            Unauthorized: the key is not good.
        """
        with self._database.read() as session:
            principal = self._ring.authenticate(Platform(session), key)
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[self._ring.digest(key)] = (time.monotonic() + REMEMBERED_S, principal)
        return principal

    def forget(self) -> None:
        """Read every principal, with its tenant, anew: one of them was changed."""
        self._known.clear()

    def cache_salt(self, tenant: Tenant) -> str:
        """See `KeyRing.cache_salt`."""
        return self._ring.cache_salt(tenant)
