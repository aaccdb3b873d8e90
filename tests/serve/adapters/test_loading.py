"""From HTTP and SQL all the way to model servers."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from serve.app import create_app
from tests.serve.adapters.test_endpoints import PATH, files
from tests.serve.engine.fake_model_server import FakeModelServer, fake_model_server
from tests.serve.fakes import FakeRag
from tests.serve.gateway import Gateway, memory_services
from vernacular.settings import EndpointSettings, GenerationSettings, Settings


@pytest.fixture
def servers() -> Iterator[list[FakeModelServer]]:
    with fake_model_server() as one, fake_model_server() as two:
        yield [one, two]


@pytest.fixture
def gateway(home: Path, servers: list[FakeModelServer]) -> Iterator[Gateway]:
    """A gateway before two replicas of fake-model, which it looks at all the time."""
    endpoints = [EndpointSettings(url=server.url) for server in servers]
    settings = Settings(home=home, generation=GenerationSettings(endpoints=endpoints, health_every_s=0.05))
    settings.serve = settings.serve.model_copy(update={"worker": False})
    app = create_app(settings, memory_services(FakeRag()))
    with TestClient(app) as http:
        running = Gateway(http, app.state.services)
        running.tenant("acme")
        running.tenant("other")
        yield running


def until(holds: Callable[[], bool]) -> None:
    """Wait for what the gateway's tasks bring about; the test's own time limit is the only one."""
    while not holds():
        time.sleep(0.02)


def active(gateway: Gateway, slug: str, seed: int = 0) -> dict[str, Any]:
    key = gateway.key(slug)
    parts = [("file", (name, data)) for name, data in files(seed, base_model_name_or_path="fake-model").items()]
    made = gateway.call("POST", PATH, key, files=parts, data={"base_model": "fake-model"}).json()
    return dict(gateway.call("PATCH", f"{PATH}/{made['id']}", key, json={"state": "active"}).json())


class TestLoading:
    def test_reaches_every_replica_and_is_told(self, gateway: Gateway, servers: list[FakeModelServer]) -> None:
        mine, theirs = active(gateway, "acme"), active(gateway, "other")
        until(lambda: all(set(server.adapters) == {mine["name"], theirs["name"]} for server in servers))
        place = gateway.services.settings.adapters_path / gateway.tenants["acme"].id / mine["digest"]
        assert servers[0].adapters[mine["name"]] == str(place)
        shown = f"{PATH}/{mine['id']}"
        until(lambda: gateway.call("GET", shown, gateway.key("acme")).json()["loaded_on"] == 2)
        assert gateway.call("GET", shown, gateway.key("acme")).json()["replicas"] == 2

    def test_ends_when_the_adapter_is_retired(self, gateway: Gateway, servers: list[FakeModelServer]) -> None:
        made = active(gateway, "acme")
        until(lambda: all(server.adapters for server in servers))
        gateway.call("PATCH", f"{PATH}/{made['id']}", gateway.key("acme"), json={"state": "retired"})
        until(lambda: not any(server.adapters for server in servers))

    def test_follows_sql(self, gateway: Gateway, servers: list[FakeModelServer]) -> None:
        made = active(gateway, "acme")
        until(lambda: all(server.adapters for server in servers))
        for state, loaded in (("retired", set()), ("active", {made["name"]})):
            with sqlite3.connect(gateway.services.settings.home / "vernacular.sqlite") as connection:
                connection.execute("UPDATE adapters SET state = ?", (state,))
            connection.close()
            until(lambda wanted=loaded: all(set(server.adapters) == wanted for server in servers))  # type: ignore[misc]

    def test_that_a_server_refuses_is_told(self, gateway: Gateway, servers: list[FakeModelServer]) -> None:
        key = gateway.key("acme")
        parts = [("file", (name, data)) for name, data in files(base_model_name_or_path="fake-model").items()]
        made = gateway.call("POST", PATH, key, files=parts, data={"base_model": "fake-model"}).json()
        servers[1].refused_adapters.add(made["name"])
        gateway.call("PATCH", f"{PATH}/{made['id']}", key, json={"state": "active"})
        until(lambda: "rank too large" in gateway.call("GET", f"{PATH}/{made['id']}", key).json()["note"])
        until(lambda: not any(server.adapters for server in servers))
