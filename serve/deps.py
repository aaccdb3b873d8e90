"""What endpoints ask for: the services, and who is calling with at least which role."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from serve.bootstrap import Services
from vernacular.access.keys import MAX_KEY_CHARS
from vernacular.access.principal import Principal, Role
from vernacular.audit.events import ALLOWED, Actor, Event
from vernacular.errors import Forbidden, Unauthorized
from vernacular.tenancy import TenantScope

_bearer = HTTPBearer(auto_error=False, description="An API key; `vernacular key create` makes one.")


@dataclass(frozen=True, slots=True)
class Access:
    """The services as one principal may use them: `read()` and `write()` give their tenant's scope in one transaction."""

    services: Services
    principal: Principal
    key: str

    @contextmanager
    def read(self) -> Iterator[TenantScope]:
        with self.services.database.read() as session:
            yield self._scope(session)

    @contextmanager
    def write(self) -> Iterator[TenantScope]:
        with self.services.database.write() as session:
            yield self._scope(session)

    def record(
        self,
        scope: TenantScope,
        name: str,
        *,
        decision: str = ALLOWED,
        subject: str = "",
        facts: Mapping[str, Any] | None = None,
        content: Mapping[str, Any] | None = None,
    ) -> None:
        """An entry of the tenant's audit log, written with what the scope's write transaction does; see `audit.events.Event`."""
        self.services.audit.record(scope, Event(name, self.actor, decision, subject, facts or {}, content or {}))

    def note(
        self,
        name: str,
        *,
        decision: str = ALLOWED,
        subject: str = "",
        facts: Mapping[str, Any] | None = None,
        content: Mapping[str, Any] | None = None,
    ) -> None:
        """As `record`, for what writes nothing itself."""
        event = Event(name, self.actor, decision, subject, facts or {}, content or {})
        self.services.audit.later(self.principal.tenant, event)

    @property
    def actor(self) -> Actor:
        return Actor(self.principal.kind, self.principal.id, self.principal.role.name)

    def renew(self) -> None:
        """For streams: see that the key still holds.

        Raises:
            Unauthorized: it was revoked meanwhile.
        """
        if self.services.keys.remembered(self.key) is None:
            self.services.keys.authenticate(self.key)

    def _scope(self, session: Session) -> TenantScope:
        return TenantScope(session, self.principal.tenant, self.services.vectors, self.principal.sees_groups)


async def get_services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def require(role: Role) -> Callable[..., Awaitable[Access]]:
    """A dependency that lets callers of that role or a higher one through."""

    async def access(
        services: Annotated[Services, Depends(get_services)],
        bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> Access:
        if bearer is None or not bearer.credentials or len(bearer.credentials) > MAX_KEY_CHARS:
            raise Unauthorized("This request carries no API key.")
        key = bearer.credentials
        principal = services.keys.remembered(key)
        if principal is None:
            principal = await run_in_threadpool(services.keys.authenticate, key)
        if principal.role < role:
            raise Forbidden(
                f"This needs a key with the role {role.name}, and yours has the role {principal.role.name}.",
                "Ask your administrator for another key.",
            )
        return Access(services, principal, key)

    return access


ServicesDep = Annotated[Services, Depends(get_services)]
PublicAccess = Annotated[Access, Depends(require(Role.public))]
MemberAccess = Annotated[Access, Depends(require(Role.member))]
EditorAccess = Annotated[Access, Depends(require(Role.editor))]
AdminAccess = Annotated[Access, Depends(require(Role.admin))]
