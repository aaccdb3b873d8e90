"""Access tokens of an identity provider at the gateway, and SCIM beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oidc_provider import OidcProvider, SigningKey
from tests.serve.fakes import QUOTE, FakeRag
from tests.serve.gateway import Gateway, running_gateway
from tests.serve.scim.conftest import Client
from vernacular.access.issuers import OidcIssuer
from vernacular.settings import AccessSettings


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.ec("k1")


@pytest.fixture
def provider(key: SigningKey) -> Iterator[OidcProvider]:
    made = OidcProvider(keys=[key])
    with made.listen():
        yield made


@pytest.fixture
def gateway(home: Path, provider: OidcProvider) -> Iterator[Gateway]:
    trusted = OidcIssuer(issuer=provider.issuer, audience="vernacular", tenant="acme", roles={"boss": "admin"})
    with running_gateway(home, FakeRag(), access=AccessSettings(oidc=[trusted], recheck_s=0.001)) as running:
        running.tenant("acme")
        running.tenant("other")
        yield running


@pytest.fixture
def scim(gateway: Gateway) -> Client:
    return Client(gateway, gateway.key("acme", scopes=("scim",)))


class TestTokens:
    def test_open_what_their_persons_role_and_groups_do(self, gateway: Gateway, provider: OidcProvider) -> None:
        gateway.put("acme", "plan", "The plan of the staff.", groups=["hr"])
        ana, bo = provider.access_token("ana"), provider.access_token("bo", groups=[])
        me = gateway.call("GET", "/v1/me", ana).json()
        assert (me["kind"], me["name"], me["tenant"], me["role"]) == ("user", "ana", "acme", "member")
        assert QUOTE in gateway.ask(ana, "What does it cost?").text
        assert len(gateway.call("GET", "/v1/documents", ana).json()["documents"]) == 1
        assert gateway.call("GET", "/v1/admin/users", ana).status_code == 403
        assert gateway.call("GET", "/v1/admin/users", bo).status_code == 200

    def test_that_do_not_hold_are_told_to_sign_in_again(self, gateway: Gateway, provider: OidcProvider) -> None:
        for token in (provider.access_token("ana", exp=1), provider.id_token("ana"), "a.b.c"):
            refused = gateway.call("GET", "/v1/me", token)
            assert (refused.status_code, refused.json()["error"]["name"]) == (401, "token_refused")
            assert refused.headers["www-authenticate"] == "Bearer"

    def test_wait_for_a_provider_that_is_down(self, gateway: Gateway, provider: OidcProvider) -> None:
        provider.trouble = "down"
        refused = gateway.call("GET", "/v1/me", provider.access_token("ana"))
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")

    def test_of_a_suspended_account_are_refused(self, gateway: Gateway, provider: OidcProvider) -> None:
        token = provider.access_token("ana")
        assert gateway.call("GET", "/v1/me", token).status_code == 200
        suspended = gateway.call("PATCH", "/v1/admin/users/ana", gateway.key("acme"), json={"suspended": True})
        assert suspended.status_code == 200
        assert gateway.call("GET", "/v1/me", token).status_code == 401


class TestBesideScim:
    def test_a_person_has_one_account_whichever_comes_first(
        self, gateway: Gateway, provider: OidcProvider, scim: Client
    ) -> None:
        made = scim.user("ana", externalId="id-of-ana")
        scim.group("board", made["id"])
        me = gateway.call("GET", "/v1/me", provider.access_token("ana")).json()
        assert (me["id"], sorted(me["groups"])) == (made["id"], ["board", "hr"])
        gateway.call("GET", "/v1/me", provider.access_token("bo"))
        assert scim.found('/Users?filter=externalId eq "id-of-bo"') == ["bo"]

    def test_who_is_deactivated_or_deleted_is_refused_whatever_token_she_has(
        self, gateway: Gateway, provider: OidcProvider, scim: Client
    ) -> None:
        path, token = f"/Users/{scim.user('ana', externalId='id-of-ana')['id']}", provider.access_token("ana")
        assert gateway.call("GET", "/v1/me", token).status_code == 200
        scim.patch(path, {"op": "Replace", "value": {"active": "False"}})
        assert gateway.call("GET", "/v1/me", token).status_code == 401
        scim.patch(path, {"op": "Replace", "value": {"active": "True"}})
        assert gateway.call("GET", "/v1/me", token).status_code == 200
        scim.call("DELETE", path)
        assert gateway.call("GET", "/v1/me", token).status_code == 401
        assert gateway.call("GET", "/v1/me", provider.access_token("ana")).status_code == 401
        assert scim.found("/Users") == []
