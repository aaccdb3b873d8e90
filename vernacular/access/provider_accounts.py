"""The accounts of identity providers' people: one each, made at the first sign-in, so that it can be suspended here as well.

What a provider's token says of roles and groups holds for that token; what is kept here is what administrators see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from vernacular.access import users
from vernacular.access.issuers import OidcIssuer
from vernacular.access.names import username_of
from vernacular.access.principal import Principal, Role
from vernacular.audit.events import SYSTEM, Actor, Event
from vernacular.audit.log import AuditLog
from vernacular.db.base import new_id
from vernacular.db.models import UserRow
from vernacular.db.session import Database
from vernacular.errors import BadRequest, Unauthorized
from vernacular.tenancy import Platform, Tenant, TenantScope

REFUSED: Final = "refused"
_ASK = "Ask your administrator."


@dataclass(frozen=True, slots=True)
class Person:
    """What a provider says of who signed in: `subject` tells her for ever, `usernames` are what to call her, best first.
    `known_as`: the user name that the provider answers for; "": none.

    `roles`: names of ours; `groups`: as documents call them.
    """

    tenant: str
    subject: str
    signed_in_at: datetime
    usernames: tuple[str, ...] = ()
    known_as: str = ""
    display_name: str = ""
    email: str = ""
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class ProviderAccounts:
    """Thread-safe."""

    def __init__(self, database: Database, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    def enter(self, provider: OidcIssuer, person: Person) -> Principal:
        """The person as a caller; an account is made for her if she has none. Each new sign-in is kept.

        Raises:
            Unauthorized: her account is suspended or expired, her tenant is, or she has none and gets none.
        """
        known = self._known(provider, person)
        if known is not None:
            return known
        try:
            with self._database.write() as session:
                return self._sign_in(_scope(session, person), provider, person)
        except IntegrityError:  # another request of hers was quicker
            known = self._known(provider, person)
            if known is None:
                raise
            return known

    def _known(self, provider: OidcIssuer, person: Person) -> Principal | None:
        """None: there is something to write first."""
        with self._database.read() as session:
            scope = _scope(session, person)
            row = users.find_external(scope, provider.issuer, person.subject)
            if row is None:
                return None
            if not users.is_live(row):
                self._refuse(scope, "suspended", self._audit.subjects.account(scope.tenant, row.id))
                raise Unauthorized("This account is suspended or expired.", _ASK)
            if _news(row, provider, person):
                return None
            return users.principal_of(scope, row, person.groups, _role(row, provider, person))

    def _sign_in(self, scope: TenantScope, provider: OidcIssuer, person: Person) -> Principal:
        row = _existing(scope, provider, person) or self._create(scope, provider, person)
        row.role = _role(row, provider, person)
        row.display_name = row.display_name or person.display_name[: users.DISPLAY_CHARS].strip()
        row.email = row.email or person.email[: users.EMAIL_CHARS].strip()
        again = row.last_login_at is not None and row.last_login_at >= person.signed_in_at
        row.last_login_at = row.last_login_at if again else person.signed_in_at
        users.touch(scope, row)
        principal = users.principal_of(scope, row, person.groups, row.role)
        if not again:
            self._note(scope, "login.succeeded", Actor("user", row.id, row.role), row, provider)
        return principal

    def _create(self, scope: TenantScope, provider: OidcIssuer, person: Person) -> UserRow:
        if not provider.create_accounts:
            self._refuse(scope, "unknown")
            raise Unauthorized("There is no account for you here yet.", _ASK)
        row = users.create(
            scope,
            username=_free_name(scope, person.usernames),
            issuer=provider.issuer,
            external_id=person.subject,
            role=provider.default_role,
        )
        self._note(scope, "user.created", SYSTEM, row, provider)
        return row

    def _note(self, scope: TenantScope, name: str, actor: Actor, row: UserRow, provider: OidcIssuer) -> None:
        subject = self._audit.subjects.account(scope.tenant, row.id)
        facts = {"by": "token", "issuer": provider.issuer}
        self._audit.record(scope, Event(name, actor, subject=subject, facts=facts))

    def _refuse(self, scope: TenantScope, reason: str, subject: str = "") -> None:
        facts = {"by": "token", "reason": reason}
        self._audit.later(scope.tenant, Event("login.refused", Actor("anonymous"), REFUSED, subject, facts))


def provider_of(providers: Sequence[OidcIssuer], tenant: str) -> OidcIssuer | None:
    """Whose people a tenant's accounts are when it is not said: the first provider that serves it."""
    return next((provider for provider in providers if provider.serves(tenant)), None)


def _scope(session: Session, person: Person) -> TenantScope:
    return TenantScope(session, _tenant(Platform(session), person.tenant))


def _tenant(platform: Platform, slug: str) -> Tenant:
    tenant = platform.live_tenant(slug)
    if tenant is None:
        raise Unauthorized("The tenant that this token is for is suspended, or not there.", _ASK)
    return tenant


def _existing(scope: TenantScope, provider: OidcIssuer, person: Person) -> UserRow | None:
    """The person's account, or the one that her provider made for that user name without saying whose it is."""
    row = users.find_external(scope, provider.issuer, person.subject)
    if row is None and person.known_as:
        named = users.by_name(scope, person.known_as)
        if named is not None and named.issuer == provider.issuer and named.external_id is None:
            named.external_id = person.subject
            return named
    return row


def _news(row: UserRow, provider: OidcIssuer, person: Person) -> bool:
    since = row.last_login_at
    return since is None or since < person.signed_in_at or row.role != _role(row, provider, person)


def _role(row: UserRow, provider: OidcIssuer, person: Person) -> str:
    """The provider's where it gives roles at all, so that one that it takes back is lost; else what the account has."""
    if not provider.roles:
        return row.role
    return max((Role.named(role) for role in person.roles), default=Role.named(provider.default_role)).name


def _free_name(scope: TenantScope, wanted: Sequence[str]) -> str:
    for name in wanted:
        try:
            if users.by_name(scope, username_of(name)) is None:
                return name
        except BadRequest:
            continue
    return new_id()
