"""A migrated database of a home of its own, and a tenant in it: fixtures for tests that need no gateway."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from vernacular.db.migrate import migrate
from vernacular.db.models import TenantRow
from vernacular.db.session import Database, open_database
from vernacular.settings import Settings
from vernacular.tenancy import Platform, Tenant


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """Where the test's own `settings` say."""
    database = open_database(settings)
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def tenant(database: Database) -> Tenant:
    with database.write() as session:
        return Platform(session).create_tenant(TenantRow(slug="harbour"))
