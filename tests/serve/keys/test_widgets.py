"""The token of a widget: it holds on its pages alone, and opens no more than such a page needs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.serve.gateway import Gateway

PAGE = "https://www.example.org"
HERE = {"Origin": PAGE}
ELSEWHERE = [None, "", "null", "https://evil.example", f"{PAGE}.evil.example", "http://www.example.org", f"{PAGE}:8443"]


@pytest.fixture
def token(gateway: Gateway, key: str) -> str:
    return str(make(gateway, key)["token"])


def make(gateway: Gateway, key: str, **form: Any) -> Any:
    response = gateway.call("POST", "/v1/admin/widgets", key, json={"origins": [PAGE], **form})
    assert response.status_code == 201, response.text
    return response.json()


def ask(gateway: Gateway, token: str, **headers: str) -> Any:
    body = {"model": "default", "messages": [{"role": "user", "content": "x"}]}
    return gateway.call("POST", "/v1/chat/completions", token, json=body, headers=headers)


class TestToken:
    def test_asks_and_reads_its_own_conversation(self, gateway: Gateway, token: str) -> None:
        answer = ask(gateway, token, **HERE)
        assert answer.status_code == 200
        conversation = answer.json()["vernacular"]["conversation_id"]
        path = f"/v1/conversations/{conversation}"
        assert gateway.call("GET", path, token, headers=HERE).status_code == 200
        assert gateway.call("GET", "/v1/tenant", token, headers=HERE).json()["role"] == "public"

    def test_reads_no_other_widgets_conversation(self, gateway: Gateway, key: str, token: str) -> None:
        conversation = ask(gateway, token, **HERE).json()["vernacular"]["conversation_id"]
        other = make(gateway, key)["token"]
        assert gateway.call("GET", f"/v1/conversations/{conversation}", other, headers=HERE).status_code == 404

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/v1/conversations"),
            ("POST", "/v1/search"),
            ("GET", "/v1/documents"),
            ("GET", "/v1/documents/x/content"),
            ("POST", "/v1/documents"),
            ("GET", "/v1/jobs/x/events"),
            ("GET", "/v1/me"),
            ("POST", "/v1/logout"),
            ("POST", "/v1/password"),
            ("GET", "/v1/admin/users"),
            ("GET", "/v1/admin/keys"),
            ("GET", "/v1/admin/tenants"),
        ],
    )
    def test_opens_nothing_else(self, gateway: Gateway, token: str, method: str, path: str) -> None:
        body = {"query": "x", "current": "x", "new": "x"}
        assert gateway.call(method, path, token, headers=HERE, json=body).status_code in {400, 403}
        assert gateway.call(method, path, token, headers=HERE).status_code == 403

    @pytest.mark.parametrize("origin", ELSEWHERE)
    def test_is_worth_nothing_on_other_pages(self, gateway: Gateway, token: str, origin: str | None) -> None:
        headers = {} if origin is None else {"Origin": origin}
        for method, path in (("GET", "/v1/tenant"), ("POST", "/v1/chat/completions"), ("GET", "/v1/conversations/x")):
            body = {"messages": [{"role": "user", "content": "x"}]}
            refused = gateway.call(method, path, token, headers=headers, json=body)
            assert refused.status_code == 403
            assert "access-control-allow-origin" not in refused.headers

    def test_speaks_with_its_assistant_alone(self, gateway: Gateway, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("serve.models.service.assistants", lambda: ["default", "press"])
        press = make(gateway, key, assistant="press")["token"]
        refused = ask(gateway, press, **HERE)
        assert (refused.status_code, refused.json()["error"]["name"]) == (403, "forbidden")

    def test_is_refused_once_it_is_revoked(self, gateway: Gateway, key: str) -> None:
        made = make(gateway, key)
        assert ask(gateway, made["token"], **HERE).status_code == 200
        gateway.call("DELETE", f"/v1/admin/widgets/{made['about']['id']}", key)
        assert ask(gateway, made["token"], **HERE).status_code == 401

    def test_moves_with_its_pages(self, gateway: Gateway, key: str) -> None:
        made = make(gateway, key)
        path = f"/v1/admin/widgets/{made['about']['id']}"
        gateway.call("PATCH", path, key, json={"origins": ["https://new.example.org"]})
        assert ask(gateway, made["token"], **HERE).status_code == 403
        assert ask(gateway, made["token"], Origin="https://new.example.org").status_code == 200
        rotated = gateway.call("POST", f"{path}/rotate", key).json()
        assert ask(gateway, rotated["token"], Origin="https://new.example.org").status_code == 200

    def test_is_no_key_of_the_list_of_keys(self, gateway: Gateway, key: str) -> None:
        widget = make(gateway, key)["about"]["id"]
        assert widget not in gateway.call("GET", "/v1/admin/keys", key).text
        assert gateway.call("DELETE", f"/v1/admin/keys/{widget}", key).status_code == 404
        listed = gateway.call("GET", "/v1/admin/widgets", key).json()["data"]
        assert [each["id"] for each in listed] == [widget]
        assert gateway.audited("acme") == ["widget.created"]


class TestOrigins:
    @pytest.mark.parametrize(
        "origin",
        [
            "",
            "example.org",
            "*",
            "https://*.example.org",
            "null",
            "ftp://x.org",
            f"{PAGE}/a",
            f"{PAGE}?a",
            "https://a@b.c",
        ],
    )
    def test_must_be_origins(self, gateway: Gateway, key: str, origin: str) -> None:
        response = gateway.call("POST", "/v1/admin/widgets", key, json={"origins": [origin]})
        assert response.status_code == 400

    def test_are_kept_as_browsers_send_them(self, gateway: Gateway, key: str) -> None:
        given = ["HTTPS://WWW.Example.org:443/", "http://localhost:3000", "https://bücher.example"]
        made = make(gateway, key, origins=given)
        assert made["about"]["origins"] == [PAGE, "http://localhost:3000", "https://xn--bcher-kva.example"]


class TestCors:
    def preflight(self, gateway: Gateway, path: str, origin: str = PAGE, method: str = "POST") -> Any:
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization, content-type",
        }
        return gateway.call("OPTIONS", path, headers=headers)

    def test_lets_browsers_ask_from_a_widgets_page(self, gateway: Gateway, token: str) -> None:
        allowed = self.preflight(gateway, "/v1/chat/completions")
        assert allowed.status_code == 204
        assert allowed.headers["access-control-allow-origin"] == PAGE
        assert "POST" in allowed.headers["access-control-allow-methods"]
        assert "authorization" in allowed.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in allowed.headers
        assert allowed.headers["vary"] == "Origin"
        for path in ("/v1/tenant", "/v1/conversations/x"):
            assert self.preflight(gateway, path, method="GET").status_code == 204
        answer = ask(gateway, token, **HERE)
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert answer.headers["vary"] == "Origin"

    def test_tells_the_page_why_it_is_refused(self, gateway: Gateway, token: str) -> None:
        refused = ask(gateway, "wt_acme_wrong", **HERE)
        assert refused.status_code == 401
        assert refused.headers["access-control-allow-origin"] == PAGE

    @pytest.mark.parametrize("origin", [origin for origin in ELSEWHERE if origin])
    def test_lets_no_other_page_ask(self, gateway: Gateway, token: str, origin: str) -> None:
        refused = self.preflight(gateway, "/v1/chat/completions", origin)
        assert "access-control-allow-origin" not in refused.headers
        assert refused.status_code == 405

    @pytest.mark.parametrize(
        "path",
        [
            "/v1/search",
            "/v1/documents",
            "/v1/conversations",
            "/v1/me",
            "/v1/login",
            "/v1/admin/users",
            "/healthz",
            "/x",
        ],
    )
    def test_opens_no_other_route(self, gateway: Gateway, key: str, token: str, path: str) -> None:
        assert "access-control-allow-origin" not in self.preflight(gateway, path).headers
        assert "access-control-allow-origin" not in gateway.call("GET", path, key, headers=HERE).headers

    def test_ends_with_the_widget(self, gateway: Gateway, key: str) -> None:
        made = make(gateway, key)
        assert self.preflight(gateway, "/v1/chat/completions").status_code == 204
        gateway.call("DELETE", f"/v1/admin/widgets/{made['about']['id']}", key)
        assert self.preflight(gateway, "/v1/chat/completions").status_code == 405
