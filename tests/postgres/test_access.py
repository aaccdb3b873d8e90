"""What holds for accounts, keys and sign-ins on SQLite holds on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.serve import conftest as serve
from tests.serve.accounts import test_login
from tests.serve.fakes import FakeRag
from tests.serve.gateway import Gateway, running_gateway
from tests.serve.groups import test_endpoints as group_endpoints
from tests.serve.keys import test_endpoints as key_endpoints
from tests.serve.users import test_endpoints as user_endpoints
from tests.vernacular.access import test_accounts, test_keys
from vernacular.settings import Settings

pytestmark = pytest.mark.postgres
acme, ring = test_keys.acme, test_keys.ring
rag, key, quick_hashes = serve.rag, serve.key, serve.quick_hashes


@pytest.fixture
def gateway(settings: Settings, rag: FakeRag) -> Iterator[Gateway]:
    settings.home.mkdir()
    with running_gateway(settings.home, rag, url=settings.sql.url) as running:
        running.tenant("acme")
        running.tenant("other")
        yield running


@pytest.fixture
def whole(settings: Settings) -> Iterator[Gateway]:
    settings.home.mkdir()
    with running_gateway(settings.home, url=settings.sql.url) as running:
        running.tenant("acme")
        running.tenant("other")
        yield running


class TestUsers(test_accounts.TestUsers): ...


class TestGroups(test_accounts.TestGroups): ...


class TestSessions(test_accounts.TestSessions): ...


class TestLockout(test_accounts.TestLockout): ...


class TestLogin(test_login.TestLogin): ...


class TestChangedAccount(user_endpoints.TestChange): ...


class TestDocumentsOfGroups(group_endpoints.TestDocuments): ...


class TestRotation(key_endpoints.TestRotation): ...
