from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.serve.gateway import Gateway
from vernacular.access.operators import OperatorKeys
from vernacular.access.principal import Principal
from vernacular.tenancy import Platform

TODAY = datetime.now(UTC).date().isoformat()


@pytest.fixture
def operator(gateway: Gateway) -> str:
    with gateway.services.database.write() as session:
        return OperatorKeys(gateway.ring).issue(session, "ops")


def principal(gateway: Gateway, key: str) -> Principal:
    with gateway.services.database.read() as session:
        return gateway.ring.authenticate(Platform(session), key)


def usage(gateway: Gateway, key: str, query: str = "") -> dict[str, Any]:
    response = gateway.call("GET", f"/v1/usage{query}", key)
    assert response.status_code == 200, response.text
    return dict(response.json())


class TestUsage:
    def test_is_by_day_and_principal(self, gateway: Gateway, key: str) -> None:
        member = gateway.key("acme", "member")
        for _ in range(3):
            gateway.call("GET", "/v1/tenant", member)
        told = usage(gateway, key)
        mine, theirs = (principal(gateway, each).id for each in (key, member))
        counted = {day["principal"]: (day["day"], day["kind"], day["requests"]) for day in told["days"]}
        assert counted == {theirs: (TODAY, "key", 3), mine: (TODAY, "key", 1)}
        assert told["total"]["requests"] == told["by_kind"]["key"]["requests"] == 4

    def test_of_others_is_for_administrators_and_those_with_the_scope(self, gateway: Gateway, key: str) -> None:
        member = gateway.key("acme", "member")
        gateway.call("GET", "/v1/tenant", key)
        assert {day["principal"] for day in usage(gateway, member)["days"]} == {principal(gateway, member).id}
        other = principal(gateway, key).id
        assert usage(gateway, member, f"?principal={other}")["total"]["requests"] == 2
        assert {day["principal"] for day in usage(gateway, member, f"?principal={other}")["days"]} != {other}
        accountant = gateway.key("acme", "member", scopes=["usage"])
        assert {day["principal"] for day in usage(gateway, accountant)["days"]} >= {other}

    def test_of_other_tenants_is_not_there(self, gateway: Gateway, key: str) -> None:
        gateway.call("GET", "/v1/tenant", gateway.key("other"))
        assert usage(gateway, key)["total"]["requests"] == 1

    def test_is_for_no_key_of_another_scope(self, gateway: Gateway) -> None:
        assert gateway.call("GET", "/v1/usage", gateway.key("acme", "admin", scopes=["chat"])).status_code == 403
        assert gateway.call("GET", "/v1/usage", gateway.key("acme", "public")).status_code == 403

    def test_counts_what_was_refused(self, gateway: Gateway) -> None:
        gateway.tenant("town", profile={"quotas": {"principal": {"requests_per_minute": 2}}})
        member, key = gateway.key("town", "member"), gateway.key("town")
        for _ in range(5):
            gateway.call("GET", "/v1/tenant", member)
        theirs = principal(gateway, member).id
        assert usage(gateway, key, f"?principal={theirs}")["total"] == {
            "requests": 2,
            "refused": 3,
            "prompt_tokens": 0,
            "completion_tokens": 0,
            "total_tokens": 0,
        }

    @pytest.mark.parametrize(
        "query",
        [
            "?since=2026-02-01&until=2026-01-01",
            "?since=2000-01-01",
            "?since=yesterday",
            "?kind=cat",
            "?until=0001-01-01",
        ],
    )
    def test_is_of_days_that_can_be_counted(self, gateway: Gateway, key: str, query: str) -> None:
        assert gateway.call("GET", f"/v1/usage{query}", key).status_code == 400

    def test_is_kept_by_a_gateway_that_ends(self, gateway: Gateway, key: str) -> None:
        gateway.call("GET", "/v1/tenant", key)
        gateway.services.quotas.ledger.close()
        with gateway.services.database.read() as session:
            now = datetime.now(UTC).date()
            assert Platform(session).usage(now, now)[0]["requests"] == 1

    def test_that_was_not_written_yet_does_not_outlive_its_account(self, gateway: Gateway, key: str) -> None:
        ana = gateway.user("acme", "ana")
        gateway.call("GET", "/v1/tenant", gateway.sign_in("acme", "ana"))
        assert gateway.call("DELETE", f"/v1/admin/users/{ana}", key).status_code == 200
        assert {day["principal"] for day in usage(gateway, key)["days"]} == {principal(gateway, key).id}


class TestPlatformUsage:
    def test_is_sums_by_tenant_for_operators_alone(self, gateway: Gateway, key: str, operator: str) -> None:
        gateway.ask(key, "What is the fee?")
        told = gateway.call("GET", "/v1/admin/usage", operator).json()
        assert [(each["tenant"], each["requests"]) for each in told["data"]] == [("acme", 1)]
        assert told["total"]["total_tokens"] == told["data"][0]["total_tokens"] > 0
        assert gateway.call("GET", "/v1/admin/usage", key).status_code == 403


class TestQuotas:
    def test_are_set_by_administrators_for_what_is_below_the_tenant(self, gateway: Gateway, key: str) -> None:
        member = gateway.key("acme", "member")
        one = principal(gateway, member).id
        asked = {"principal": {"requests_per_minute": 50}, "principals": {one: {"requests_per_minute": 2}}}
        told = gateway.call("PUT", "/v1/admin/quotas", key, json=asked).json()
        assert told["in_force"]["principal"]["requests_per_minute"] == 50
        assert told["set"]["principals"][one]["requests_per_minute"] == 2
        assert gateway.call("GET", "/v1/admin/quotas", key).json() == told
        assert [gateway.call("GET", "/v1/tenant", member).status_code for _ in range(3)] == [200, 200, 429]

    def test_of_the_tenant_are_the_operators(self, gateway: Gateway, key: str, operator: str) -> None:
        path, asked = "/v1/admin/tenants/acme/quotas", {"requests_per_minute": 100, "documents": 7}
        assert gateway.call("PUT", path, key, json=asked).status_code == 403
        assert gateway.call("PUT", "/v1/admin/quotas", key, json={"tenant": asked}).status_code == 400
        told = gateway.call("PUT", path, operator, json=asked).json()
        assert told["in_force"]["tenant"] == {
            "requests_per_minute": 100,
            "tokens_per_day": 0,
            "documents": 7,
            "megabytes": 0,
        }
        assert gateway.call("GET", path, operator).json() == told
        assert gateway.call("GET", "/v1/admin/quotas", key).headers["x-ratelimit-limit"] == "100"

    def test_are_kept_apart(self, gateway: Gateway, key: str, operator: str) -> None:
        gateway.call("PUT", "/v1/admin/tenants/acme/quotas", operator, json={"documents": 7})
        gateway.call("PUT", "/v1/admin/quotas", key, json={"visitor": {"requests_per_minute": 3}})
        gateway.call("PUT", "/v1/admin/tenants/acme/quotas", operator, json={"documents": 8})
        told = gateway.call("GET", "/v1/admin/quotas", key).json()["in_force"]
        assert (told["tenant"]["documents"], told["visitor"]["requests_per_minute"]) == (8, 3)

    def test_are_never_more_than_the_tenants(self, gateway: Gateway, key: str, operator: str) -> None:
        gateway.call("PUT", "/v1/admin/tenants/acme/quotas", operator, json={"tokens_per_day": 10})
        refused = gateway.call("PUT", "/v1/admin/quotas", key, json={"principal": {"tokens_per_day": 11}})
        assert refused.status_code == 400
        assert "tokens_per_day" in refused.json()["error"]["message"]

    @pytest.mark.parametrize(
        ("asked", "status"),
        [
            ({"principals": {"nobody": {"tokens_per_day": 1}}}, 404),
            ({"principal": {"requests_per_minute": -1}}, 400),
            ({"principal": {"documents": 1}}, 400),
            ({"principal": {"requests_per_minute": 10**13}}, 400),
            ({"cats": {}}, 400),
        ],
    )
    def test_are_refused_where_they_mean_nothing(
        self, gateway: Gateway, key: str, asked: dict[str, Any], status: int
    ) -> None:
        assert gateway.call("PUT", "/v1/admin/quotas", key, json=asked).status_code == status

    def test_of_another_tenants_key_cannot_be_set(self, gateway: Gateway, key: str) -> None:
        foreign = principal(gateway, gateway.key("other")).id
        asked = {"principals": {foreign: {"tokens_per_day": 1}}}
        assert gateway.call("PUT", "/v1/admin/quotas", key, json=asked).status_code == 404

    def test_of_a_tenant_that_is_not_there_are_not_found(self, gateway: Gateway, operator: str) -> None:
        assert gateway.call("PUT", "/v1/admin/tenants/nobody/quotas", operator, json={}).status_code == 404

    def test_tell_what_the_tenant_holds(self, gateway: Gateway, key: str) -> None:
        gateway.put("acme", "fees", "A permit costs 4 crowns.", bytes=24)
        assert gateway.call("GET", "/v1/admin/quotas", key).json()["holdings"] == {"documents": 1, "bytes": 24}

    def test_are_in_the_audit_log_when_they_change(self, gateway: Gateway, key: str, operator: str) -> None:
        gateway.call("PUT", "/v1/admin/quotas", key, json={"visitor": {"requests_per_minute": 3}})
        gateway.call("PUT", "/v1/admin/tenants/acme/quotas", operator, json={"documents": 8})
        told = gateway.call("GET", "/v1/audit?event=quotas.changed", key)
        assert told.status_code == 200
        assert told.json()["entries"]
        assert [entry["event"] for entry in gateway.services.audit.operator.entries()][-1] == "quotas.changed"

    def test_name_accounts_in_the_log_by_pseudonyms(self, gateway: Gateway, key: str, operator: str) -> None:
        ana = gateway.user("acme", "ana")
        gateway.call("PUT", "/v1/admin/quotas", key, json={"principals": {ana: {"tokens_per_day": 7}}})
        gateway.call("PUT", "/v1/admin/tenants/acme/quotas", operator, json={"documents": 8})
        told = gateway.call("GET", "/v1/audit?event=quotas.changed", key).text
        pseudonym = gateway.services.audit.subjects.account(gateway.tenants["acme"], ana)
        assert (pseudonym in told, ana in told) == (True, False)
        assert not any(ana in str(entry) for entry in gateway.services.audit.operator.entries())


class TestReadiness:
    def test_says_where_quotas_are_counted(self, gateway: Gateway) -> None:
        parts = gateway.call("GET", "/readyz").json()["parts"]
        assert parts["quotas"] == {"ready": True, "detail": "counted in this process"}


class TestMetrics:
    def test_count_refusals_without_saying_whose(self, gateway: Gateway) -> None:
        gateway.tenant("town", profile={"quotas": {"tenant": {"requests_per_minute": 1}}})
        key = gateway.key("town")
        for _ in range(3):
            gateway.call("GET", "/v1/tenant", key)
        figures = gateway.services.metrics.render().decode()
        assert 'vernacular_quota_refusals_total{span="minute",whose="tenant"} 2.0' in figures
        assert "town" not in figures
