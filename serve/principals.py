"""Who is calling, by any credential; remembered for a moment, so that not every request reads the database for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Generic, Protocol, TypeVar

from vernacular.access import operators, sessions
from vernacular.access.keys import KeyRing, principal_of
from vernacular.access.operators import Operator, OperatorKeys
from vernacular.access.principal import Principal
from vernacular.access.sessions import Sessions
from vernacular.access.widget_sessions import PREFIX as WIDGET_SESSION
from vernacular.access.widget_sessions import WidgetSessions
from vernacular.db.session import Database
from vernacular.errors import Forbidden, NotFound, TokenRefused
from vernacular.settings import AccessSettings
from vernacular.tenancy import Platform, Tenant

MAX_REMEMBERED: Final = 10_000
MAX_CREDENTIAL_CHARS: Final = 16_384
"""An identity provider's tokens may name hundreds of groups."""
_OURS: Final = ("vk_", "wt_", WIDGET_SESSION, sessions.PREFIX)
Known = TypeVar("Known")


class TokenAuthenticator(Protocol):
    """Checks the tokens of identity providers; see `vernacular.access.oidc`."""

    def authenticate(self, token: str) -> Principal:
        """
        Raises:
            Unauthorized: it does not hold.
        """


class NoIdentityProvider:
    """Where none is set: every token is refused."""

    def authenticate(self, token: str) -> Principal:
        raise TokenRefused("This gateway takes no tokens of an identity provider.", "Send an API key.")


class Credentials:
    """Whoever a credential belongs to: an API key, a widget's token, a sign-in, an identity provider's token, an operator's key.

    What was revoked is refused at most `access.recheck_s` later, in open streams too: what was seen to be good is remembered
    for half of that, and streams ask again every other half. Wrong credentials are never remembered. Thread-safe.
    """

    def __init__(
        self, database: Database, ring: KeyRing, settings: AccessSettings, tokens: TokenAuthenticator | None = None
    ) -> None:
        self._database = database
        self._ring = ring
        self._sessions = Sessions(ring, settings.session_hours)
        self._widget_sessions = WidgetSessions(ring)
        self._operators = OperatorKeys(ring)
        self._tokens = tokens or NoIdentityProvider()
        self.recheck_s = settings.recheck_s / 2
        self._principals: _Remembered[Principal] = _Remembered()
        self._known_operators: _Remembered[Operator] = _Remembered()
        self._widgets: _Remembered[Principal] = _Remembered()
        self._origins: _Remembered[frozenset[str]] = _Remembered()
        self._used: dict[str, datetime] = {}

    @property
    def ring(self) -> KeyRing:
        return self._ring

    @property
    def sessions(self) -> Sessions:
        return self._sessions

    @property
    def widget_sessions(self) -> WidgetSessions:
        return self._widget_sessions

    def remembered(self, credential: str) -> Principal | None:
        """The principal, if the credential was seen to be good a moment ago. Costs no input or output."""
        return self._principals.get(self._ring.digest(credential))

    def authenticate(self, credential: str) -> Principal:
        """
        Raises:
            Unauthorized: the credential is not good.
            Forbidden: it is an operator's.
        """
        if credential.startswith(operators.PREFIX):
            self.operator(credential)
            raise Forbidden("An operator's key opens no tenant's data.", "Send a key of the tenant.")
        principal = self._principals.keep(
            self._ring.digest(credential), self.recheck_s, lambda: self._identify(credential)
        )
        if principal.kind != "user":
            self._used[principal.id] = datetime.now(UTC)
        return principal

    def operator(self, credential: str) -> Operator:
        """
        Raises:
            Unauthorized: the credential is not good.
            Forbidden: it is a tenant's.
        """
        digest = self._ring.digest(credential)
        if known := self._known_operators.get(digest):
            return known
        if not credential.startswith(operators.PREFIX):
            self.authenticate(credential)
            raise Forbidden("This is for the operator of the platform alone.", "Send an operator's key.")

        def identify() -> Operator:
            with self._database.read() as session:
                return self._operators.authenticate(session, credential)

        return self._known_operators.keep(digest, self.recheck_s, identify)

    def widget(self, identifier: str) -> Principal:
        """The widget of that id, which every page that it stands on tells: it lets nobody in.

        Raises:
            NotFound: there is none, or it no longer holds.
        """
        known = self._widgets.get(identifier)
        return known or self._widgets.keep(identifier, self.recheck_s, lambda: self._read_widget(identifier))

    def widget_origins(self) -> frozenset[str]:
        """The web origins that some widget stands on."""
        known = self._origins.get("")
        return self._origins.keep("", self.recheck_s, self._read_origins) if known is None else known

    def forget(self) -> None:
        """Read everyone, with their tenant, anew: something about them was changed."""
        for remembered in (self._principals, self._known_operators, self._widgets, self._origins):
            remembered.clear()

    def note_use(self) -> None:
        """Write when keys were last used."""
        used, self._used = self._used, {}
        if used:
            with self._database.write() as session:
                Platform(session).note_key_use(used)

    def cache_salt(self, tenant: Tenant) -> str:
        """See `KeyRing.cache_salt`."""
        return self._ring.cache_salt(tenant)

    def _identify(self, credential: str) -> Principal:
        if credential.count(".") == 2 and not credential.startswith(_OURS):
            return self._tokens.authenticate(credential)
        with self._database.read() as session:
            platform = Platform(session)
            if credential.startswith(sessions.PREFIX):
                return self._sessions.authenticate(platform, credential)
            if credential.startswith(WIDGET_SESSION):
                return self._widget_sessions.authenticate(platform, credential)
            return self._ring.authenticate(platform, credential)

    def _read_widget(self, identifier: str) -> Principal:
        with self._database.read() as session:
            found = Platform(session).live_widget(identifier)
        if found is None:
            raise NotFound("There is no such widget, or it was revoked.", "Ask whoever looks after this page.")
        return principal_of(*found)

    def _read_origins(self) -> frozenset[str]:
        with self._database.read() as session:
            return Platform(session).widget_origins()


class _Remembered(Generic[Known]):
    """What was found, each for some seconds."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Known]] = {}
        self._cleared = 0

    def get(self, name: str) -> Known | None:
        found = self._known.get(name)
        return found[1] if found and found[0] > time.monotonic() else None

    def keep(self, name: str, seconds: float, find: Callable[[], Known]) -> Known:
        """What is found now, for `seconds`. It counts as old as the look began, and is not kept if all was cleared meanwhile."""
        began, cleared = time.monotonic(), self._cleared
        found = find()
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        if cleared == self._cleared:
            self._known[name] = (began + seconds, found)
        return found

    def clear(self) -> None:
        self._cleared += 1
        self._known.clear()
