from __future__ import annotations

from typing import Any

import pytest

from tests.serve.gateway import Gateway
from vernacular.db.models import AuditEntryRow
from vernacular.tenancy import TenantScope

PATH = "/v1/admin/prompts"


def call(gateway: Gateway, method: str, path: str = "", role: str = "editor", **request: Any) -> Any:
    response = gateway.call(method, f"{PATH}{path}", gateway.key("acme", role), **request)
    assert response.status_code < 300, response.text
    return response.json()


def save(gateway: Gateway, text: str, name: str = "persona", **more: Any) -> Any:
    return call(gateway, "POST", f"/{name}", json={"text": text, **more})


def in_force(gateway: Gateway, name: str = "persona") -> Any:
    """What a request of this moment would be answered with."""
    return gateway.services.keys.authenticate(gateway.key("acme", "public")).tenant.profile.get(name)


class TestPrompts:
    def test_are_listed_though_nothing_was_written_yet(self, gateway: Gateway) -> None:
        found = {each["name"]: each for each in call(gateway, "GET")["data"]}
        assert list(found) == ["persona", "instructions"]
        assert all((each["active"], each["text"], each["versions"]) == (None, "", 0) for each in found.values())

    def test_begin_with_the_persona_that_was_there(self, gateway: Gateway) -> None:
        gateway.tenant("old", profile={"persona": "You are Rita."})
        found = gateway.call("GET", f"{PATH}/persona", gateway.key("old", "editor")).json()
        assert (found["active"], [each["text"] for each in found["versions"]]) == (1, ["You are Rita."])

    @pytest.mark.parametrize("path", [PATH, f"{PATH}/persona"])
    def test_are_for_editors(self, gateway: Gateway, path: str) -> None:
        assert gateway.call("GET", path, gateway.key("acme", "member")).status_code == 403

    def test_that_are_not_there_are_404(self, gateway: Gateway, key: str) -> None:
        for method, path, body in (("GET", "system", None), ("POST", "system", {"text": "x"})):
            assert gateway.call(method, f"{PATH}/{path}", key, json=body).status_code == 404
        answer = gateway.call("PUT", f"{PATH}/persona/active", key, json={"version": 3})
        assert answer.status_code == 404

    def test_are_each_tenants_own(self, gateway: Gateway) -> None:
        save(gateway, "You are Rita.")
        found = gateway.call("GET", f"{PATH}/persona", gateway.key("other")).json()
        assert found["versions"] == []


class TestSaving:
    def test_puts_a_version_in_force_at_once(self, gateway: Gateway) -> None:
        key = gateway.key("acme", "public")
        gateway.services.keys.authenticate(key)
        made = save(gateway, "  You are Rita.\r\nYou are brief. ", note="first")
        assert (made["version"], made["active"], made["text"]) == (1, True, "You are Rita.\nYou are brief.")
        assert gateway.services.keys.authenticate(key).tenant.profile["persona"] == made["text"]

    def test_can_leave_in_force_what_is(self, gateway: Gateway) -> None:
        save(gateway, "One.")
        save(gateway, "Two.", activate=False)
        found = call(gateway, "GET", "/persona")
        assert [(each["version"], each["active"]) for each in found["versions"]] == [(2, False), (1, True)]
        assert in_force(gateway) == "One."

    def test_names_the_author(self, gateway: Gateway) -> None:
        gateway.user("acme", "mei", role="editor", display_name="Mei")
        token = gateway.sign_in("acme", "mei")
        gateway.call("POST", f"{PATH}/persona", token, json={"text": "You are Rita."})
        assert call(gateway, "GET", "/persona")["versions"][0]["author"] == "Mei"

    @pytest.mark.parametrize(
        "body", [{"text": " \n"}, {"text": ""}, {}, {"text": "x" * 2001}, {"text": "ok", "version": 7}]
    )
    def test_refuses_what_is_no_text(self, gateway: Gateway, key: str, body: dict[str, Any]) -> None:
        assert gateway.call("POST", f"{PATH}/persona", key, json=body).status_code == 400
        assert call(gateway, "GET", "/persona")["versions"] == []

    def test_is_logged_by_its_digest(self, gateway: Gateway) -> None:
        save(gateway, "You are Rita, the secret one.")
        call(gateway, "PUT", "/persona/active", json={"version": None})
        assert gateway.audited("acme") == ["prompt.saved", "prompt.activated"]
        with gateway.services.database.read() as session:
            scope = TenantScope(session, gateway.tenants["acme"])
            bodies = [str(entry.body) for entry in scope.execute(scope.select(AuditEntryRow)).scalars()]
        assert "digest" in bodies[0]
        assert not any("secret one" in body for body in bodies)


class TestRollingBack:
    def test_puts_an_earlier_version_in_force_and_changes_none(self, gateway: Gateway) -> None:
        for text in ("One.", "Two."):
            save(gateway, text, name="instructions")
        found = call(gateway, "PUT", "/instructions/active", json={"version": 1})
        assert (found["active"], [each["text"] for each in found["versions"]]) == (1, ["Two.", "One."])
        assert in_force(gateway, "instructions") == "One."

    def test_can_leave_none(self, gateway: Gateway) -> None:
        save(gateway, "One.")
        assert call(gateway, "PUT", "/persona/active", json={"version": None})["active"] is None
        assert in_force(gateway) is None

    @pytest.mark.parametrize("body", [{}, {"version": 0}, {"version": "one"}])
    def test_takes_versions_alone(self, gateway: Gateway, key: str, body: dict[str, Any]) -> None:
        assert gateway.call("PUT", f"{PATH}/persona/active", key, json=body).status_code == 400


class TestErasure:
    def test_of_the_author_leaves_the_text_without_a_name(self, gateway: Gateway, key: str) -> None:
        person = gateway.user("acme", "mei", role="editor")
        gateway.call("POST", f"{PATH}/persona", gateway.sign_in("acme", "mei"), json={"text": "You are Rita."})
        assert gateway.call("DELETE", f"/v1/admin/subjects/{person}", key).status_code == 200
        [version] = call(gateway, "GET", "/persona")["versions"]
        assert (version["text"], version["author"]) == ("You are Rita.", "")
