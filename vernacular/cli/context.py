"""What commands open: the settings, the database, a tenant's scope."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from vernacular.access.keys import KeyRing
from vernacular.cli.home import make_home
from vernacular.db.migrate import migrate
from vernacular.db.models import ApiKeyRow
from vernacular.db.session import Database, open_database
from vernacular.errors import Conflict
from vernacular.settings import Settings
from vernacular.tenancy import Platform, Tenant, TenantScope

COMMAND_KEY = "command line"
COMMAND_KEY_LIFE = timedelta(minutes=30)


@contextmanager
def opened_database(settings: Settings) -> Iterator[Database]:
    make_home(settings)
    database = open_database(settings)
    try:
        migrate(database)
        yield database
    finally:
        database.close()


def find_tenant(database: Database, name: str) -> Tenant:
    """
    Raises:
        UnknownTenant: there is none of that name; the hint lists those there are.
    """
    with database.read() as session:
        return Platform(session).tenant(name)


def command_key(settings: Settings, database: Database, tenant: Tenant) -> str:
    """A key for this command to speak to the gateway with; whoever can write `home` may act for its tenants.

    Raises:
        Conflict: the tenant is suspended.
    """
    with database.write() as session:
        if Platform(session).live_tenant(tenant.slug) is None:
            raise Conflict(
                f"The tenant {tenant.slug} is suspended.", f"`vernacular tenant resume {tenant.slug}` ends that."
            )
        scope = TenantScope(session, tenant)
        now = datetime.now(UTC)
        expired = scope.delete(ApiKeyRow).where(ApiKeyRow.name == COMMAND_KEY, ApiKeyRow.expires_at < now)
        scope.execute(expired)
        expires = now + COMMAND_KEY_LIFE
        return KeyRing(settings.home).issue(scope, role="admin", name=COMMAND_KEY, expires_at=expires)
