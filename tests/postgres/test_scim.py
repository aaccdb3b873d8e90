"""SCIM's filters, lists and memberships, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.serve.fakes import FakeRag
from tests.serve.gateway import Gateway, running_gateway
from tests.serve.scim import conftest as fixtures
from tests.serve.scim import test_groups as groups
from tests.serve.scim import test_users as users
from vernacular.access.issuers import OidcIssuer
from vernacular.settings import AccessSettings, Settings

pytestmark = pytest.mark.postgres
scim, elsewhere, people = fixtures.scim, fixtures.elsewhere, groups.people


@pytest.fixture
def gateway(settings: Settings) -> Iterator[Gateway]:
    settings.home.mkdir()
    provider = OidcIssuer(issuer=fixtures.ISSUER, audience="vernacular", tenant="acme", roles={"Desk": "editor"})
    access = AccessSettings(oidc=[provider], recheck_s=0.001)
    with running_gateway(settings.home, FakeRag(), url=settings.sql.url, access=access) as running:
        running.tenant("acme")
        running.tenant("other")
        yield running


class TestRead(users.TestRead): ...


class TestDelete(users.TestDelete): ...


class TestGroups(groups.TestGroups): ...


class TestReach(groups.TestReach): ...
