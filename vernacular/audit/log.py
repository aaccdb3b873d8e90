"""Writing to the tenants' logs."""

from __future__ import annotations

from vernacular.audit.events import Event
from vernacular.settings import Settings
from vernacular.tenancy import Tenant, TenantScope


class AuditLog:
    """Thread-safe; one a process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def record(self, scope: TenantScope, event: Event) -> None:
        """Append within the scope's write transaction: the entry is there exactly if what it tells was done."""

    def later(self, tenant: Tenant, event: Event) -> None:
        """Append soon, in a batch, for what itself writes nothing."""

    def close(self) -> None:
        """Write what waits."""
