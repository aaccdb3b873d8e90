"""What holds for tenants on SQLite holds on PostgreSQL."""

from __future__ import annotations

import pytest

from tests.vernacular import test_tenancy
from tests.vernacular.access import test_keys

pytestmark = pytest.mark.postgres
two, acme, ring = test_tenancy.two, test_keys.acme, test_keys.ring


class TestTenantScope(test_tenancy.TestTenantScope): ...


class TestGenerations(test_tenancy.TestGenerations): ...


class TestPlatform(test_tenancy.TestPlatform): ...


class TestIssue(test_keys.TestIssue): ...


class TestAuthenticate(test_keys.TestAuthenticate): ...


class TestRevoke(test_keys.TestRevoke): ...
