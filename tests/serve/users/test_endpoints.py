"""Accounts as administrators manage them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.serve.gateway import PASSWORD, Gateway
from vernacular.access import users


def make(gateway: Gateway, key: str, **form: Any) -> dict[str, Any]:
    response = gateway.call("POST", "/v1/admin/users", key, json={"username": "maria", **form})
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


class TestNewAccount:
    def test_has_a_random_password_that_must_be_replaced(self, gateway: Gateway, key: str) -> None:
        made = make(gateway, key, role="editor", groups=["staff", "press"], display_name="María")
        assert made["user"]["must_change"] is True
        assert made["user"]["groups"] == ["press", "staff"]
        first = gateway.log_in("acme", "maria", made["password"]).json()
        assert gateway.call("GET", "/v1/jobs", first["token"]).json()["error"]["name"] == "password_change_needed"
        body = {"current": made["password"], "new": PASSWORD}
        changed = gateway.call("POST", "/v1/password", first["token"], json=body).json()
        assert gateway.call("GET", "/v1/jobs", changed["token"]).status_code == 200
        assert made["password"] not in gateway.call("GET", "/v1/admin/users", key).text

    def test_has_none_where_an_identity_provider_signs_it_in(self, gateway: Gateway, key: str) -> None:
        made = make(gateway, key, local=False)
        assert made["password"] is None
        assert made["user"]["local"] is False
        assert gateway.log_in("acme", "maria", "").status_code == 400
        assert gateway.log_in("acme", "maria", "None").status_code == 401

    def test_has_a_name_of_its_own_within_the_tenant(self, gateway: Gateway, key: str) -> None:
        make(gateway, key)
        taken = gateway.call("POST", "/v1/admin/users", key, json={"username": "MARIA "})
        assert (taken.status_code, taken.json()["error"]["name"]) == (409, "conflict")
        make(gateway, gateway.key("other"))

    def test_is_made_once_by_two_at_the_same_moment(
        self, gateway: Gateway, key: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make(gateway, key)
        monkeypatch.setattr(users, "by_name", lambda _scope, _name: None)  # as it was when the other one looked
        late = gateway.call("POST", "/v1/admin/users", key, json={"username": "maria"})
        assert (late.status_code, late.json()["error"]["name"]) == (409, "conflict")

    @pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\u200bb", "x" * 201])
    def test_has_a_name_that_can_be_seen(self, gateway: Gateway, key: str, name: str) -> None:
        assert gateway.call("POST", "/v1/admin/users", key, json={"username": name}).status_code == 400

    def test_is_audited_without_its_name_in_clear(self, gateway: Gateway, key: str) -> None:
        make(gateway, key)
        assert gateway.audited("acme") == ["user.created"]


class TestList:
    def test_shows_pages_and_finds(self, gateway: Gateway, key: str) -> None:
        for name in ("bea", "ana", "carla"):
            make(gateway, key, username=name, email=f"{name}@example.org")
        gateway.user("other", "zoe")
        page = gateway.call("GET", "/v1/admin/users?limit=2", key).json()
        assert [user["username"] for user in page["data"]] == ["ana", "bea"]
        assert page["total"] == 3
        rest = gateway.call("GET", "/v1/admin/users?limit=2&offset=2", key).json()
        assert [user["username"] for user in rest["data"]] == ["carla"]
        found = gateway.call("GET", "/v1/admin/users?search=EA@EX", key).json()
        assert [user["username"] for user in found["data"]] == ["bea"]
        assert gateway.call("GET", "/v1/admin/users?search=%25", key).json()["total"] == 0

    def test_shows_nothing_of_another_tenant(self, gateway: Gateway, key: str) -> None:
        user_id = gateway.user("other", "zoe")
        for path in (f"/v1/admin/users/{user_id}", "/v1/admin/users/zoe"):
            for method in ("GET", "PATCH", "DELETE"):
                body = {"json": {"suspended": True}} if method == "PATCH" else {}
                assert gateway.call(method, path, key, **body).status_code == 404
            assert gateway.call("POST", f"{path}/password", key).status_code == 404


class TestChange:
    def test_of_role_and_groups_holds_for_who_is_signed_in(self, gateway: Gateway, key: str) -> None:
        gateway.user("acme", "maria")
        token = gateway.sign_in("acme", "maria")
        assert gateway.call("GET", "/v1/jobs", token).status_code == 403
        gateway.call("PATCH", "/v1/admin/users/maria", key, json={"role": "editor", "groups": ["staff"]})
        assert gateway.call("GET", "/v1/jobs", token).status_code == 200
        assert gateway.call("GET", "/v1/me", token).json()["groups"] == ["staff"]
        assert gateway.audited("acme") == ["user.changed"]

    def test_to_suspended_ends_sign_ins_for_good(self, gateway: Gateway, key: str) -> None:
        gateway.user("acme", "maria")
        token = gateway.sign_in("acme", "maria")
        assert gateway.call("PATCH", "/v1/admin/users/maria", key, json={"suspended": True}).json()["suspended"] is True
        assert gateway.call("GET", "/v1/me", token).status_code == 401
        assert gateway.log_in("acme", "maria").status_code == 401
        gateway.call("PATCH", "/v1/admin/users/maria", key, json={"suspended": False})
        assert gateway.call("GET", "/v1/me", token).status_code == 401
        assert gateway.log_in("acme", "maria").status_code == 200
        assert [name for name in gateway.audited("acme") if name.startswith("user.")] == [
            "user.suspended",
            "user.resumed",
        ]

    def test_to_expired_refuses_it(self, gateway: Gateway, key: str) -> None:
        gateway.user("acme", "maria")
        token = gateway.sign_in("acme", "maria")
        past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
        gateway.call("PATCH", "/v1/admin/users/maria", key, json={"expires_at": past})
        assert gateway.call("GET", "/v1/me", token).status_code == 401
        gateway.call("PATCH", "/v1/admin/users/maria", key, json={"expires_at": None})
        assert gateway.call("GET", "/v1/me", token).status_code == 200

    def test_unlocks_a_name(self, gateway: Gateway, key: str) -> None:
        gateway.user("acme", "maria")
        for _ in range(5):
            gateway.log_in("acme", "maria", "wrong one")
        assert gateway.call("GET", "/v1/admin/users/maria", key).json()["locked_until"] is not None
        found = gateway.call("PATCH", "/v1/admin/users/maria", key, json={"locked": False}).json()
        assert found["locked_until"] is None
        assert gateway.log_in("acme", "maria").status_code == 200

    def test_gives_another_random_password(self, gateway: Gateway, key: str) -> None:
        gateway.user("acme", "maria")
        token = gateway.sign_in("acme", "maria")
        given = gateway.call("POST", "/v1/admin/users/maria/password", key).json()
        assert gateway.call("GET", "/v1/me", token).status_code == 401
        assert gateway.log_in("acme", "maria").status_code == 401
        assert gateway.log_in("acme", "maria", given["password"]).json()["me"]["must_change"] is True

    def test_deletes_it_with_its_sign_ins(self, gateway: Gateway, key: str) -> None:
        gateway.user("acme", "maria", groups=["staff"])
        token = gateway.sign_in("acme", "maria")
        assert gateway.call("DELETE", "/v1/admin/users/maria", key).json()["deleted"] is True
        assert gateway.call("GET", "/v1/me", token).status_code == 401
        assert gateway.call("GET", "/v1/admin/users/maria", key).status_code == 404
        assert gateway.call("GET", "/v1/admin/groups/staff", key).json()["people"] == []

    def test_leaves_administrators_what_they_have_themselves(self, gateway: Gateway) -> None:
        gateway.user("acme", "root", role="admin")
        token = gateway.sign_in("acme", "root")
        for change in ({"suspended": True}, {"role": "member"}):
            refused = gateway.call("PATCH", "/v1/admin/users/root", token, json=change)
            assert refused.status_code == 409
        assert gateway.call("DELETE", "/v1/admin/users/root", token).status_code == 409
        assert gateway.call("PATCH", "/v1/admin/users/root", token, json={"display_name": "R"}).status_code == 200


class TestLimitedCredentials:
    def test_neither_make_administrators_nor_touch_them(self, gateway: Gateway) -> None:
        gateway.user("acme", "root", role="admin")
        limited = gateway.key("acme", "admin", scopes=["access"])
        made = gateway.call("POST", "/v1/admin/users", limited, json={"username": "eve", "role": "admin"})
        assert made.status_code == 403
        assert (
            gateway.call("POST", "/v1/admin/users", limited, json={"username": "ed", "role": "editor"}).status_code
            == 201
        )
        for method, path, body in (
            ("PATCH", "/v1/admin/users/ed", {"role": "admin"}),
            ("PATCH", "/v1/admin/users/root", {"suspended": True}),
            ("POST", "/v1/admin/users/root/password", None),
            ("DELETE", "/v1/admin/users/root", None),
        ):
            assert gateway.call(method, path, limited, json=body).status_code == 403
