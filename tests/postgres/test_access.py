"""What holds for accounts, keys and sign-ins on SQLite holds on PostgreSQL."""

from __future__ import annotations

import pytest

from tests.serve.accounts import test_login
from tests.serve.groups import test_endpoints as group_endpoints
from tests.serve.keys import test_endpoints as key_endpoints
from tests.serve.users import test_endpoints as user_endpoints
from tests.vernacular.access import test_accounts, test_keys

pytestmark = pytest.mark.postgres
acme, ring = test_keys.acme, test_keys.ring


class TestUsers(test_accounts.TestUsers): ...


class TestGroups(test_accounts.TestGroups): ...


class TestSessions(test_accounts.TestSessions): ...


class TestLockout(test_accounts.TestLockout): ...


class TestLogin(test_login.TestLogin): ...


class TestChangedAccount(user_endpoints.TestChange): ...


class TestDocumentsOfGroups(group_endpoints.TestDocuments): ...


class TestRotation(key_endpoints.TestRotation): ...
