from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests.serve.fakes import FakeRag
from tests.serve.gateway import Gateway, running_gateway
from vernacular.access import passwords
from vernacular.db.migrate import migrate
from vernacular.db.session import open_database
from vernacular.settings import Settings


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real hashes that take no time: how long they take otherwise is tested where they are made."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def rag() -> FakeRag:
    return FakeRag()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the present schema: a copy saves every test the migrations."""
    settings = Settings(home=tmp_path_factory.mktemp("migrated"))
    database = open_database(settings)
    migrate(database)
    database.close()
    return settings.home / "vernacular.sqlite"


@pytest.fixture
def home(tmp_path: Path, migrated: Path) -> Path:
    shutil.copy(migrated, tmp_path / migrated.name)
    return tmp_path


@pytest.fixture
def gateway(home: Path, rag: FakeRag) -> Iterator[Gateway]:
    """A gateway with answers known beforehand, and the tenants acme and other."""
    with running_gateway(home, rag) as running:
        running.tenant("acme")
        running.tenant("other")
        yield running


@pytest.fixture
def whole(home: Path) -> Iterator[Gateway]:
    """A gateway with the real pipeline, and the tenants acme and other."""
    with running_gateway(home) as running:
        running.tenant("acme")
        running.tenant("other")
        yield running


@pytest.fixture
def key(gateway: Gateway) -> str:
    """An admin's key to acme."""
    return gateway.key("acme")
