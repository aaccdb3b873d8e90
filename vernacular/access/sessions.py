"""Sign-ins of local accounts: a random token for the person's front end, an HMAC of it in SQL, as for API keys."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from vernacular.access import users
from vernacular.access.keys import MAX_KEY_CHARS, KeyRing
from vernacular.access.principal import Principal
from vernacular.db.base import now
from vernacular.db.models import SessionRow, UserRow
from vernacular.errors import Unauthorized
from vernacular.tenancy import Platform, TenantScope

PREFIX = "vs_"
_ENDED = ("This sign-in has ended.", "Sign in again.")


class Sessions:
    """Makes, checks and ends them. Thread-safe."""

    def __init__(self, ring: KeyRing, hours: float) -> None:
        self._ring = ring
        self._life = timedelta(hours=hours)

    def begin(self, scope: TenantScope, user: UserRow) -> tuple[str, datetime]:
        """The token, which can be had this once only, and when it ends."""
        token, ends = PREFIX + secrets.token_urlsafe(32), now() + self._life
        scope.add(SessionRow(user_id=user.id, digest=self._ring.digest(token), expires_at=ends))
        scope.session.flush()
        return token, ends

    def end(self, scope: TenantScope, token: str) -> None:
        digest = self._ring.digest(token)
        live = scope.update(SessionRow).where(SessionRow.digest == digest, SessionRow.revoked_at.is_(None))
        scope.execute(live.values(revoked_at=now()))

    def authenticate(self, platform: Platform, token: str) -> Principal:
        """
        Raises:
            Unauthorized: it has ended, or the account or its tenant is suspended or expired.
        """
        found = platform.live_session(self._ring.digest(token)) if len(token) <= MAX_KEY_CHARS else None
        if found is None:
            raise Unauthorized(*_ENDED)
        _session, user, tenant = found
        return users.principal_of(TenantScope(platform.session, tenant), user)
