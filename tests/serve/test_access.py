"""Who may do what: every route, with no key, a key of too low a role, and keys that stopped holding."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from serve import principals
from tests.serve.gateway import Gateway

# Route, and the lowest role that may use it.
ROUTES = [
    ("POST", "/v1/chat/completions", "public"),
    ("POST", "/v1/search", "public"),
    ("GET", "/v1/models", "public"),
    ("GET", "/v1/models/default", "public"),
    ("GET", "/v1/tenant", "public"),
    ("GET", "/v1/documents", "public"),
    ("GET", "/v1/documents/x", "public"),
    ("GET", "/v1/documents/x/content", "public"),
    ("GET", "/v1/conversations", "member"),
    ("GET", "/v1/conversations/x", "member"),
    ("POST", "/v1/documents", "editor"),
    ("DELETE", "/v1/documents/x", "editor"),
    ("GET", "/v1/jobs", "editor"),
    ("GET", "/v1/jobs/x", "editor"),
    ("GET", "/v1/jobs/x/events", "editor"),
    ("DELETE", "/v1/jobs/x", "editor"),
    ("GET", "/v1/admin/models", "admin"),
    ("GET", "/v1/admin/adapters", "admin"),
    ("POST", "/v1/admin/adapters", "admin"),
    ("GET", "/v1/admin/adapters/x", "admin"),
    ("PATCH", "/v1/admin/adapters/x", "admin"),
    ("DELETE", "/v1/admin/adapters/x", "admin"),
    ("GET", "/v1/admin/dialects", "admin"),
    ("POST", "/v1/admin/dialects/test", "admin"),
    ("GET", "/v1/admin/dialects/settings", "admin"),
    ("PUT", "/v1/admin/dialects/settings", "admin"),
    ("GET", "/v1/admin/dialects/x", "admin"),
    ("GET", "/v1/admin/evaluations", "admin"),
    ("GET", "/v1/admin/evaluations/x", "admin"),
]
RANKS = ["public", "member", "editor", "admin"]


class TestRoutes:
    def test_all_are_listed_here(self, gateway: Gateway) -> None:
        paths = gateway.call("GET", "/openapi.json").json()["paths"]
        listed = {(method, path.replace("/x", "/{}").replace("/default", "/{}")) for method, path, _role in ROUTES}
        served = {
            (method.upper(), "/".join("{}" if part.startswith("{") else part for part in path.split("/")))
            for path, methods in paths.items()
            for method in methods
        }
        assert served - listed == {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")}

    @pytest.mark.parametrize(("method", "path", "role"), ROUTES)
    def test_each_refuses_callers_without_a_good_key(self, gateway: Gateway, method: str, path: str, role: str) -> None:
        for key in (None, "", "wrong", "x" * 5000):
            response = gateway.call(
                method, path, key, json={"query": "x", "messages": [{"role": "user", "content": "x"}]}
            )
            assert response.status_code == 401
            assert response.json()["error"]["name"] == "unauthorized"

    @pytest.mark.parametrize(("method", "path", "role"), ROUTES)
    def test_each_lets_its_role_and_higher_ones_through(
        self, gateway: Gateway, method: str, path: str, role: str
    ) -> None:
        for rank in RANKS:
            body = {"query": "x"} if path == "/v1/search" else {"messages": [{"role": "user", "content": "x"}]}
            response = gateway.call(method, path, gateway.key("acme", rank), json=body)
            allowed = RANKS.index(rank) >= RANKS.index(role)
            assert (response.status_code == 403) is not allowed, (rank, response.text)
            if not allowed:
                assert response.json()["error"]["message"] == (
                    f"This needs a key with the role {role}, and yours has the role {rank}."
                )


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
        monkeypatch.setattr(principals, "REMEMBERED_S", 0.0)
        assert gateway.call("GET", "/v1/tenant", key).status_code == 200
        gateway.revoke("acme", key)
        assert gateway.call("GET", "/v1/tenant", key).status_code == 401

    def test_none_is_remembered_for_more_than_a_few_seconds(self) -> None:
        assert principals.REMEMBERED_S <= 4
