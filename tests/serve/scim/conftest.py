from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from tests.serve.fakes import FakeRag
from tests.serve.gateway import Gateway, running_gateway
from vernacular.access.issuers import OidcIssuer
from vernacular.db.models import GroupMemberRow, GroupRow, SessionRow, UserRow
from vernacular.settings import AccessSettings
from vernacular.tenancy import TenantScope

ISSUER = "https://id.example"
SCIM = "application/scim+json"


@dataclass
class Client:
    """An identity provider that keeps the people of a tenant."""

    gateway: Gateway
    key: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        sent = {"Content-Type": SCIM, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.gateway.call(method, f"/scim/v2{path}", self.key, json=body, headers=sent)

    def get(self, path: str, **headers: str) -> dict[str, Any]:
        response = self.call("GET", path, **headers)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == SCIM
        found: dict[str, Any] = response.json()
        return found

    def user(self, name: str, **more: Any) -> dict[str, Any]:
        """A new account; its resource."""
        body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, **more}
        return self._made("/Users", body)

    def group(self, name: str, *members: str, **more: Any) -> dict[str, Any]:
        body = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": name,
            "members": [{"value": member} for member in members],
            **more,
        }
        return self._made("/Groups", body)

    def patch(self, path: str, *operations: dict[str, Any]) -> Response:
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": list(operations)}
        return self.call("PATCH", path, body)

    def found(self, path: str) -> list[str]:
        """The names that a list holds, in its order."""
        return [one.get("userName") or one["displayName"] for one in self.get(path)["Resources"]]

    def _made(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = self.call("POST", path, body)
        assert response.status_code == 201, response.text
        made: dict[str, Any] = response.json()
        return made


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Gateway]:
    """A gateway that trusts a provider for acme, and looks at accounts anew for each request."""
    home = tmp_path_factory.mktemp("home")
    shutil.copy(migrated, home / migrated.name)
    provider = OidcIssuer(issuer=ISSUER, audience="vernacular", tenant="acme", roles={"Desk": "editor"})
    access = AccessSettings(oidc=[provider], recheck_s=0.001)
    with running_gateway(home, FakeRag(), access=access) as running:
        running.tenant("acme")
        running.tenant("other")
        yield running


@pytest.fixture
def gateway(running: Gateway) -> Iterator[Gateway]:
    """The same gateway for all tests, without people before each."""
    yield running
    with running.services.database.write() as session:
        for tenant in running.tenants.values():
            scope = TenantScope(session, tenant)
            for row in (GroupMemberRow, GroupRow, SessionRow, UserRow):
                scope.execute(scope.delete(row))


@pytest.fixture
def scim(gateway: Gateway) -> Client:
    return Client(gateway, gateway.key("acme", scopes=("scim",)))


@pytest.fixture
def elsewhere(gateway: Gateway) -> Client:
    """Of the tenant `other`."""
    return Client(gateway, gateway.key("other", scopes=("scim",)))


@pytest.fixture
def admin(gateway: Gateway) -> Client:
    """A key that is not limited."""
    return Client(gateway, gateway.key("acme"))
