"""One contract, every store.

No Qdrant server can be had in unit tests: the server driver runs on the client's local mode, which is fair about
filters, fusion and models, and says nothing of threads (it is not safe with them), sharding, strict mode or speed. Where
`VERNACULAR_TEST_QDRANT_URL` names a server, the same contract runs on it.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from qdrant_client import QdrantClient

from tests.contracts.fakes import InMemoryVectorStore
from tests.contracts.vector_store import (
    ConcurrentVectorStoreContract,
    DenseVectorStoreContract,
    Opener,
    VectorStoreContract,
)
from vernacular.vectors.edge import EdgeDriver
from vernacular.vectors.protocol import SEALED, VectorStore
from vernacular.vectors.server import ServerDriver
from vernacular.vectors.store import QdrantStore
from vernacular.vectors.supervise import OwnerProcess

SERVER = os.environ.get("VERNACULAR_TEST_QDRANT_URL", "")


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("v")
    with OwnerProcess(folder / "vectors", folder / "s", open_shards=4):
        yield folder / "s"


class TestEdge(VectorStoreContract, ConcurrentVectorStoreContract):
    """Through the real owner process and its socket."""

    @pytest.fixture
    def open_store(self, owner: Path) -> Opener:
        return lambda: QdrantStore(EdgeDriver(owner))


class TestEdgeDense(DenseVectorStoreContract):
    @pytest.fixture
    def open_store(self, owner: Path) -> Opener:
        return lambda: QdrantStore(EdgeDriver(owner))


class TestInMemory(VectorStoreContract, ConcurrentVectorStoreContract):
    @pytest.fixture
    def open_store(self) -> Opener:
        store = InMemoryVectorStore()
        return lambda: store


class TestInMemoryDense(DenseVectorStoreContract):
    @pytest.fixture
    def open_store(self) -> Opener:
        return InMemoryVectorStore


class KeptClient(QdrantClient):
    """Local mode forgets everything when it is closed: the store is reopened on the same client."""

    def close(self, *args: object, **kwargs: object) -> None:
        return


def local_store() -> Opener:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = KeptClient(":memory:")
    return lambda: QdrantStore(ServerDriver(client, "test"))


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
class TestServerDriverLocally(VectorStoreContract):
    @pytest.fixture
    def open_store(self) -> Opener:
        return local_store()


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
class TestServerDriverLocallyDense(DenseVectorStoreContract):
    @pytest.fixture
    def open_store(self) -> Opener:
        return local_store()


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
class TestServerDriverLocallySealed(VectorStoreContract):
    """A tenant with collections of its own."""

    kind = SEALED

    @pytest.fixture
    def open_store(self) -> Opener:
        return local_store()


if SERVER:

    def server_store() -> VectorStore:
        return QdrantStore(ServerDriver(QdrantClient(url=SERVER), "test"))

    class TestServer(VectorStoreContract, ConcurrentVectorStoreContract):
        @pytest.fixture
        def open_store(self) -> Opener:
            return server_store

    class TestServerSealed(VectorStoreContract, ConcurrentVectorStoreContract):
        kind = SEALED

        @pytest.fixture
        def open_store(self) -> Opener:
            return server_store

    class TestServerDense(DenseVectorStoreContract):
        @pytest.fixture
        def open_store(self) -> Opener:
            return server_store
