"""Tenants as the platform's operator sees them: their names, and whether they are suspended. Nothing of what they hold."""

from __future__ import annotations

from typing import Any

from serve.deps import OperatorAccess
from serve.operator.schemas import TenantChange, TenantForm, TenantSummaries, TenantSummary
from vernacular.access import users
from vernacular.access.names import tenant_name
from vernacular.adapters import AdapterStore
from vernacular.audit.events import Event
from vernacular.db.base import now
from vernacular.db.models import TenantRow
from vernacular.documents import drop_tenant
from vernacular.tenancy import Platform, TenantScope
from vernacular.uploads import drop_uploads, jobs_of


def show_all(access: OperatorAccess) -> TenantSummaries:
    with access.services.database.read() as session:
        rows = Platform(session).tenant_rows()
        return TenantSummaries(data=[_summary(row) for row in rows])


def show(access: OperatorAccess, name: str) -> TenantSummary:
    """
    Raises:
        UnknownTenant: there is none.
    """
    with access.services.database.read() as session:
        return _summary(Platform(session).tenant_row(name))


def create(access: OperatorAccess, asked: TenantForm, password_hash: str) -> tuple[TenantSummary, str | None]:
    """With its first administrator, or an admin key.

    Raises:
        Conflict: the name is taken.
        BadRequest: the name cannot be one.
    """
    name, services = tenant_name(asked.name), access.services
    with services.database.write() as session:
        row = TenantRow(
            slug=name, display_name=asked.display_name or name, languages=list(dict.fromkeys(asked.languages))
        )
        scope = TenantScope(session, Platform(session).create_tenant(row))
        key = None
        if asked.admin is None:
            ring = services.keys.ring
            key = ring.issue(scope, role="admin", name="first admin key", created_by=f"operator:{access.operator.id}")
        else:
            users.create(scope, username=asked.admin, role="admin", password_hash=password_hash, must_change=True)
        _record(access, scope, "tenant.created", first="key" if key else "account")
        summary = _summary(row)
    _log(access, "tenant.created", name)
    return summary, key


def change(access: OperatorAccess, name: str, asked: TenantChange) -> TenantSummary:
    """
    Raises:
        UnknownTenant: there is none.
    """
    services = access.services
    with services.database.write() as session:
        platform = Platform(session)
        row = platform.tenant_row(name)
        if asked.display_name is not None:
            row.display_name = asked.display_name
        if asked.suspended is not None:
            row.suspended_at = (row.suspended_at or now()) if asked.suspended else None
        session.flush()
        event = {True: "tenant.suspended", False: "tenant.resumed", None: "tenant.changed"}[asked.suspended]
        _record(access, TenantScope(session, platform.tenant(name)), event, fields=sorted(asked.model_fields_set))
        summary = _summary(row)
    services.keys.forget()
    _log(access, event, name)
    return summary


def delete(access: OperatorAccess, name: str) -> None:
    """With everything it holds.

    Raises:
        UnknownTenant: there is none.
        VectorStoreDown: nothing is deleted from SQL; repeat the call.
    """
    services = access.services
    with services.database.read() as session:
        tenant = Platform(session).tenant(name)
        jobs = jobs_of(TenantScope(session, tenant))
    adapters = AdapterStore(services.settings.adapters_path)
    drop_tenant(services.database, services.vectors, services.blobs, adapters, tenant)
    drop_uploads(services.settings, jobs)
    services.pages.forget(tenant.id)
    services.keys.forget()
    _log(access, "tenant.deleted", name)


def _record(access: OperatorAccess, scope: TenantScope, event: str, **facts: Any) -> None:
    """In the tenant's own log: its people see what the operator does."""
    access.services.audit.record(scope, Event(event, access.actor, facts=facts))


def _log(access: OperatorAccess, event: str, name: str) -> None:
    access.services.audit.operator.record(Event(event, access.actor, facts={"tenant": name}))


def _summary(row: TenantRow) -> TenantSummary:
    return TenantSummary(
        name=row.slug,
        display_name=row.display_name,
        languages=list(row.languages),
        suspended_at=row.suspended_at,
        created_at=row.created_at,
    )
