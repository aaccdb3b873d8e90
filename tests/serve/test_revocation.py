"""Rights that are taken away are gone within the time that the settings say, in what is under way too.

Nothing here tells the gateway: the change is made in the database, as by another gateway or the command line.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

from serve.app import create_app
from tests.serve.engine.driving import settings_for
from tests.serve.engine.fake_model_server import FakeModelServer, Script, fake_model_server
from tests.serve.gateway import Gateway, memory_services
from vernacular.access import groups, users
from vernacular.cli.server import QuietServer
from vernacular.db.models import ApiKeyRow, JobRow, MessageRow
from vernacular.listening import address_of, bound_socket
from vernacular.settings import AccessSettings, Settings
from vernacular.tenancy import Platform, TenantScope

FEE: Final = "The parking permit costs 450 dollars a month."
ENDLESS: Final = [
    word for _ in range(20_000) for word in ("The parking permit costs 450 dollars", " a month [1].", " ")
]
PAGE: Final = "https://www.example.org"
FRAME: Final = "the secret of the widget's frame"
QUESTION: Final = {"model": "default", "messages": [{"role": "user", "content": "What is the parking permit's cost?"}]}
Change = Callable[[TenantScope], None]


def revoke_keys(scope: TenantScope) -> None:
    scope.execute(scope.update(ApiKeyRow).values(revoked_at=datetime.now(UTC)))


def expire_keys(scope: TenantScope) -> None:
    scope.execute(scope.update(ApiKeyRow).values(expires_at=datetime.now(UTC)))


def narrow_keys(scope: TenantScope) -> None:
    scope.execute(scope.update(ApiKeyRow).values(scopes=["search"]))


def demote_keys(scope: TenantScope) -> None:
    scope.execute(scope.update(ApiKeyRow).values(role="public"))


def move_widget(scope: TenantScope) -> None:
    scope.execute(scope.update(ApiKeyRow).values(origins=["https://another.example"]))


def suspend_tenant(scope: TenantScope) -> None:
    Platform(scope.session).tenant_row(scope.tenant.slug).suspended_at = datetime.now(UTC)


def suspend_user(scope: TenantScope) -> None:
    users.suspend(scope, users.find(scope, "maria"))


def expire_user(scope: TenantScope) -> None:
    users.find(scope, "maria").expires_at = datetime.now(UTC)


def delete_user(scope: TenantScope) -> None:
    users.delete(scope, users.find(scope, "maria"))


def demote_user(scope: TenantScope) -> None:
    users.set_role(scope, users.find(scope, "maria"), "public")


def sign_out(scope: TenantScope) -> None:
    users.end_sessions(scope, users.find(scope, "maria").id)


def give_password(scope: TenantScope) -> None:
    users.set_password(scope, users.find(scope, "maria"), "another hash", must_change=True)


def leave_group(scope: TenantScope) -> None:
    groups.remove_member(scope, groups.find(scope, "staff"), users.find(scope, "maria").id)


KEY_CHANGES: Final[list[Change]] = [revoke_keys, expire_keys, narrow_keys, demote_keys, suspend_tenant]
USER_CHANGES: Final[list[Change]] = [
    suspend_user,
    expire_user,
    delete_user,
    demote_user,
    sign_out,
    give_password,
    leave_group,
    suspend_tenant,
]


class TestAnswerUnderWay:
    @pytest.mark.parametrize("change", KEY_CHANGES)
    def test_is_cut_when_the_key_loses_rights(self, home: Path, change: Change) -> None:
        events, model = followed(home, member_key, change)
        assert events[-1]["error"]["name"] in {"unauthorized", "forbidden"}
        assert model.sent < len(ENDLESS)

    @pytest.mark.parametrize("change", USER_CHANGES)
    def test_is_cut_when_the_account_loses_rights(self, home: Path, change: Change) -> None:
        events, model = followed(home, signed_in, change)
        assert events[-1]["error"]["name"] == "unauthorized"
        assert "choices" in events[0]
        assert model.sent < len(ENDLESS)

    def test_is_cut_when_the_widget_is_revoked(self, home: Path) -> None:
        events, _model = followed(home, widget, revoke_keys)
        assert events[-1]["error"]["name"] == "unauthorized"

    @pytest.mark.parametrize("change", [revoke_keys, suspend_tenant, move_widget])
    def test_is_cut_when_the_widget_of_a_session_loses_its_site(self, home: Path, change: Change) -> None:
        events, _model = followed(home, widget_session, change)
        assert "choices" in events[0]
        assert events[-1]["error"]["name"] == "unauthorized"

    def test_keeps_what_was_said_as_interrupted(self, home: Path) -> None:
        kept: list[dict[str, Any]] = []
        followed(home, member_key, revoke_keys, after=lambda gateway: kept.extend(messages(gateway)))
        assert [message["role"] for message in kept] == ["user", "assistant"]
        assert kept[1]["details"]["reason"] == "interrupted"

    def test_is_not_given_where_it_does_not_stream(self, home: Path) -> None:
        status, body = asked_whole(home, revoke_keys)
        assert status == 401
        assert json.loads(body)["error"]["name"] == "unauthorized"

    def test_goes_on_while_nothing_changes(self, home: Path) -> None:
        few = ENDLESS[:120]
        events, model = followed(home, signed_in, lambda _scope: None, tokens=few)
        assert "error" not in events[-1]
        assert events[-1]["vernacular"]["answered"] is True
        assert model.sent == len(few)


class TestEventsOfAJob:
    @pytest.mark.parametrize("change", [revoke_keys, demote_keys, suspend_tenant])
    def test_end_when_the_key_loses_rights(self, home: Path, change: Change) -> None:
        events = asyncio.run(_job_followed(home, lambda gateway: gateway.key("acme", "editor"), change))
        assert [event.get("state") for event in events[:-1]] == ["running"]
        assert events[-1]["error"]["name"] in {"unauthorized", "forbidden"}

    def test_end_when_the_account_is_suspended(self, home: Path) -> None:
        def editor(gateway: Gateway) -> str:
            gateway.user("acme", "maria", role="editor")
            return gateway.sign_in("acme", "maria")

        events = asyncio.run(_job_followed(home, editor, suspend_user))
        assert events[-1]["error"]["name"] == "unauthorized"


class TestSetting:
    def test_is_five_seconds_at_most(self) -> None:
        assert AccessSettings().recheck_s <= 5
        with pytest.raises(ValueError, match="recheck_s"):
            AccessSettings(recheck_s=5.1)


def member_key(gateway: Gateway) -> str:
    return gateway.key("acme", "member")


def signed_in(gateway: Gateway) -> str:
    gateway.user("acme", "maria", groups=["staff"])
    return gateway.sign_in("acme", "maria")


def widget(gateway: Gateway) -> str:
    with gateway.services.database.write() as session:
        scope = TenantScope(session, gateway.tenants["acme"])
        return gateway.ring.add(scope, ApiKeyRow(role="public", kind="widget", origins=[PAGE]))


def widget_session(gateway: Gateway) -> str:
    """For the frame whose secret is FRAME."""
    widget(gateway)
    with gateway.services.database.read() as session:
        scope = TenantScope(session, gateway.tenants["acme"])
        identifier = scope.execute(scope.select(ApiKeyRow.id)).scalar_one()
    keys = gateway.services.keys
    name = keys.widget_sessions.frame_key(identifier, PAGE, FRAME).name
    return keys.widget_sessions.begin(keys.widget(identifier), PAGE, name)


def messages(gateway: Gateway) -> list[dict[str, Any]]:
    with gateway.services.database.read() as session:
        scope = TenantScope(session, gateway.tenants["acme"])
        rows = scope.execute(scope.select(MessageRow).order_by(MessageRow.position)).scalars()
        return [{"role": row.role, "details": row.details} for row in rows]


def followed(
    home: Path,
    credential: Callable[[Gateway], str],
    change: Change,
    *,
    tokens: list[str] = ENDLESS,
    after: Callable[[Gateway], None] = lambda _gateway: None,
) -> tuple[list[dict[str, Any]], FakeModelServer]:
    """The events of an answer that `change` comes in the midst of."""
    with fake_model_server(Script(tokens=tokens, delay_s=0.005)) as model:
        settings = made(settings_for(home, [model]))
        return asyncio.run(_followed(settings, credential, change, after)), model


def asked_whole(home: Path, change: Change) -> tuple[int, str]:
    """What comes of a question that is answered in one piece, when `change` comes while the model writes."""
    with fake_model_server(Script(tokens=ENDLESS, delay_s=0.005)) as model:
        return asyncio.run(_asked_whole(made(settings_for(home, [model])), change, model))


def made(settings: Settings) -> Settings:
    settings.serve.worker = False
    settings.access = AccessSettings(recheck_s=0.2)
    return settings


class _Running:
    """A gateway on a port of its own, with the tenant acme."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(settings, memory_services())
        self.server = QuietServer.over(self.app)

    async def __aenter__(self) -> tuple[Gateway, str]:
        self._socket = bound_socket("127.0.0.1", 0)
        listening = self._socket.__enter__()
        self._serving = asyncio.create_task(self.server.serve(sockets=[listening]))
        await self.server.listening.wait()
        gateway = Gateway(None, self.app.state.services)  # type: ignore[arg-type]
        gateway.tenant("acme")
        return gateway, address_of(listening)

    async def __aexit__(self, *_error: object) -> None:
        self.server.should_exit = True
        await self._serving
        self._socket.__exit__(None, None, None)


def changed(gateway: Gateway, change: Change) -> None:
    with gateway.services.database.write() as session:
        change(TenantScope(session, gateway.tenants["acme"]))


async def _followed(
    settings: Settings, credential: Callable[[Gateway], str], change: Change, after: Callable[[Gateway], None]
) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    async with _Running(settings) as (gateway, url):
        gateway.put("acme", "permits", FEE)
        token = credential(gateway)
        # A session of a widget's is used by its frame, which is a page of the gateway's.
        page = {"Origin": url, "X-Vernacular-Frame": FRAME} if token.startswith("ws_") else {"Origin": PAGE}
        headers = {"Authorization": f"Bearer {token}", **page}
        asked = {**QUESTION, "stream": True}
        changed_yet = False
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{url}/v1/chat/completions", json=asked, headers=headers) as response,
        ):
            assert response.status == 200
            async for line in response.content:
                data = line.decode().strip().removeprefix("data: ")
                if data and data != "[DONE]":
                    events.append(json.loads(data))
                if "450" in data and not changed_yet:
                    changed_yet = True
                    changed(gateway, change)
        after(gateway)
    return events


async def _asked_whole(settings: Settings, change: Change, model: FakeModelServer) -> tuple[int, str]:
    async with _Running(settings) as (gateway, url), aiohttp.ClientSession() as session:
        gateway.put("acme", "permits", FEE)
        headers = {"Authorization": f"Bearer {gateway.key('acme', 'member')}"}
        asking = asyncio.create_task(_post(session, f"{url}/v1/chat/completions", headers))
        while not model.sent:  # noqa: ASYNC110 - the model runs in another thread, which has no event of ours
            await asyncio.sleep(0.002)
        changed(gateway, change)
        return await asking


async def _post(session: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> tuple[int, str]:
    async with session.post(url, json=QUESTION, headers=headers) as response:
        return response.status, await response.text()


async def _job_followed(home: Path, credential: Callable[[Gateway], str], change: Change) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    async with _Running(made(Settings(home=home))) as (gateway, url):
        with gateway.services.database.write() as session:
            scope = TenantScope(session, gateway.tenants["acme"])
            job = JobRow(kind="ingest", state="running")
            scope.add(job)
            session.flush()
            job_id = job.id
        headers = {"Authorization": f"Bearer {credential(gateway)}"}
        async with (
            aiohttp.ClientSession() as session_,
            session_.get(f"{url}/v1/jobs/{job_id}/events", headers=headers) as response,
        ):
            async for line in response.content:
                if data := line.decode().strip().removeprefix("data: "):
                    if not events:
                        changed(gateway, change)
                    events.append(json.loads(data))
    return events
