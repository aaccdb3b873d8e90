"""The tests' own PostgreSQL: started once, an empty database a test. Without its programs they fail, and say so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ingest import conftest as ingest_conftest
from tests.postgres.server import NoPostgres, Server, running_server
from tests.serve import conftest as serve_conftest
from tests.serve.fakes import FakeRag
from tests.serve.gateway import Gateway, running_gateway
from vernacular.db.migrate import migrate
from vernacular.db.session import Database, open_database
from vernacular.settings import IngestSettings, Settings, SqlSettings, VectorSettings

vectors, home = ingest_conftest.vectors, ingest_conftest.home
rag, key, quick_hashes = serve_conftest.rag, serve_conftest.key, serve_conftest.quick_hashes


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    try:
        with running_server() as running:
            yield running
    except NoPostgres as error:
        pytest.fail(str(error))


@pytest.fixture
def url(server: Server) -> str:
    """The address of an empty database."""
    return server.new_database()


@pytest.fixture
def settings(tmp_path: Path, url: str) -> Settings:
    """As an installation would have them that has moved to PostgreSQL; tests hand the vector store over themselves."""
    return Settings(
        home=tmp_path / "home",
        sql=SqlSettings(url=url),
        vectors=VectorSettings(mode="server", url="http://127.0.0.1:1"),
        ingest=IngestSettings(batch_documents=3),
    )


@pytest.fixture
def gateway(settings: Settings, rag: FakeRag) -> Iterator[Gateway]:
    """As `tests.serve.conftest.gateway`: answers known beforehand, and the tenants acme and other."""
    with gateway_on(settings, rag) as running:
        yield running


@pytest.fixture
def whole(settings: Settings) -> Iterator[Gateway]:
    """As `tests.serve.conftest.whole`: with the real pipeline."""
    with gateway_on(settings) as running:
        yield running


@contextmanager
def gateway_on(settings: Settings, rag: FakeRag | None = None) -> Iterator[Gateway]:
    settings.home.mkdir()
    with running_gateway(settings.home, rag, url=settings.sql.url) as running:
        running.tenant("acme")
        running.tenant("other")
        yield running


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    opened = open_database(settings)
    migrate(opened)
    yield opened
    opened.close()
