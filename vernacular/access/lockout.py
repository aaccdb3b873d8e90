"""What makes guessing passwords pointless: a name is locked after some wrong ones in a row, and an address has to wait.

Both hold for names that are nobody's too, so that neither tells which accounts there are.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from sqlalchemy.orm import Session

from vernacular.access.keys import KeyRing
from vernacular.access.names import username_of
from vernacular.access.networks import network_of
from vernacular.db import access as statements
from vernacular.db.base import now
from vernacular.errors import BadRequest, TooManyRequests
from vernacular.settings import AccessSettings

FORGOTTEN: Final = timedelta(days=30)
"""A name that nobody has tried for so long begins anew."""
SHARED: Final = 20
_MINUTES: Final = 5


class Lockout:
    """Wrong passwords in a row, by tenant and user name, in SQL: all gateways count together."""

    def __init__(self, ring: KeyRing, settings: AccessSettings) -> None:
        self._ring = ring
        self._most = settings.lock_after
        self._locked = timedelta(seconds=settings.lock_s)

    def begin(self, session: Session, tenant: str, username: str) -> bool:
        """Count an attempt as wrong, before it is known, to be committed at once: of attempts at the same time not one more
        than allowed is looked at. False: the name is locked."""
        digest, at = self._digest(tenant, username), now()
        row = statements.count_login_failure(session, digest, at)
        if row.locked_until is not None and row.locked_until <= at:
            row.failures, row.locked_until = 1, None
        if row.failures == self._most:
            row.locked_until = at + self._locked
        session.flush()
        return row.failures <= self._most

    def forgive(self, session: Session, tenant: str, username: str) -> None:
        """The password was right, or an administrator unlocks the name."""
        statements.forget_login_failures(session, self._digest(tenant, username))

    def locked_until(self, session: Session, tenant: str, username: str) -> datetime | None:
        """When a locked name may be tried again; None: it is not locked."""
        row = statements.login_failure(session, self._digest(tenant, username))
        return row.locked_until if row and row.locked_until and row.locked_until > now() else None

    def _digest(self, tenant: str, username: str) -> str:
        try:
            name = username_of(username)
        except BadRequest:
            name = username
        return self._ring.digest(f"login {tenant}\0{name}")


class AddressThrottle:
    """Wrong passwords by the address they come from, in this gateway. Thread-safe.

    Behind an address of this machine itself are the front end and all its people: it may send `SHARED` times as many.
    """

    def __init__(self, per_five_minutes: int) -> None:
        self._limit = RateLimitItemPerMinute(per_five_minutes, _MINUTES)
        self._shared_limit = RateLimitItemPerMinute(per_five_minutes * SHARED, _MINUTES)
        self._counter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def check(self, address: str) -> None:
        """
        Raises:
            TooManyRequests: there were too many.
        """
        network = network_of(address)
        limit = self._limit_of(network)
        if not self._counter.test(limit, network):
            wait = self._counter.get_window_stats(limit, network).reset_time - time.time()
            raise TooManyRequests(
                "There were too many wrong passwords from your address.", "Wait a few minutes.", max(1, round(wait))
            )

    def count(self, address: str) -> None:
        """One more that was wrong."""
        network = network_of(address)
        self._counter.hit(self._limit_of(network), network)

    def _limit_of(self, network: str) -> RateLimitItemPerMinute:
        here = network.startswith(("127.", "0000:0000:0000:0000"))
        return self._shared_limit if here else self._limit
