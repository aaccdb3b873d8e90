"""API keys as administrators manage them: what they are limited to, when they end, and how they are replaced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.serve.gateway import Gateway
from vernacular.db.models import ApiKeyRow
from vernacular.tenancy import TenantScope


def make(gateway: Gateway, key: str, **form: Any) -> dict[str, Any]:
    response = gateway.call("POST", "/v1/admin/keys", key, json=form)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


def move_end(gateway: Gateway, key_id: str, moment: datetime) -> None:
    with gateway.services.database.write() as session:
        scope = TenantScope(session, gateway.tenants["acme"])
        scope.execute(scope.update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(expires_at=moment))
    gateway.services.keys.forget()


class TestNewKey:
    def test_opens_what_it_is_limited_to_and_nothing_else(self, gateway: Gateway, key: str) -> None:
        made = make(gateway, key, role="editor", scopes=["search", "documents:read"], name="site search")
        assert made["about"]["scopes"] == ["search", "documents:read"]
        limited = made["key"]
        assert gateway.call("POST", "/v1/search", limited, json={"query": "x"}).status_code == 200
        assert gateway.call("GET", "/v1/documents", limited).status_code == 200
        assert gateway.call("GET", "/v1/tenant", limited).status_code == 200
        assert gateway.call("GET", "/v1/jobs", limited).status_code == 403
        assert gateway.ask(limited, "x").status_code == 403
        assert gateway.call("GET", "/v1/me", limited).json()["scopes"] == [
            "account",
            "documents:read",
            "search",
            "tenant",
        ]

    def test_is_shown_once(self, gateway: Gateway, key: str) -> None:
        made = make(gateway, key)
        listed = gateway.call("GET", "/v1/admin/keys", key)
        assert made["key"] not in listed.text
        assert made["about"]["prefix"] in listed.text
        assert gateway.audited("acme") == ["key.created"]

    def test_ends_when_it_is_said_to(self, gateway: Gateway, key: str) -> None:
        made = make(gateway, key, expires_at=(datetime.now(UTC) + timedelta(days=1)).isoformat())
        assert gateway.call("GET", "/v1/tenant", made["key"]).status_code == 200
        move_end(gateway, made["about"]["id"], datetime.now(UTC) - timedelta(seconds=1))
        assert gateway.call("GET", "/v1/tenant", made["key"]).status_code == 401
        listed = gateway.call("GET", "/v1/admin/keys", key).json()["data"]
        assert {each["id"]: each["state"] for each in listed}[made["about"]["id"]] == "expired"

    @pytest.mark.parametrize(
        "form",
        [
            {"scopes": ["everything"]},
            {"scopes": ["tenant"]},
            {"role": "operator"},
            {"expires_at": "2020-01-01T00:00:00Z"},
            {"expires_at": "2999-01-01T00:00:00"},
            {"kind": "widget"},
        ],
    )
    def test_is_refused_if_there_is_no_such_thing(self, gateway: Gateway, key: str, form: dict[str, Any]) -> None:
        assert gateway.call("POST", "/v1/admin/keys", key, json=form).status_code == 400

    def test_gives_no_more_than_who_makes_it_has(self, gateway: Gateway) -> None:
        limited = gateway.key("acme", "admin", scopes=["access", "search"])
        for form in ({}, {"scopes": ["audit"]}, {"role": "admin", "scopes": ["search"]}):
            assert gateway.call("POST", "/v1/admin/keys", limited, json=form).status_code == 403
        make(gateway, limited, role="editor", scopes=["search"])
        other = make(gateway, gateway.key("acme"), scopes=["audit"])["about"]["id"]
        assert gateway.call("POST", f"/v1/admin/keys/{other}/rotate", limited).status_code == 403

    def test_is_written_when_it_was_last_used(self, gateway: Gateway, key: str) -> None:
        made = make(gateway, key)
        gateway.call("GET", "/v1/tenant", made["key"])
        gateway.services.keys.note_use()
        listed = gateway.call("GET", "/v1/admin/keys", key).json()["data"]
        used = {each["id"]: each["last_used_at"] for each in listed}[made["about"]["id"]]
        assert datetime.fromisoformat(used) <= datetime.now(UTC)


class TestRotation:
    def test_gives_a_key_of_the_same_rights_beside_the_old_one(self, gateway: Gateway, key: str) -> None:
        old = make(gateway, key, role="editor", groups=["staff"], scopes=["documents:write"])
        new = gateway.call("POST", f"/v1/admin/keys/{old['about']['id']}/rotate", key, json={"overlap_hours": 1}).json()
        assert new["about"]["replaces"] == old["about"]["id"]
        for field in ("role", "groups", "scopes", "name", "expires_at"):
            assert new["about"][field] == old["about"][field]
        for each in (old, new):
            assert gateway.call("GET", "/v1/jobs", each["key"]).status_code == 200
        move_end(gateway, old["about"]["id"], datetime.now(UTC))
        assert gateway.call("GET", "/v1/jobs", old["key"]).status_code == 401
        assert gateway.call("GET", "/v1/jobs", new["key"]).status_code == 200
        assert gateway.audited("acme") == ["key.created", "key.rotated"]

    def test_ends_the_old_one_after_the_overlap(self, gateway: Gateway, key: str) -> None:
        old = make(gateway, key)["about"]["id"]
        before = datetime.now(UTC)
        gateway.call("POST", f"/v1/admin/keys/{old}/rotate", key, json={"overlap_hours": 2})
        listed = {each["id"]: each for each in gateway.call("GET", "/v1/admin/keys", key).json()["data"]}
        ends = datetime.fromisoformat(listed[old]["expires_at"])
        assert before + timedelta(hours=2) <= ends <= datetime.now(UTC) + timedelta(hours=2)

    def test_never_lets_the_old_one_hold_for_longer(self, gateway: Gateway, key: str) -> None:
        soon = datetime.now(UTC) + timedelta(hours=1)
        old = make(gateway, key, expires_at=soon.isoformat())["about"]["id"]
        gateway.call("POST", f"/v1/admin/keys/{old}/rotate", key, json={"overlap_hours": 24})
        listed = {each["id"]: each for each in gateway.call("GET", "/v1/admin/keys", key).json()["data"]}
        assert datetime.fromisoformat(listed[old]["expires_at"]) == soon

    def test_with_no_overlap_ends_it_at_once(self, gateway: Gateway, key: str) -> None:
        old = make(gateway, key)
        gateway.call("POST", f"/v1/admin/keys/{old['about']['id']}/rotate", key, json={"overlap_hours": 0})
        assert gateway.call("GET", "/v1/tenant", old["key"]).status_code == 401

    def test_is_for_keys_that_hold(self, gateway: Gateway, key: str) -> None:
        old = make(gateway, key)["about"]["id"]
        path = f"/v1/admin/keys/{old}/rotate"
        assert gateway.call("POST", path, key).status_code == 201
        assert gateway.call("POST", path, key).status_code == 409
        revoked = make(gateway, key)["about"]["id"]
        gateway.call("DELETE", f"/v1/admin/keys/{revoked}", key)
        assert gateway.call("POST", f"/v1/admin/keys/{revoked}/rotate", key).status_code == 409


class TestRevocation:
    def test_refuses_the_key(self, gateway: Gateway, key: str) -> None:
        made = make(gateway, key)
        assert gateway.call("GET", "/v1/tenant", made["key"]).status_code == 200
        assert gateway.call("DELETE", f"/v1/admin/keys/{made['about']['id']}", key).json()["revoked"] is True
        assert gateway.call("GET", "/v1/tenant", made["key"]).status_code == 401
        assert gateway.audited("acme")[-1] == "key.revoked"

    def test_leaves_another_tenants_keys_alone(self, gateway: Gateway, key: str) -> None:
        theirs = make(gateway, gateway.key("other"))
        for method, path in (("DELETE", ""), ("POST", "/rotate")):
            assert gateway.call(method, f"/v1/admin/keys/{theirs['about']['id']}{path}", key).status_code == 404
            assert gateway.call(method, f"/v1/admin/keys/{theirs['key']}{path}", key).status_code == 404
        assert gateway.call("GET", "/v1/tenant", theirs["key"]).status_code == 200
