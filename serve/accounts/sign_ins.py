"""Signing in with a password. What is answered, and how long it takes, is the same for tenants and names that are not there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from anyio import CapacityLimiter
from fastapi.concurrency import run_in_threadpool

from vernacular.access import passwords, users
from vernacular.access.keys import KeyRing
from vernacular.access.lockout import AddressThrottle, Lockout
from vernacular.access.principal import Principal
from vernacular.access.sessions import Sessions
from vernacular.audit.events import Actor, Event
from vernacular.audit.log import AuditLog
from vernacular.db.base import now
from vernacular.db.models import UserRow
from vernacular.db.session import Database
from vernacular.errors import AccountLocked, BadRequest, PasswordRefused, TooManyRequests, WrongPassword
from vernacular.settings import AccessSettings
from vernacular.tenancy import Platform, Tenant, TenantScope

HASHED_AT_ONCE: Final = 2
"""A hash takes 64 MiB, and a tenth of a second of a core or two."""
MOST_WAITING: Final = 64
REFUSED: Final = "refused"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` is the credential; it can be had this once only."""

    token: str
    expires_at: datetime
    principal: Principal


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What was found of a name, and what its password must be. `allowed`: it is not locked."""

    allowed: bool
    tenant: Tenant | None
    user: UserRow | None


class SignIns:
    """Thread-safe; one a gateway."""

    def __init__(
        self, settings: AccessSettings, database: Database, ring: KeyRing, sessions: Sessions, audit: AuditLog
    ) -> None:
        self._settings = settings
        self._database = database
        self._sessions = sessions
        self._audit = audit
        self._lockout = Lockout(ring, settings)
        self._throttle = AddressThrottle(settings.address_failures)
        self._limiter = CapacityLimiter(HASHED_AT_ONCE)

    @property
    def lockout(self) -> Lockout:
        return self._lockout

    async def sign_in(self, tenant: str, username: str, password: str, address: str) -> SignedIn:
        """
        Raises:
            WrongPassword: the tenant, the account or the password is not the right one, or either is suspended or expired.
            AccountLocked: there were too many wrong ones for this name, whether or not it is anyone's.
            TooManyRequests: there were too many from this address.
        """
        attempt = await self._tried(tenant.strip().lower(), username, password, address)
        return await run_in_threadpool(self._begin_session, attempt, password)

    async def change_password(self, principal: Principal, current: str, new: str, address: str) -> SignedIn:
        """Give an account a password of its own; every sign-in of it ends, and the one that is returned begins.

        Raises:
            BadRequest: the caller is not an account with a password.
            WrongPassword, AccountLocked, TooManyRequests: as for signing in with the current one.
            PasswordRefused: the new one is easily guessed, or the one there was.
        """
        user = await run_in_threadpool(self._local_account, principal)
        if new == current:
            raise PasswordRefused("The new password is the one there was.", "Choose another one.")
        about = (principal.tenant.slug, user.username, user.display_name, user.email)
        passwords.check_password(new, self._settings.password_chars, about=about)
        attempt = await self._tried(principal.tenant.slug, user.username, current, address)
        fresh = await self.hash(new)
        return await run_in_threadpool(self._give_password, attempt, fresh)

    async def hash(self, password: str) -> str:
        """See `passwords.hash_password`; a few at a time, off the event loop."""
        async with self._slot():
            return await run_in_threadpool(passwords.hash_password, password)

    async def _tried(self, tenant: str, username: str, password: str, address: str) -> _Attempt:
        """The account, if that is its password."""
        async with self._slot():
            self._throttle.check(address)
            attempt = await run_in_threadpool(self._begin, tenant, username)
            right = attempt.allowed and await run_in_threadpool(passwords.verify, _hash_of(attempt), password)
        if right:
            return attempt
        self._throttle.count(address)
        self._note_refusal(attempt, "locked" if not attempt.allowed else "wrong")
        if not attempt.allowed:
            raise AccountLocked("There were too many wrong passwords for this name.")
        raise _wrong()

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """
        Raises:
            TooManyRequests: too many wait already.
        """
        if self._limiter.statistics().tasks_waiting >= MOST_WAITING:
            raise TooManyRequests("Too many people are signing in at this moment.")
        async with self._limiter:
            yield

    def _begin(self, tenant: str, username: str) -> _Attempt:
        with self._database.write() as session:
            platform = Platform(session)
            allowed = self._lockout.begin(session, tenant, username)
            found = platform.live_tenant(tenant)
            user = users.by_name(TenantScope(session, found), username) if found else None
            return _Attempt(allowed, found, user)

    def _begin_session(self, attempt: _Attempt, password: str) -> SignedIn:
        tenant, known = _found(attempt)
        fresh = passwords.hash_password(password) if passwords.is_outdated(known.password_hash or "") else None
        with self._database.write() as session:
            scope = TenantScope(session, tenant)
            user = self._still(scope, known)
            self._lockout.forgive(session, tenant.slug, user.username)
            if fresh is not None:
                user.password_hash = fresh
            return self._enter(scope, user, "login.succeeded")

    def _give_password(self, attempt: _Attempt, fresh: str) -> SignedIn:
        tenant, known = _found(attempt)
        with self._database.write() as session:
            scope = TenantScope(session, tenant)
            user = self._still(scope, known)
            self._lockout.forgive(session, tenant.slug, user.username)
            users.set_password(scope, user, fresh, must_change=False)
            return self._enter(scope, user, "password.changed")

    def _still(self, scope: TenantScope, known: UserRow) -> UserRow:
        """The account as it is now.

        Raises:
            WrongPassword: meanwhile it was suspended, deleted, or given another password.
        """
        user = scope.get(UserRow, known.id, lock=True)
        if user is None or not users.is_live(user) or user.password_hash != known.password_hash:
            raise _wrong()
        return user

    def _enter(self, scope: TenantScope, user: UserRow, event: str) -> SignedIn:
        user.last_login_at = now()
        token, ends = self._sessions.begin(scope, user)
        principal = users.principal_of(scope, user)
        actor = Actor("user", user.id, user.role)
        subject = self._audit.subjects.account(scope.tenant, user.id)
        self._audit.record(scope, Event(event, actor, subject=subject, facts={"by": "password"}))
        return SignedIn(token, ends, principal)

    def _local_account(self, principal: Principal) -> UserRow:
        with self._database.read() as session:
            scope = TenantScope(session, principal.tenant)
            user = scope.get(UserRow, principal.id) if principal.kind == "user" else None
        if user is None or user.password_hash is None:
            raise BadRequest("This account has no password here.", "Change it where you sign in.")
        return user

    def _note_refusal(self, attempt: _Attempt, reason: str) -> None:
        if attempt.tenant is None:
            return
        subject = self._audit.subjects.account(attempt.tenant, attempt.user.id) if attempt.user else ""
        facts = {"by": "password", "reason": reason if attempt.user else "unknown"}
        self._audit.later(attempt.tenant, Event("login.refused", Actor("anonymous"), REFUSED, subject, facts))


def _hash_of(attempt: _Attempt) -> str | None:
    """None for who is not to get in whatever the password."""
    user = attempt.user
    return user.password_hash if user is not None and users.is_live(user) else None


def _found(attempt: _Attempt) -> tuple[Tenant, UserRow]:
    if attempt.tenant is None or attempt.user is None:
        raise _wrong()
    return attempt.tenant, attempt.user


def _wrong() -> WrongPassword:
    return WrongPassword("The tenant, the name or the password is not right.")
