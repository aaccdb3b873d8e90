"""Signing in with a password, and what an account may do for itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.serve.gateway import PASSWORD, Gateway, running_gateway
from vernacular.access import passwords, users
from vernacular.db.models import AuditEntryRow
from vernacular.settings import AccessSettings
from vernacular.tenancy import Platform, TenantScope


class TestLogin:
    def test_gives_a_token_that_opens_what_the_role_and_groups_do(self, gateway: Gateway) -> None:
        user_id = gateway.user("acme", "Maria", role="editor", groups=["staff"])
        session = gateway.log_in("acme", "  MARIA ").json()
        me = gateway.call("GET", "/v1/me", session["token"]).json()
        assert me == session["me"]
        assert me == {
            "id": user_id,
            "kind": "user",
            "name": "maria",
            "tenant": "acme",
            "role": "editor",
            "groups": ["staff"],
            "scopes": None,
            "must_change": False,
        }
        assert gateway.call("GET", "/v1/tenant", session["token"]).json()["name"] == "acme"
        assert gateway.call("GET", "/v1/jobs", session["token"]).status_code == 200
        assert gateway.audited("acme") == ["login.succeeded"]

    def test_answers_alike_whatever_is_wrong(self, gateway: Gateway) -> None:
        gateway.user("acme", "maria")
        gateway.user("acme", "gone", expires_at=datetime.now(UTC) - timedelta(days=1))
        suspend(gateway, "gone")
        answers = [
            gateway.log_in("acme", "maria", "another lamp beside rivers"),
            gateway.log_in("acme", "gone"),
            gateway.log_in("acme", "nobody"),
            gateway.log_in("other", "maria"),
            gateway.log_in("nowhere", "maria"),
        ]
        bodies = [{**answer.json()["error"], "request_id": ""} for answer in answers]
        assert [answer.status_code for answer in answers] == [401] * 5
        assert bodies == [bodies[0]] * 5
        assert bodies[0]["name"] == "wrong_password"

    def test_hashes_once_whatever_is_wrong(self, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        gateway.user("acme", "maria")
        hashed: list[bool] = []
        verify = passwords.verify

        def counted(password_hash: str | None, password: str) -> bool:
            hashed.append(password_hash is not None)
            return verify(password_hash, password)

        monkeypatch.setattr(passwords, "verify", counted)
        for slug, name in (("acme", "maria"), ("acme", "nobody"), ("nowhere", "maria")):
            gateway.log_in(slug, name, "not the one")
        assert hashed == [True, False, False]

    def test_is_refused_in_a_suspended_tenant(self, gateway: Gateway) -> None:
        gateway.user("acme", "maria")
        token = gateway.sign_in("acme", "maria")
        with gateway.services.database.write() as session:
            Platform(session).tenant_row("acme").suspended_at = datetime.now(UTC)
        assert gateway.log_in("acme", "maria").status_code == 401
        assert gateway.call("GET", "/v1/me", token).status_code == 401

    def test_tells_the_audit_log_whose_it_was_and_not_what_was_typed(self, gateway: Gateway) -> None:
        gateway.user("acme", "maria")
        gateway.log_in("acme", "maria", "hunting for rabbits")
        gateway.log_in("acme", "rabbitperson", "hunting for rabbits")
        assert gateway.audited("acme") == ["login.refused", "login.refused"]
        with gateway.services.database.read() as session:
            scope = TenantScope(session, gateway.tenants["acme"])
            known, unknown = scope.execute(scope.select(AuditEntryRow).order_by(AuditEntryRow.seq)).scalars()
        assert known.subject
        assert not unknown.subject
        assert "rabbit" not in known.body + unknown.body

    def test_makes_an_old_hash_anew(self, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        gateway.user("acme", "maria")
        monkeypatch.setattr(passwords, "is_outdated", lambda _hash: True)
        before = account(gateway, "maria")
        assert gateway.log_in("acme", "maria").status_code == 200
        assert account(gateway, "maria") != before
        assert gateway.log_in("acme", "maria").status_code == 200

    @pytest.mark.parametrize("body", [{}, {"tenant": "acme", "username": "maria"}, {"username": 1}])
    def test_asks_for_all_three_and_repeats_no_password(self, gateway: Gateway, body: dict[str, object]) -> None:
        response = gateway.call("POST", "/v1/login", json={**body, "password": ["sekret"]})
        assert response.status_code == 400
        assert "sekret" not in response.text


class TestLockout:
    def test_locks_a_name_after_some_wrong_passwords_in_a_row(self, gateway: Gateway) -> None:
        gateway.user("acme", "maria")
        for _ in range(5):
            assert gateway.log_in("acme", "maria", "wrong one").json()["error"]["name"] == "wrong_password"
        assert gateway.log_in("acme", "maria").json()["error"]["name"] == "account_locked"
        assert gateway.audited("acme")[-1] == "login.refused"

    def test_does_not_tell_names_that_are_there_from_others(self, gateway: Gateway) -> None:
        gateway.user("acme", "maria")
        seen = {
            (slug, name): [gateway.log_in(slug, name, "wrong one").json()["error"]["name"] for _ in range(7)]
            for slug, name in (("acme", "maria"), ("acme", "nobody"), ("nowhere", "maria"))
        }
        assert len({tuple(names) for names in seen.values()}) == 1

    def test_begins_anew_after_a_right_one(self, gateway: Gateway) -> None:
        gateway.user("acme", "maria")
        for _ in range(2):
            for _ in range(4):
                gateway.log_in("acme", "maria", "wrong one")
            assert gateway.log_in("acme", "maria").status_code == 200

    def test_ends(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with running_gateway(tmp_path / "home", access=AccessSettings(lock_after=1, lock_s=60.0)) as gateway:
            gateway.tenant("acme")
            gateway.user("acme", "maria")
            gateway.log_in("acme", "maria", "wrong one")
            assert gateway.log_in("acme", "maria").json()["error"]["name"] == "account_locked"
            monkeypatch.setattr("vernacular.access.lockout.now", lambda: datetime.now(UTC) + timedelta(seconds=61))
            assert gateway.log_in("acme", "maria").status_code == 200

    def test_makes_an_address_wait_that_tries_many_names(self, tmp_path: Path) -> None:
        with running_gateway(tmp_path / "home", access=AccessSettings(address_failures=3)) as gateway:
            gateway.tenant("acme")
            gateway.user("acme", "maria")
            for number in range(3):
                assert gateway.log_in("acme", f"name{number}", "wrong one").status_code == 401
            refused = gateway.log_in("acme", "maria")
            assert refused.status_code == 429
            assert 0 < int(refused.headers["retry-after"]) <= 600

    def test_does_not_lock_another_tenants_account_of_that_name(self, gateway: Gateway) -> None:
        gateway.user("acme", "maria")
        gateway.user("other", "maria")
        for _ in range(6):
            gateway.log_in("acme", "maria", "wrong one")
        assert gateway.log_in("other", "maria").status_code == 200


class TestFirstPassword:
    def test_opens_nothing_but_the_account_itself(self, gateway: Gateway) -> None:
        gateway.user("acme", "maria", role="admin", must_change=True)
        session = gateway.log_in("acme", "maria").json()
        assert session["me"]["must_change"] is True
        assert gateway.call("GET", "/v1/me", session["token"]).status_code == 200
        for method, path in (("GET", "/v1/tenant"), ("GET", "/v1/documents"), ("GET", "/v1/admin/models")):
            refused = gateway.call(method, path, session["token"])
            assert (refused.status_code, refused.json()["error"]["name"]) == (403, "password_change_needed")

    def test_is_replaced_by_one_of_the_persons_own(self, gateway: Gateway) -> None:
        gateway.user("acme", "maria", must_change=True)
        first = gateway.log_in("acme", "maria").json()["token"]
        new = "three herons over a weir"
        changed = gateway.call("POST", "/v1/password", first, json={"current": PASSWORD, "new": new}).json()
        assert gateway.call("GET", "/v1/tenant", changed["token"]).status_code == 200
        assert gateway.call("GET", "/v1/me", first).status_code == 401
        assert gateway.log_in("acme", "maria").status_code == 401
        assert gateway.log_in("acme", "maria", new).status_code == 200
        assert gateway.audited("acme")[:2] == ["login.succeeded", "password.changed"]


class TestPassword:
    @pytest.mark.parametrize(
        "new", ["short", PASSWORD, "password12345", "maria maria maria", "acme-acme-2026", "qwertyuiop123456", "1" * 30]
    )
    def test_is_refused_if_it_is_easily_guessed(self, gateway: Gateway, new: str) -> None:
        gateway.user("acme", "maria")
        token = gateway.sign_in("acme", "maria")
        refused = gateway.call("POST", "/v1/password", token, json={"current": PASSWORD, "new": new})
        assert (refused.status_code, refused.json()["error"]["name"]) == (400, "password_refused")
        assert gateway.call("GET", "/v1/me", token).status_code == 200

    def test_may_be_refused_many_times_without_locking_the_account(self, gateway: Gateway) -> None:
        gateway.user("acme", "maria")
        token = gateway.sign_in("acme", "maria")
        for _ in range(7):
            refused = gateway.call("POST", "/v1/password", token, json={"current": PASSWORD, "new": "password12345"})
            assert refused.json()["error"]["name"] == "password_refused"
        assert gateway.log_in("ACME ", "maria").status_code == 200

    def test_is_not_changed_without_the_one_there_was(self, gateway: Gateway) -> None:
        gateway.user("acme", "maria")
        token = gateway.sign_in("acme", "maria")
        body = {"current": "wrong one", "new": "three herons over a weir"}
        names = [gateway.call("POST", "/v1/password", token, json=body).json()["error"]["name"] for _ in range(6)]
        assert names == ["wrong_password"] * 5 + ["account_locked"]

    def test_belongs_to_accounts_alone(self, gateway: Gateway, key: str) -> None:
        body = {"current": PASSWORD, "new": "three herons over a weir"}
        assert gateway.call("POST", "/v1/password", key, json=body).status_code == 400
        assert gateway.call("POST", "/v1/logout", key).status_code == 400


class TestLogout:
    def test_ends_that_sign_in_alone(self, gateway: Gateway) -> None:
        gateway.user("acme", "maria")
        one, other = gateway.sign_in("acme", "maria"), gateway.sign_in("acme", "maria")
        assert gateway.call("GET", "/v1/me", one).status_code == 200
        assert gateway.call("POST", "/v1/logout", one).json() == {"sessions": 1}
        assert gateway.call("GET", "/v1/me", one).status_code == 401
        assert gateway.call("GET", "/v1/me", other).status_code == 200

    def test_everywhere_ends_all(self, gateway: Gateway) -> None:
        gateway.user("acme", "maria")
        gateway.user("acme", "omar")
        one, other, his = (gateway.sign_in("acme", name) for name in ("maria", "maria", "omar"))
        assert gateway.call("POST", "/v1/logout", one, json={"everywhere": True}).json() == {"sessions": 2}
        assert [gateway.call("GET", "/v1/me", token).status_code for token in (one, other, his)] == [401, 401, 200]
        assert gateway.audited("acme") == ["session.ended"]


def account(gateway: Gateway, username: str) -> str | None:
    with gateway.services.database.read() as session:
        return users.find(TenantScope(session, gateway.tenants["acme"]), username).password_hash


def suspend(gateway: Gateway, username: str) -> None:
    with gateway.services.database.write() as session:
        scope = TenantScope(session, gateway.tenants["acme"])
        users.suspend(scope, users.find(scope, username))
