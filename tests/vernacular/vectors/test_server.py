"""What the server driver sends, and what it makes of the answers: no server is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest
from qdrant_client import QdrantClient, models

from tests.contracts.vector_store import WORD, point
from vernacular.errors import BadRequest, InvalidSetting, VectorStoreDown
from vernacular.settings import Settings, VectorSettings
from vernacular.types import SparseVector
from vernacular.vectors.conditions import among, requests
from vernacular.vectors.factory import open_store
from vernacular.vectors.protocol import Partition, Query
from vernacular.vectors.server import ServerDriver, open_server
from vernacular.vectors.store import QdrantStore

HERE = Partition("tenant", "g1")
Answer = Callable[[httpx.Request], httpx.Response]


class Recorder:
    """A server that says yes: keeps (method, path, body) of each request."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, Any]] = []

    def __call__(self, sent: httpx.Request) -> httpx.Response:
        path = sent.url.path
        self.requests.append((sent.method, path, json.loads(sent.content) if sent.content else None))
        result: Any = True
        if path.endswith("/exists"):
            result = {"exists": False}
        elif path.endswith("/points/query"):
            result = {"points": []}
        elif path.endswith("/points/count"):
            result = {"count": 0}
        elif path.endswith(("/points", "/points/delete", "/index")):
            result = {"operation_id": 1, "status": "completed"}
        return httpx.Response(200, json={"result": result, "status": "ok", "time": 0.0})

    def bodies(self, method: str, ending: str) -> list[Any]:
        return [body for verb, path, body in self.requests if verb == method and path.endswith(ending)]


def store_answering(answer: Answer) -> QdrantStore:
    client = QdrantClient("http://qdrant:6333", check_compatibility=False, transport=httpx.MockTransport(answer))
    return QdrantStore(ServerDriver(client, "vernacular"))


class TestRequests:
    def test_a_collection_is_made_strict_and_keeps_tenants_together(self) -> None:
        server = Recorder()
        store_answering(server).upsert(HERE, [point(groups=("staff",), metadata={"stock": True})])
        (made,) = server.bodies("PUT", "/collections/vernacular-g1")
        assert made["strict_mode_config"]["enabled"]
        assert made["strict_mode_config"]["unindexed_filtering_retrieve"] is False
        assert made["sparse_vectors"] == {"lexical": {"modifier": "idf"}}
        indexes = {body["field_name"]: body["field_schema"] for body in server.bodies("PUT", "/index")}
        assert indexes["tenant_id"]["is_tenant"] is True
        assert set(indexes) == {"tenant_id", "document_id", "groups", "from", "until"}
        (written,) = server.bodies("PUT", "/points")
        assert written["points"][0]["payload"]["tenant_id"] == "tenant"
        assert written["points"][0]["vector"] == {"lexical": {"indices": [7], "values": [1.0]}}

    def test_every_read_and_deletion_names_the_tenant(self) -> None:
        server = Recorder()
        store = store_answering(server)
        store.upsert(HERE, [point()])
        store.search(HERE, Query(sparse=WORD, on=date(2024, 5, 1)))
        store.search(replace(HERE, dense_size=2), Query(sparse=WORD, dense=[1.0, 0.0]))
        store.delete_documents(HERE, ["d"])
        store.count(HERE)
        store.drop(HERE)
        tenant = {"key": "tenant_id", "match": {"value": "tenant"}}
        queries = server.bodies("POST", "/points/query")
        plain = queries[0]
        assert [query["using"] for query in queries] == ["lexical", "lexical", "dense"]
        filters = [query["filter"] for query in queries]
        filters += [body["filter"] for body in server.bodies("POST", "/points/delete")]
        filters.append(server.bodies("POST", "/points/count")[0]["filter"])
        assert all(tenant in found["must"] for found in filters)
        assert len(filters) == 6
        assert plain["params"]["idf"]["corpus"]["must"] == [tenant]

    def test_a_collection_of_a_generation_with_dense_vectors_keeps_them_in_eight_bits(self) -> None:
        server = Recorder()
        store_answering(server).upsert(replace(HERE, dense_size=2), [point(dense=[1.0, 0.0])])
        (made,) = server.bodies("PUT", "/collections/vernacular-g1")
        assert made["vectors"]["dense"]["size"] == 2
        assert made["quantization_config"]["scalar"]["type"] == "int8"

    def test_a_metadata_field_is_indexed_before_it_is_filtered_on(self) -> None:
        server = Recorder()
        store = store_answering(server)
        store.upsert(HERE, [point()])
        for _ in range(2):
            store.search(HERE, Query(sparse=WORD, metadata={"price": {"lt": 5}}))
        made = [body["field_name"] for body in server.bodies("PUT", "/index") if "metadata" in body["field_name"]]
        assert made == ['metadata."price"']


class TestSealedTenants:
    SEALED = Partition("tenant", "sealed.1-1")

    def test_have_a_collection_of_their_own(self) -> None:
        server = Recorder()
        store = store_answering(server)
        store.upsert(self.SEALED, [point()])
        store.upsert(replace(self.SEALED, tenant_id="another"), [point()])
        store.upsert(HERE, [point()])
        made = [path for verb, path, _ in server.requests if verb == "PUT" and path.count("/") == 2]
        assert made == [
            "/collections/vernacular~tenant~sealed.1-1",
            "/collections/vernacular~another~sealed.1-1",
            "/collections/vernacular-g1",
        ]

    def test_are_asked_about_there_alone_and_with_the_tenants_condition_all_the_same(self) -> None:
        server = Recorder()
        store = store_answering(server)
        store.upsert(self.SEALED, [point()])
        server.requests.clear()
        store.search(self.SEALED, Query(sparse=WORD))
        store.delete_documents(self.SEALED, ["d"])
        store.count(self.SEALED)
        assert {path.split("/")[2] for _, path, _ in server.requests} == {"vernacular~tenant~sealed.1-1"}
        tenant = {"key": "tenant_id", "match": {"value": "tenant"}}
        assert all(tenant in body["filter"]["must"] for _, _, body in server.requests)

    @pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
    def test_are_listed_and_dropped_beside_the_others(self) -> None:
        store = QdrantStore(ServerDriver(QdrantClient(":memory:"), "test"))
        others = [replace(self.SEALED, tenant_id="another"), Partition("tenant", "1-1"), Partition("another", "1-1")]
        for each in (self.SEALED, *others):
            store.upsert(each, [point()])
        assert set(store.partitions()) == {self.SEALED, *others}
        store.drop(self.SEALED)
        assert set(store.partitions()) == set(others)
        assert store.count(self.SEALED) == 0

    @pytest.mark.parametrize("name", ["a~b", "~", "vernacular~tenant"])
    def test_cannot_be_named_by_another_tenants_id(self, name: str) -> None:
        with pytest.raises(BadRequest):
            store_answering(Recorder()).upsert(Partition(name, "sealed.1"), [point()])


class TestAnswers:
    @pytest.mark.parametrize("status", [500, 502, 503])
    def test_a_failing_server_is_down(self, status: int) -> None:
        store = store_answering(lambda _: httpx.Response(status, text="no"))
        with pytest.raises(VectorStoreDown):
            store.count(HERE)
        assert not store.ready()

    def test_an_unreachable_server_is_down(self) -> None:
        def refuse(_: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused")

        store = store_answering(refuse)
        with pytest.raises(VectorStoreDown):
            store.search(HERE, Query(sparse=WORD))
        assert not store.ready()

    def test_a_refusal_is_not_taken_for_a_failure(self) -> None:
        with pytest.raises(BadRequest):
            store_answering(lambda _: httpx.Response(400, json={"status": {"error": "no"}})).count(HERE)


@pytest.mark.parametrize(
    "query",
    [
        Query(sparse=SparseVector([1, 2], [1.0, 2.0]), groups=("a",), on=date(2024, 1, 1)),
        Query(sparse=WORD, metadata={"a": [True, 2, "x"], "b": {"gte": "2024-01-01"}, "c": 1.5}, document_ids=("d",)),
        Query(sparse=WORD, dense=[0.1, 0.2], groups=None),
    ],
)
def test_every_request_is_one_of_qdrants_own_models(query: Query) -> None:
    built = requests(HERE, query)
    assert built
    for request in (
        *built.values(),
        *(among(each, ["6f1c2a38-0a5e-4c0e-9d0a-0d3f6f5f7a11"]) for each in built.values()),
    ):
        read = models.QueryRequest.model_validate(request)
        assert json.loads(read.model_dump_json(exclude_unset=True)) == request


class TestOpening:
    def test_server_mode_needs_an_address(self) -> None:
        with pytest.raises(InvalidSetting):
            open_store(Settings(vectors=VectorSettings(mode="server")))

    def test_nothing_is_sent_before_the_first_call(self) -> None:
        store = open_server(VectorSettings(mode="server", url="http://qdrant.invalid:6333"))
        assert isinstance(store, QdrantStore)
        store.close()
