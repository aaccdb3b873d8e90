"""Requests against their limits, over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from serve.quotas.keeper import visitor_address
from tests.serve.gateway import Gateway
from vernacular.access.principal import Principal, Role
from vernacular.tenancy import Tenant, TenantScope


def limited(gateway: Gateway, slug: str = "town", **quotas: Any) -> str:
    """A tenant with those quotas; an admin's key to it."""
    gateway.tenant(slug, profile={"quotas": quotas})
    return gateway.key(slug)


def statuses(gateway: Gateway, key: str, times: int, path: str = "/v1/tenant") -> list[int]:
    return [gateway.call("GET", path, key).status_code for _ in range(times)]


class TestLimit:
    def test_is_held_to_the_request(self, gateway: Gateway) -> None:
        key = limited(gateway, tenant={"requests_per_minute": 5})
        assert statuses(gateway, key, 8) == [200] * 5 + [429] * 3

    def test_is_held_by_requests_that_come_at_once(self, gateway: Gateway) -> None:
        key = limited(gateway, tenant={"requests_per_minute": 20})
        with ThreadPoolExecutor(8) as callers:
            found = list(callers.map(lambda _: gateway.call("GET", "/v1/tenant", key).status_code, range(60)))
        assert (found.count(200), found.count(429)) == (20, 40)

    def test_says_when_to_come_back(self, gateway: Gateway) -> None:
        key = limited(gateway, tenant={"requests_per_minute": 1})
        statuses(gateway, key, 1)
        refused = gateway.call("GET", "/v1/tenant", key)
        error = refused.json()["error"]
        assert error["name"] == "quota_exceeded"
        assert "1 requests a minute" in error["message"]
        assert 1 <= int(refused.headers["retry-after"]) <= 120
        assert refused.headers["x-ratelimit-remaining"] == "0"

    def test_is_told_with_every_answer(self, gateway: Gateway) -> None:
        key = limited(gateway, tenant={"requests_per_minute": 9}, principal={"requests_per_minute": 4})
        headers = gateway.call("GET", "/v1/tenant", key).headers
        assert headers["ratelimit-policy"] == '"principal";q=4;w=60, "tenant";q=9;w=60'
        assert headers["ratelimit"].startswith('"principal";r=3;t=')
        assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("4", "3")
        assert 1 <= int(headers["x-ratelimit-reset"]) <= 60

    def test_that_is_not_there_is_not_told(self, gateway: Gateway, key: str) -> None:
        assert not [name for name in gateway.call("GET", "/v1/tenant", key).headers if "ratelimit" in name.lower()]

    def test_of_a_key_leaves_others_alone(self, gateway: Gateway) -> None:
        first = limited(gateway, principal={"requests_per_minute": 2})
        second = gateway.key("town")
        assert statuses(gateway, first, 3) == [200, 200, 429]
        assert statuses(gateway, second, 2) == [200, 200]

    def test_of_a_tenant_leaves_others_alone(self, gateway: Gateway, key: str) -> None:
        town = limited(gateway, tenant={"requests_per_minute": 1})
        assert statuses(gateway, town, 2) == [200, 429]
        assert statuses(gateway, key, 2) == [200, 200]

    def test_of_one_key_stands_over_that_of_all(self, gateway: Gateway) -> None:
        limited(gateway)
        key = gateway.key("town")
        with gateway.services.database.read() as session:
            principal = gateway.ring.authenticate(_platform(session), key)
        quotas = {"principal": {"requests_per_minute": 1}, "principals": {principal.id: {"requests_per_minute": 3}}}
        _set(gateway, quotas)
        assert statuses(gateway, key, 4) == [200, 200, 200, 429]

    def test_that_refuses_does_not_use_up_another(self, gateway: Gateway) -> None:
        key = limited(gateway, tenant={"requests_per_minute": 2}, principal={"requests_per_minute": 4})
        statuses(gateway, key, 9)
        told = gateway.services.quotas.windows._memory.storage
        counted = {name: count for name, count in told.storage.items() if count}  # type: ignore[attr-defined]
        assert sorted(counted.values()) == [2, 2]

    def test_holds_before_the_body_is_read(self, gateway: Gateway) -> None:
        key = limited(gateway, tenant={"requests_per_minute": 1})
        statuses(gateway, key, 1)
        assert gateway.call("POST", "/v1/search", key, json={"query": 3}).status_code == 429


class TestVisitors:
    def test_are_told_apart_by_the_name_that_the_caller_gives(self, gateway: Gateway) -> None:
        key = limited(gateway, visitor={"requests_per_minute": 2})
        found = [gateway.ask(key, "fee?", user=name).status_code for name in ("ann", "ann", "ann", "bob")]
        assert found == [200, 200, 429, 200]

    def test_without_a_name_are_not_counted_for_a_key_of_one_person(self, gateway: Gateway) -> None:
        key = limited(gateway, visitor={"requests_per_minute": 1})
        assert [gateway.ask(key, "fee?").status_code for _ in range(3)] == [200] * 3

    def test_who_flood_use_up_nothing_that_others_share(self, gateway: Gateway) -> None:
        key = limited(gateway, visitor={"requests_per_minute": 1}, tenant={"requests_per_minute": 3})
        assert [gateway.ask(key, "fee?", user="ann").status_code for _ in range(6)] == [200] + [429] * 5
        assert [gateway.ask(key, "fee?", user=name).status_code for name in ("bob", "cem")] == [200, 200]

    def test_are_kept_under_a_pseudonym(self, gateway: Gateway) -> None:
        key = limited(gateway, visitor={"requests_per_minute": 5})
        gateway.ask(key, "fee?", user="ann.doe@example.org")
        storage = gateway.services.quotas.windows._memory.storage
        assert any("/visitor/" in name for name in storage.storage)  # type: ignore[attr-defined]
        assert not any("ann" in name for name in storage.storage)  # type: ignore[attr-defined]

    @pytest.mark.parametrize(
        ("kind", "role", "host", "address"),
        [
            ("widget", Role.public, "203.0.113.5", "203.0.113.5"),
            ("widget", Role.public, "127.0.0.1", "127.0.0.1"),
            ("widget", Role.public, "2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
            ("key", Role.public, "2001:db8:1:2::9", "2001:0db8:0001:0002"),
            ("key", Role.public, "203.0.113.5", "203.0.113.5"),
            ("key", Role.public, "127.0.0.1", ""),
            ("key", Role.public, "::1", ""),
            ("key", Role.member, "203.0.113.5", ""),
            ("user", Role.public, "203.0.113.5", ""),
            ("key", Role.public, None, ""),
        ],
    )
    def test_without_a_name_are_told_apart_by_address_where_many_share_a_credential(
        self, kind: Any, role: Role, host: str | None, address: str
    ) -> None:
        assert visitor_address(Principal(Tenant("t", "town"), role, (), "p", kind), host) == address


class TestCaps:
    @pytest.mark.parametrize(
        "filters", [{"f" * 201: 1}, {"f": "x" * 1001}, {"f": ["x" * 1001]}, {f"f{n}": n for n in range(21)}]
    )
    def test_on_filters(self, gateway: Gateway, key: str, filters: dict[str, Any]) -> None:
        body = {"query": "fee", "filters": filters}
        assert gateway.call("POST", "/v1/search", key, json=body).status_code == 400

    @pytest.mark.parametrize(
        "more",
        [
            {"n": 2},
            {"messages": [{"role": "user", "content": "x"}] * 1001},
            {"user": "u" * 513},
            {"vernacular": {"top_k": 51}},
            {"messages": [{"role": "user", "content": "x" * 8001}]},
        ],
    )
    def test_on_a_chat(self, gateway: Gateway, key: str, more: dict[str, Any]) -> None:
        assert gateway.ask(key, "fee?", **more).status_code == 400


def _platform(session: Any) -> Any:
    from vernacular.tenancy import Platform

    return Platform(session)


def _set(gateway: Gateway, quotas: dict[str, Any]) -> None:
    with gateway.services.database.write() as session:
        _platform(session).tenant_row("town").profile = {"quotas": quotas}
        assert TenantScope(session, gateway.tenants["town"])
    gateway.services.keys.forget()
