"""What endpoints ask for: the services, and who is calling, with at least which role, for which part of the API."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, BinaryIO, Final, Unpack

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from serve.bootstrap import Services
from serve.callers import Caller, note_caller
from serve.principals import MAX_CREDENTIAL_CHARS
from serve.quotas.keeper import headers_of, visitor_address
from serve.quotas.threads import work_for
from serve.widget.binding import check_page
from vernacular.access.operators import Operator
from vernacular.access.principal import Principal, Role
from vernacular.access.scopes import GRANTED, Scope
from vernacular.audit.events import Actor, Event, EventDetails
from vernacular.errors import Forbidden, PasswordChangeNeeded, Unauthorized
from vernacular.tenancy import TenantScope

_bearer = HTTPBearer(
    auto_error=False,
    description="An API key (`vernacular key create` makes one), the token of a sign-in, of a widget, or of an identity provider.",
)
BLOCK_BYTES: Final = 256 * 1024
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


@dataclass(frozen=True, slots=True)
class Need:
    """What a route asks of its callers: at least that role, and credentials that may call that part of the API."""

    role: Role
    scope: Scope

    def check(self, principal: Principal) -> None:
        """
        Raises:
            Forbidden: the principal is not let through.
        """
        if principal.must_change and self.scope is not Scope.account:
            raise PasswordChangeNeeded("This account still has the password that it was given.")
        if not principal.may(self.scope):
            granted = self.scope in GRANTED and principal.kind != "widget"
            hint = f"Ask for one with the scope {self.scope}." if granted else "docs/access.md tells what each opens."
            raise Forbidden("This credential does not open this part of the API.", hint)
        if principal.role < self.role:
            raise Forbidden(
                f"This needs the role {self.role.name}, and yours is {principal.role.name}.",
                "Ask your administrator for another key or role.",
            )


NEEDS: Final = "vernacular_needs"
"""The attribute of a dependency that tells its `Need`; see `need_of`."""


@dataclass(frozen=True, slots=True)
class Access:
    """The services as one principal may use them: `read()` and `write()` give their tenant's scope in one transaction.

    `address`: that of a visitor, if many share the credential and this is what tells her apart.
    """

    services: Services
    principal: Principal
    key: str
    need: Need
    address: str = ""

    @contextmanager
    def read(self) -> Iterator[TenantScope]:
        with self.services.database.read() as session:
            yield self._scope(session)

    @contextmanager
    def write(self) -> Iterator[TenantScope]:
        with self.services.database.write() as session:
            yield self._scope(session)

    def record(self, scope: TenantScope, name: str, **about: Unpack[EventDetails]) -> None:
        """An entry of the tenant's audit log, written with what the scope's write transaction does; see `audit.events.Event`."""
        self.services.audit.record(scope, Event(name, self.actor, **about))

    def note(self, name: str, **about: Unpack[EventDetails]) -> None:
        """As `record`, for what writes nothing itself."""
        self.services.audit.later(self.principal.tenant, Event(name, self.actor, **about))

    @property
    def actor(self) -> Actor:
        return Actor(self.principal.kind, self.principal.id, self.principal.role.name)

    def renew(self) -> None:
        """For what takes long: see that the caller still has the rights that it began with.

        Raises:
            Unauthorized: the credential was revoked meanwhile, or lost a role or a group.
            Forbidden: it may no longer call this.
        """
        keys = self.services.keys
        self._check(keys.remembered(self.key) or keys.authenticate(self.key))

    def _check(self, now: Principal) -> None:
        self.need.check(now)
        if now.sees_less_than(self.principal):
            raise Unauthorized("Your rights were changed meanwhile.", "Ask again.")

    def blocks(self, file: BinaryIO) -> Iterator[bytes]:
        """What is in the file, which is closed at the end, for as long as the caller has the rights that it began with."""
        checked = time.monotonic()
        with file:
            while block := file.read(BLOCK_BYTES):
                if time.monotonic() - checked >= self.services.keys.recheck_s:
                    self.renew()
                    checked = time.monotonic()
                yield block

    async def until_refused(self) -> None:
        """Wait for as long as the caller has the rights that it began with; see `renew`."""
        keys = self.services.keys
        while True:
            await asyncio.sleep(keys.recheck_s)
            principal = keys.remembered(self.key)
            if principal is None:
                principal = await run_in_threadpool(keys.authenticate, self.key)
            self._check(principal)

    def _scope(self, session: Session) -> TenantScope:
        return TenantScope(session, self.principal.tenant, self.services.vectors, self.principal.sees_groups)


async def get_services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def require(role: Role, scope: Scope) -> Callable[..., Awaitable[Access]]:
    """A dependency that lets callers of that role or a higher one through whose credential may call that part of the API."""
    need = Need(role, scope)

    async def access(request: Request, services: Annotated[Services, Depends(get_services)], bearer: Bearer) -> Access:
        key = credential_of(bearer)
        principal = services.keys.remembered(key)
        if principal is None:
            principal = await run_in_threadpool(services.keys.authenticate, key)
        note_caller(request, Caller(principal.tenant.slug, principal.kind, principal.id))
        if principal.kind == "widget":
            public_url = services.settings.serve.public_url
            check_page(request.headers, principal, services.keys.widget_sessions, public_url)
        need.check(principal)
        work_for(principal.tenant.id)
        address = visitor_address(principal, request.client.host if request.client else None)
        # A chat may name its visitor in the body.
        standings = await services.quotas.admit(principal, "" if scope is Scope.chat else address)
        request.state.headers = headers_of(standings)
        return Access(services, principal, key, need, address)

    setattr(access, NEEDS, need)
    return access


def need_of(dependency: Callable[..., Any]) -> Need | None:
    """What a dependency that `require` made asks for; None: it is another one."""
    found = getattr(dependency, NEEDS, None)
    return found if isinstance(found, Need) else None


@dataclass(frozen=True, slots=True)
class OperatorAccess:
    """The services as the platform's operator may use them; no tenant's content is read with it."""

    services: Services
    operator: Operator

    @property
    def actor(self) -> Actor:
        return Actor("operator", self.operator.id)


async def require_operator(
    request: Request, services: Annotated[Services, Depends(get_services)], bearer: Bearer
) -> OperatorAccess:
    """
    Raises:
        Unauthorized: the credential is not good.
        Forbidden: it is a tenant's.
    """
    operator = await run_in_threadpool(services.keys.operator, credential_of(bearer))
    note_caller(request, Caller("", "operator", operator.id))
    return OperatorAccess(services, operator)


def credential_of(bearer: HTTPAuthorizationCredentials | None) -> str:
    """
    Raises:
        Unauthorized: there is none.
    """
    if bearer is None or not bearer.credentials or len(bearer.credentials) > MAX_CREDENTIAL_CHARS:
        raise Unauthorized("This request carries no API key.")
    return bearer.credentials


ServicesDep = Annotated[Services, Depends(get_services)]
OperatorDep = Annotated[OperatorAccess, Depends(require_operator)]
TenantAccess = Annotated[Access, Depends(require(Role.public, Scope.tenant))]
AccountAccess = Annotated[Access, Depends(require(Role.public, Scope.account))]
ChatAccess = Annotated[Access, Depends(require(Role.public, Scope.chat))]
ConversationAccess = Annotated[Access, Depends(require(Role.public, Scope.conversations))]
ConversationListAccess = Annotated[Access, Depends(require(Role.member, Scope.conversations))]
SearchAccess = Annotated[Access, Depends(require(Role.public, Scope.search))]
MemberSearchAccess = Annotated[Access, Depends(require(Role.member, Scope.search))]
ReadAccess = Annotated[Access, Depends(require(Role.public, Scope.documents_read))]
MemberReadAccess = Annotated[Access, Depends(require(Role.member, Scope.documents_read))]
EditorReadAccess = Annotated[Access, Depends(require(Role.editor, Scope.documents_read))]
WriteAccess = Annotated[Access, Depends(require(Role.editor, Scope.documents_write))]
UsageAccess = Annotated[Access, Depends(require(Role.member, Scope.usage))]
QualityAccess = Annotated[Access, Depends(require(Role.editor, Scope.quality))]
AuditAccess = Annotated[Access, Depends(require(Role.admin, Scope.audit))]
EditorAccess = Annotated[Access, Depends(require(Role.editor, Scope.admin))]
AdminAccess = Annotated[Access, Depends(require(Role.admin, Scope.admin))]
PeopleAccess = Annotated[Access, Depends(require(Role.admin, Scope.access))]
ScimAccess = Annotated[Access, Depends(require(Role.admin, Scope.scim))]
