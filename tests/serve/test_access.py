"""Who may do what: every route, with no key, a key of too low a role or of other scopes, and keys that stopped holding."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.routing import APIRoute

from serve.app import ROUTERS
from serve.deps import Need, need_of, require_operator
from tests.serve.gateway import Gateway
from vernacular.access.principal import Role
from vernacular.access.scopes import GRANTED, IMPLIED, Scope
from vernacular.db.models import ApiKeyRow
from vernacular.tenancy import TenantScope

# Routes that ask for no credential: they hold no tenant's data, or are where a credential is got, as a widget's page gets its own.
OPEN = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/v1/audit/public-key"),
    ("GET", "/v1/sign-in"),
    ("POST", "/v1/login"),
    ("GET", "/widget.js"),
    ("GET", "/widget/frame"),
    ("GET", "/widget/frame.css"),
    ("GET", "/widget/frame.js"),
    ("GET", "/v1/widget"),
    ("POST", "/v1/widget/session"),
}


def routes() -> list[APIRoute]:
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def calls(route: APIRoute) -> list[object]:
    return [dependency.call for dependency in route.dependant.dependencies]


def need(route: APIRoute) -> Need | None:
    needs = [found for call in calls(route) if callable(call) and (found := need_of(call))]
    return needs[0] if needs else None


GUARDED = [
    (method, route.path, found)
    for route in routes()
    if (found := need(route)) is not None
    for method in sorted(route.methods or ())
]


def path_of(path: str) -> str:
    return "/".join("x" if part.startswith("{") else part for part in path.split("/"))


class TestRoutes:
    def test_each_asks_for_a_principal_or_an_operator(self) -> None:
        for route in routes():
            for method in route.methods or ():
                guarded = need(route) is not None or require_operator in calls(route)
                assert guarded is ((method, route.path) not in OPEN), (method, route.path)

    def test_each_belongs_to_a_part_of_the_api(self) -> None:
        assert [path for _method, path, found in GUARDED if found.scope is None] == []

    def test_each_refuses_callers_without_a_good_key(self, gateway: Gateway) -> None:
        for method, path, _need in GUARDED:
            for key in (None, "", "wrong", "x" * 20_000, "a.b.c", "vs_wrong", "wt_wrong", "vo_wrong"):
                assert gateway.call(method, path_of(path), key, json={}).status_code == 401, (method, path, key)

    def test_each_lets_its_role_and_higher_ones_through(self, gateway: Gateway) -> None:
        keys = {role: gateway.key("acme", role.name) for role in Role}
        for method, path, found in GUARDED:
            for role, key in keys.items():
                response = gateway.call(method, path_of(path), key, json={})
                refusal = f"This needs the role {found.role.name}, and yours is {role.name}."
                assert (refusal in response.text) is (role < found.role), (method, path, role, response.text)

    def test_each_is_closed_to_keys_of_other_scopes(self, gateway: Gateway) -> None:
        limited = {
            scope: gateway.key("acme", "admin", scopes=[other for other in GRANTED if other is not scope])
            for scope in Scope
        }
        for method, path, found in GUARDED:
            assert found.scope is not None
            response = gateway.call(method, path_of(path), limited[found.scope], json={})
            refused = "This credential does not open this part of the API." in response.text
            assert refused is (found.scope not in IMPLIED), (method, path)


class TestWidgets:
    def test_are_not_told_to_ask_for_scopes_that_they_cannot_have(self, gateway: Gateway) -> None:
        page = "https://acme.example"
        with gateway.services.database.write() as session:
            scope = TenantScope(session, gateway.tenants["acme"])
            token = gateway.ring.add(scope, ApiKeyRow(role="public", kind="widget", origins=[page]))
        error = gateway.call("GET", "/v1/me", token, headers={"Origin": page}).json()["error"]
        assert error["name"] == "forbidden"
        assert "scope" not in error["hint"]


class TestKeys:
    def test_a_bad_key_is_told_what_to_do(self, gateway: Gateway) -> None:
        response = gateway.call("GET", "/v1/tenant", "vk_acme_mistyped")
        error = response.json()["error"]
        assert (response.status_code, error["name"]) == (401, "unauthorized")
        assert error["message"] == "This API key is not valid: it is mistyped, revoked or expired."
        assert "vernacular key create" in error["hint"]
        assert response.headers["www-authenticate"] == "Bearer"

    def test_another_scheme_is_no_key(self, gateway: Gateway, key: str) -> None:
        response = gateway.call("GET", "/v1/tenant", headers={"Authorization": f"Basic {key}"})
        assert response.status_code == 401

    def test_an_expired_one_is_refused(self, gateway: Gateway) -> None:
        expired = gateway.key("acme", expires_at=datetime.now(UTC) - timedelta(seconds=1))
        assert gateway.call("GET", "/v1/tenant", expired).status_code == 401

    def test_a_revoked_one_is_refused_once_it_is_no_longer_remembered(
        self, gateway: Gateway, key: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(gateway.services.keys, "recheck_s", 0.0)
        assert gateway.call("GET", "/v1/tenant", key).status_code == 200
        gateway.revoke("acme", key)
        assert gateway.call("GET", "/v1/tenant", key).status_code == 401
