"""The operator of the platform: above tenants, and in none of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.routing import APIRoute

from serve.app import ROUTERS
from serve.deps import need_of
from tests.serve.gateway import PASSWORD, Gateway
from vernacular.access.operators import OperatorKeys


@pytest.fixture
def operator(gateway: Gateway) -> str:
    return issue(gateway)


def issue(gateway: Gateway, **columns: Any) -> str:
    with gateway.services.database.write() as session:
        return OperatorKeys(gateway.ring).issue(session, "ops", **columns)


def operators_log(gateway: Gateway) -> list[Any]:
    return [entry["event"] for entry in gateway.services.audit.operator.entries()]


class TestTenants:
    def test_are_listed_without_what_they_hold(self, gateway: Gateway, operator: str) -> None:
        gateway.put("acme", "secret.md", "The vault opens at seven.")
        listed = gateway.call("GET", "/v1/admin/tenants", operator).json()["data"]
        assert [tenant["name"] for tenant in listed] == ["acme", "other"]
        assert set(listed[0]) == {"name", "display_name", "languages", "suspended_at", "created_at"}

    def test_are_made_with_a_first_administrator(self, gateway: Gateway, operator: str) -> None:
        form = {"name": "globex", "languages": ["es-MX"], "admin": "Root"}
        made = gateway.call("POST", "/v1/admin/tenants", operator, json=form).json()
        assert made["admin_key"] is None
        first = gateway.log_in("globex", "root", made["admin"]["password"]).json()
        assert first["me"]["must_change"] is True
        body = {"current": made["admin"]["password"], "new": PASSWORD}
        token = gateway.call("POST", "/v1/password", first["token"], json=body).json()["token"]
        assert gateway.call("GET", "/v1/admin/users", token).json()["total"] == 1
        assert operators_log(gateway) == ["tenant.created"]

    def test_are_made_with_an_admin_key(self, gateway: Gateway, operator: str) -> None:
        made = gateway.call("POST", "/v1/admin/tenants", operator, json={"name": "globex"}).json()
        assert made["admin"] is None
        assert gateway.call("GET", "/v1/tenant", made["admin_key"]).json()["role"] == "admin"

    @pytest.mark.parametrize(
        "form", [{"name": "Acme"}, {"name": ""}, {"name": "../x"}, {"name": "x", "languages": ["<b>"]}, {}]
    )
    def test_have_names_and_languages(self, gateway: Gateway, operator: str, form: dict[str, Any]) -> None:
        assert gateway.call("POST", "/v1/admin/tenants", operator, json=form).status_code == 400

    def test_have_names_of_their_own(self, gateway: Gateway, operator: str) -> None:
        assert gateway.call("POST", "/v1/admin/tenants", operator, json={"name": "acme"}).status_code == 409

    def test_are_suspended_with_all_their_credentials_and_resumed(self, gateway: Gateway, operator: str) -> None:
        gateway.user("acme", "maria")
        credentials = [gateway.key("acme"), gateway.sign_in("acme", "maria")]
        theirs = gateway.key("other")
        for suspended, status in ((True, 401), (False, 200)):
            changed = gateway.call("PATCH", "/v1/admin/tenants/acme", operator, json={"suspended": suspended})
            assert (changed.json()["suspended_at"] is not None) is suspended
            assert [gateway.call("GET", "/v1/tenant", each).status_code for each in credentials] == [status] * 2
            assert (gateway.log_in("acme", "maria").status_code == 200) is (not suspended)
            assert gateway.call("GET", "/v1/tenant", theirs).status_code == 200
        assert operators_log(gateway) == ["tenant.suspended", "tenant.resumed"]
        assert {"tenant.suspended", "tenant.resumed"} <= set(gateway.audited("acme"))

    def test_are_deleted_with_what_they_hold(self, gateway: Gateway, operator: str) -> None:
        key = gateway.key("acme")
        gateway.put("acme", "a.md", "The library opens at nine.")
        assert gateway.call("DELETE", "/v1/admin/tenants/acme", operator).json() == {"name": "acme", "deleted": True}
        assert gateway.call("GET", "/v1/tenant", key).status_code == 401
        assert gateway.call("GET", "/v1/admin/tenants/acme", operator).status_code == 404
        assert operators_log(gateway) == ["tenant.deleted"]


class TestOperatorsKey:
    def test_opens_no_tenants_data(self, gateway: Gateway, operator: str) -> None:
        for router in ROUTERS:
            for route in router.routes:
                if not isinstance(route, APIRoute):
                    continue
                if any(callable(each.call) and need_of(each.call) for each in route.dependant.dependencies):
                    path = "/".join("x" if part.startswith("{") else part for part in route.path.split("/"))
                    for method in route.methods or ():
                        refused = gateway.call(method, path, operator, json={})
                        assert refused.status_code == 403, (method, path)

    @pytest.mark.parametrize("role", ["admin", "public"])
    def test_is_needed_for_tenants(self, gateway: Gateway, role: str) -> None:
        for method, path in (
            ("GET", "/v1/admin/tenants"),
            ("POST", "/v1/admin/tenants"),
            ("PATCH", "/v1/admin/tenants/other"),
            ("DELETE", "/v1/admin/tenants/other"),
        ):
            body = {"name": "x"} if method == "POST" else {}
            assert gateway.call(method, path, gateway.key("acme", role), json=body).status_code == 403
            assert gateway.call(method, path, "vo_wrong", json=body).status_code == 401
            assert gateway.call(method, path, json=body).status_code == 401

    def test_ends(self, gateway: Gateway) -> None:
        expired = issue(gateway, expires_at=datetime.now(UTC) - timedelta(seconds=1))
        assert gateway.call("GET", "/v1/admin/tenants", expired).status_code == 401
        revoked = issue(gateway)
        with gateway.services.database.write() as session:
            OperatorKeys(gateway.ring).revoke(session, revoked)
        assert gateway.call("GET", "/v1/admin/tenants", revoked).status_code == 401
