from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serve.fakes import FakeRag
from tests.serve.gateway import Gateway, running_gateway
from vernacular.access.issuers import OidcIssuer
from vernacular.settings import AccessSettings


@pytest.fixture
def trusting(home: Path) -> Iterator[Gateway]:
    """A gateway whose front end is a client of a provider for acme; that of `other` serves its own front ends alone."""
    providers = [
        OidcIssuer(issuer="https://id.example", audience="a", tenant="acme", client_id="front-end"),
        OidcIssuer(issuer="https://id.example", audience="b", tenant="other"),
    ]
    with running_gateway(home, FakeRag(), access=AccessSettings(oidc=providers)) as running:
        running.tenant("acme")
        running.tenant("other")
        yield running


class TestSignIn:
    def test_is_offered_to_anyone_once_somebody_has_a_password(self, gateway: Gateway) -> None:
        assert gateway.call("GET", "/v1/sign-in").json() == {"passwords": False}
        gateway.user("acme", "ana")
        assert gateway.call("GET", "/v1/sign-in").json() == {"passwords": True}

    def test_is_offered_by_tenants_that_have_people(self, gateway: Gateway) -> None:
        gateway.user("acme", "ana")
        offered = {slug: gateway.call("GET", "/v1/tenant", gateway.key(slug, "public")) for slug in ("acme", "other")}
        assert {slug: told.json()["sign_in"] for slug, told in offered.items()} == {"acme": True, "other": False}

    def test_is_offered_by_tenants_with_a_provider_that_the_front_end_is_a_client_of(self, trusting: Gateway) -> None:
        offered = {slug: trusting.call("GET", "/v1/tenant", trusting.key(slug, "public")) for slug in ("acme", "other")}
        assert {slug: told.json()["sign_in"] for slug, told in offered.items()} == {"acme": True, "other": False}
        assert trusting.call("GET", "/v1/sign-in").json() == {"passwords": False}
