"""A widget's session holds in one frame on one site, for a while."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.serve.gateway import Gateway, running_gateway
from tests.serve.widget.conftest import OWN, SITE, Embedded, body_of, embed
from vernacular.access import widget_sessions
from vernacular.access.keys import KeyRing
from vernacular.access.widget_sessions import LIFE_S, WidgetSessions
from vernacular.db.models import ApiKeyRow
from vernacular.settings import AccessSettings
from vernacular.tenancy import Platform, TenantScope

NAME = "a" * 64
ELSEWHERE = [None, "", "null", "https://evil.example", f"{SITE}.evil.example", "http://www.example.org", OWN]


class TestBeginning:
    def test_gives_a_token_to_the_widgets_own_site(self, embedded: Embedded) -> None:
        begun = embedded.begin(NAME)
        assert begun.status_code == 201
        assert begun.json()["expires_in"] == LIFE_S == 900
        assert begun.headers["access-control-allow-origin"] == SITE
        assert begun.headers["cache-control"] == "no-store"
        assert "set-cookie" not in begun.headers

    def test_gives_none_to_another_site(self, embedded: Embedded) -> None:
        for origin in ELSEWHERE:
            refused = embedded.begin(NAME, origin)
            assert (refused.status_code, refused.json()["error"]["name"]) == (403, "forbidden"), origin
            assert "access-control-allow-origin" not in refused.headers, origin

    def test_gives_none_to_the_site_of_another_widget(self, gateway: Gateway, key: str, embedded: Embedded) -> None:
        embed(gateway, key, origins=["https://other.example"])
        assert embedded.begin(NAME, "https://other.example").status_code == 403

    def test_knows_widgets_by_their_id_alone(self, embedded: Embedded) -> None:
        for widget in ("nothing", "wt_acme_x", "' OR 1=1 --"):
            assert embedded.begin(NAME, widget=widget).status_code == 404, widget

    def test_takes_no_key_for_a_widget(self, gateway: Gateway, key: str, embedded: Embedded) -> None:
        row = gateway.call("GET", "/v1/admin/keys", key).json()["data"][0]["id"]
        assert embedded.begin(NAME, widget=row).status_code == 404

    def test_counts_as_a_request_of_the_visitor(self, gateway: Gateway, key: str, embedded: Embedded) -> None:
        limits = gateway.call("PUT", "/v1/admin/quotas", key, json={"visitor": {"requests_per_minute": 2}})
        assert limits.status_code == 200, limits.text
        gateway.services.keys.forget()
        assert [embedded.begin(NAME).status_code for _ in range(3)] == [201, 201, 429]


class TestUse:
    def test_asks_reads_its_conversation_and_rates_the_answer(self, gateway: Gateway, embedded: Embedded) -> None:
        token, here = embedded.session()
        body = {"messages": [{"role": "user", "content": "x"}]}
        answer = gateway.call("POST", "/v1/chat/completions", token, json=body, headers=here)
        assert answer.status_code == 200
        about = answer.json()["vernacular"]
        path = f"/v1/conversations/{about['conversation_id']}"
        assert gateway.call("GET", path, token, headers=here).status_code == 200
        rating = {name: about[name] for name in ("conversation_id", "message_id")} | {"rating": 1}
        assert gateway.call("POST", "/v1/feedback", token, json=rating, headers=here).status_code == 200
        assert gateway.call("GET", "/v1/tenant", token, headers=here).json()["role"] == "public"

    def test_reads_without_an_origin_as_browsers_do_at_home(self, embedded: Embedded) -> None:
        token, here = embedded.session()
        headers = {"X-Vernacular-Frame": here["X-Vernacular-Frame"]}
        assert embedded.tenant(token, headers) == 200
        assert embedded.tenant(token, {**headers, "Sec-Fetch-Site": "same-origin"}) == 200

    def test_reads_nothing_for_a_page_from_elsewhere_that_names_no_origin(self, embedded: Embedded) -> None:
        token, here = embedded.session()
        for site in ("cross-site", "same-site", "none"):
            headers = {"X-Vernacular-Frame": here["X-Vernacular-Frame"], "Sec-Fetch-Site": site}
            assert embedded.tenant(token, headers) == 403, site

    def test_is_worth_nothing_on_any_page_but_the_frame(self, embedded: Embedded) -> None:
        token, here = embedded.session()
        for origin in (
            SITE,
            "null",
            "https://evil.example",
            "http://testserver.evil.example",
            "testserver",
            "ftp://testserver",
        ):
            assert embedded.tenant(token, {**here, "Origin": origin}) == 403, origin

    def test_is_worth_nothing_without_the_frames_secret(self, embedded: Embedded) -> None:
        token, _here = embedded.session()
        for secret in ("", "x" * 32, NAME):
            assert embedded.tenant(token, {"Origin": OWN, "X-Vernacular-Frame": secret}) == 403, secret
        assert embedded.tenant(token, {"Origin": OWN}) == 403

    def test_is_worth_nothing_for_what_is_no_origin(self, embedded: Embedded) -> None:
        token, headers = embedded.session()
        for origin in ("http://[", "null", "://", ""):
            assert embedded.tenant(token, {**headers, "Origin": origin}) == 403, origin

    def test_is_worth_nothing_in_another_frame(self, gateway: Gateway, key: str, embedded: Embedded) -> None:
        """Another of the same widget, one of another tenant's widget on the same gateway: each has its own secret."""
        gateway_key = gateway.key("other")
        neighbour = embed(gateway, gateway_key, origins=["https://other.example"])
        second = embed(gateway, key, origins=[SITE, "https://second.example"])
        token, _here = embedded.session()
        frames = [
            embedded.frame(),
            neighbour.frame("https://other.example"),
            second.frame(),
            second.frame("https://second.example"),
        ]
        for frame in frames:
            secret = body_of(frame.text)["data-secret"]
            assert embedded.tenant(token, {"Origin": OWN, "X-Vernacular-Frame": secret}) == 403

    def test_lets_nobody_in_with_the_name_of_the_frame(self, embedded: Embedded) -> None:
        told = body_of(embedded.frame().text)
        token = embedded.begin(told["data-frame"]).json()["token"]
        assert embedded.tenant(token, {"Origin": OWN, "X-Vernacular-Frame": told["data-frame"]}) == 403

    def test_opens_no_more_than_the_widgets_own_token(self, gateway: Gateway, embedded: Embedded) -> None:
        token, here = embedded.session()
        for method, path in (("GET", "/v1/conversations"), ("POST", "/v1/search"), ("GET", "/v1/me")):
            assert gateway.call(method, path, token, headers=here, json={"query": "x"}).status_code == 403, path

    def test_speaks_with_the_widgets_assistant_alone(
        self, gateway: Gateway, key: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("serve.models.service.assistants", lambda: ["default", "press"])
        press = embed(gateway, key, assistant="press")
        assert body_of(press.frame().text)["data-assistant"] == "press"
        token, here = press.session()
        refused = gateway.call(
            "POST", "/v1/chat/completions", token, json={"messages": [{"role": "user", "content": "x"}]}, headers=here
        )
        assert refused.status_code == 403

    def test_holds_where_browsers_know_the_gateway_by_another_name(self, home: Path) -> None:
        with running_gateway(home, public_url="https://chat.example.org/api/") as gateway:
            gateway.tenant("acme")
            embedded = embed(gateway, gateway.key("acme"))
            token, here = embedded.session()
            assert embedded.tenant(token, {**here, "Origin": "https://chat.example.org"}) == 200
            assert embedded.tenant(token, {**here, "Origin": "http://chat.example.org"}) == 403


def revoke(scope: TenantScope) -> None:
    scope.execute(scope.update(ApiKeyRow).values(revoked_at=datetime.now(UTC)))


def expire(scope: TenantScope) -> None:
    scope.execute(scope.update(ApiKeyRow).values(expires_at=datetime.now(UTC)))


def move(scope: TenantScope) -> None:
    scope.execute(scope.update(ApiKeyRow).values(origins=["https://new.example"]))


def suspend(scope: TenantScope) -> None:
    Platform(scope.session).tenant_row(scope.tenant.slug).suspended_at = datetime.now(UTC)


class TestEnd:
    def test_comes_after_a_quarter_of_an_hour(self, embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(widget_sessions, "LIFE_S", 0)
        token, here = embedded.session()
        assert embedded.tenant(token, here) == 401

    def test_is_put_off_by_another_token_for_the_same_frame(self, embedded: Embedded) -> None:
        told = body_of(embedded.frame().text)
        here = {"Origin": OWN, "X-Vernacular-Frame": told["data-secret"]}
        tokens = [embedded.begin(told["data-frame"]).json()["token"] for _ in range(2)]
        assert [embedded.tenant(token, here) for token in tokens] == [200, 200]

    @pytest.mark.parametrize("change", [revoke, expire, move, suspend])
    def test_comes_with_that_of_the_widget(self, home: Path, change: Callable[[TenantScope], None]) -> None:
        """Within the time that the settings say, though nobody tells the gateway."""
        with running_gateway(home, access=AccessSettings(recheck_s=0.2)) as gateway:
            gateway.tenant("acme")
            embedded = embed(gateway, gateway.key("acme"))
            token, here = embedded.session()
            assert embedded.tenant(token, here) == 200
            with gateway.services.database.write() as session:
                change(TenantScope(session, gateway.tenants["acme"]))
            time.sleep(0.2)
            assert embedded.tenant(token, here) == 401
            assert embedded.begin(NAME).status_code in {403, 404}
            assert embedded.frame().status_code in {403, 404}

    def test_comes_at_once_where_the_widget_is_revoked(self, gateway: Gateway, key: str, embedded: Embedded) -> None:
        token, here = embedded.session()
        gateway.call("DELETE", f"/v1/admin/widgets/{embedded.id}", key)
        assert embedded.tenant(token, here) == 401
        assert embedded.begin(NAME).status_code == 404

    def test_of_one_site_comes_when_the_widget_leaves_it(self, gateway: Gateway, key: str, embedded: Embedded) -> None:
        token, here = embedded.session()
        path = f"/v1/admin/widgets/{embedded.id}"
        gateway.call("PATCH", path, key, json={"origins": ["https://new.example"]})
        assert embedded.tenant(token, here) == 401


def forged(token: str, position: int, value: Any) -> str:
    """The token with another word in it, and the signature that it had."""
    packed, signature = token.removeprefix("ws_").split(".")
    said = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    said[position] = value
    again = base64.urlsafe_b64encode(json.dumps(said, separators=(",", ":")).encode()).rstrip(b"=").decode()
    return f"ws_{again}.{signature}"


class TestForgery:
    def test_of_what_a_token_says_is_seen(self, embedded: Embedded) -> None:
        token, here = embedded.session()
        for position, value in enumerate(("another", "https://evil.example", NAME, 99_999_999_999)):
            assert embedded.tenant(forged(token, position, value), here) == 401, position

    def test_of_its_form_is_seen(self, embedded: Embedded) -> None:
        token, here = embedded.session()
        spoilt = [token[:-1], f"{token}x", token.replace(".", "=."), token.replace("ws_", "ws_ws_"), f"{token}.x.y"]
        spoilt += [token.partition(".")[0], "ws_", "ws_.", "ws_W10.x", "ws_" + "A" * 5000]
        for each in spoilt:
            assert embedded.tenant(each, here) == 401, each

    def test_by_another_installation_is_seen(self, embedded: Embedded, tmp_path: Path) -> None:
        sessions = WidgetSessions(KeyRing(tmp_path / "elsewhere"))
        widget = embedded.gateway.services.keys.widget(embedded.id)
        key = sessions.frame_key(embedded.id, SITE)
        token = sessions.begin(widget, SITE, key.name)
        assert embedded.tenant(token, {"Origin": OWN, "X-Vernacular-Frame": key.secret}) == 401
