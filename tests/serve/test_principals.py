"""What is remembered of callers, and for how long."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from serve import deps, principals
from serve.deps import Access, Need
from serve.middleware import RequestMiddleware
from serve.upkeep import tidy
from tests.serve.gateway import Gateway
from vernacular.access import groups, users
from vernacular.access.principal import Role
from vernacular.access.scopes import Scope
from vernacular.db.models import SessionRow
from vernacular.errors import Forbidden, TokenRefused, Unauthorized
from vernacular.tenancy import TenantScope


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """`now` is what `time.monotonic()` tells where principals are remembered."""
    told = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(principals, "time", SimpleNamespace(monotonic=lambda: told.now))
    return told


class TestRemembered:
    def test_lasts_for_half_of_what_the_settings_say(self, gateway: Gateway, key: str, clock: SimpleNamespace) -> None:
        credentials = gateway.services.keys
        found = credentials.authenticate(key)
        clock.now += credentials.recheck_s - 0.01
        assert credentials.remembered(key) is found
        clock.now += 0.01
        assert credentials.remembered(key) is None
        assert 2 * credentials.recheck_s == gateway.services.settings.access.recheck_s

    def test_counts_from_when_the_database_was_asked(
        self, gateway: Gateway, key: str, clock: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        credentials = gateway.services.keys
        identify = credentials._identify

        def slowly(credential: str) -> Any:
            found = identify(credential)
            clock.now += 60.0
            return found

        monkeypatch.setattr(credentials, "_identify", slowly)
        credentials.authenticate(key)
        assert credentials.remembered(key) is None

    def test_is_not_what_was_found_before_something_changed(
        self, gateway: Gateway, key: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        credentials = gateway.services.keys
        identify = credentials._identify

        def overtaken(credential: str) -> Any:
            found = identify(credential)
            credentials.forget()
            return found

        monkeypatch.setattr(credentials, "_identify", overtaken)
        credentials.authenticate(key)
        assert credentials.remembered(key) is None

    def test_are_no_wrong_credentials(self, gateway: Gateway) -> None:
        credentials = gateway.services.keys
        for wrong in ("", "vk_acme_wrong", "vs_wrong", "wt_wrong", "x" * 500, "vs_" + "x" * 500):
            with pytest.raises(Unauthorized):
                credentials.authenticate(wrong)
            assert credentials.remembered(wrong) is None

    def test_are_so_many_at_most(self, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(principals, "MAX_REMEMBERED", 2)
        credentials = gateway.services.keys
        keys = [gateway.key("acme") for _ in range(3)]
        for each in keys:
            credentials.authenticate(each)
        assert [credentials.remembered(each) is not None for each in keys] == [False, False, True]


class TestTokens:
    def test_are_refused_where_no_identity_provider_is_set(self, gateway: Gateway) -> None:
        with pytest.raises(TokenRefused):
            gateway.services.keys.authenticate("a.b.c")
        with pytest.raises(TokenRefused):
            principals.NoIdentityProvider().authenticate("a.b.c")


class TestRenew:
    def access(self, gateway: Gateway, credential: str) -> Access:
        gateway.services.keys.recheck_s = 0.0
        principal = gateway.services.keys.authenticate(credential)
        return Access(gateway.services, principal, credential, Need(Role.public, Scope.documents_read))

    def test_ends_what_is_read_once_the_key_is_revoked(self, gateway: Gateway) -> None:
        key, file = gateway.key("acme"), io.BytesIO(b"x" * 3 * deps.BLOCK_BYTES)
        blocks = self.access(gateway, key).blocks(file)
        assert len(next(blocks)) == deps.BLOCK_BYTES
        gateway.revoke("acme", key)
        with pytest.raises(Unauthorized):
            next(blocks)
        assert file.closed

    def test_reads_all_while_nothing_changes(self, gateway: Gateway, key: str) -> None:
        file = io.BytesIO(b"x" * 3 * deps.BLOCK_BYTES)
        assert sum(map(len, self.access(gateway, key).blocks(file))) == 3 * deps.BLOCK_BYTES

    def test_takes_more_rights_for_what_they_are(self, gateway: Gateway) -> None:
        user_id = gateway.user("acme", "maria", groups=["staff"])
        access = self.access(gateway, gateway.sign_in("acme", "maria"))
        with gateway.services.database.write() as session:
            scope = TenantScope(session, gateway.tenants["acme"])
            groups.set_groups_of(scope, user_id, ["staff", "press"])
            users.set_role(scope, users.find(scope, user_id), "editor")
        access.renew()

    def test_asks_for_the_scope_again(self, gateway: Gateway) -> None:
        access = self.access(gateway, gateway.key("acme", scopes=["search"]))
        with pytest.raises(Forbidden):
            access.renew()


class TestCutResponse:
    def test_is_left_open_and_no_error_of_the_gateways(self, caplog: pytest.LogCaptureFixture) -> None:
        sent: list[str] = []

        async def app(_scope: Any, _receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            raise RuntimeError("response already started") from Unauthorized("revoked")

        async def receive() -> Any:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message["type"])

        scope = {"type": "http", "method": "GET", "headers": [], "app": SimpleNamespace(state=SimpleNamespace())}
        asyncio.run(RequestMiddleware(app)(scope, receive, send))
        assert sent == ["http.response.start"]
        assert "unexpected" not in caplog.text


class TestUpkeep:
    def test_writes_what_was_used_and_removes_what_has_ended(
        self, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gateway.user("acme", "maria")
        gateway.sign_in("acme", "maria")
        gateway.log_in("acme", "nobody", "wrong one")
        tidy(gateway.services)
        assert self.sessions(gateway) == 1
        later = datetime.now(UTC) + timedelta(days=31)
        monkeypatch.setattr("serve.upkeep.now", lambda: later)
        tidy(gateway.services)
        assert self.sessions(gateway) == 0

    def sessions(self, gateway: Gateway) -> int:
        with gateway.services.database.read() as session:
            return TenantScope(session, gateway.tenants["acme"]).count(SessionRow)
