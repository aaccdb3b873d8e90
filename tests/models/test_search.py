"""The whole way with a real model: ingest, the embedded index, a change of the model, search over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest
from fastapi.testclient import TestClient

from ingest.worker import Worker
from serve.app import create_app
from vernacular.access.keys import KeyRing
from vernacular.cli.context import opened_database
from vernacular.db.models import TenantRow
from vernacular.jobs import JobQueue, new_job_id
from vernacular.settings import EmbeddingSettings, ServeSettings, Settings
from vernacular.tenancy import Platform, Tenant, TenantScope
from vernacular.vectors.protocol import Partition

NOTICES = {
    "dogs": "Every dog older than three months must be registered at the town office. Registration is free of charge.",
    "tax": "The property tax is due at the end of March. Whoever pays late owes two per cent more.",
    "pool": "The swimming pool opens at seven in the morning from May to September.",
    "waste": "Garden waste is collected on the first Monday of every month.",
}
QUESTION = "I got a puppy: which paperwork?"


@pytest.fixture
def lexical(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, serve=ServeSettings(worker=False))


@pytest.fixture
def hybrid(lexical: Settings, minilm: Path) -> Settings:
    embeddings = EmbeddingSettings(backend="sentence_transformers", model=str(minilm), languages=["en"], device="cpu")
    return lexical.model_copy(update={"embeddings": embeddings})


@pytest.fixture
def tenant(lexical: Settings) -> Tenant:
    with opened_database(lexical) as database, database.write() as session:
        return Platform(session).create_tenant(TenantRow(slug="town", languages=["en"]))


def ingest(worker: Worker, tenant: Tenant, notices: dict[str, str]) -> None:
    queue, job_id = JobQueue(worker.parts.settings), new_job_id()
    lines = b"\n".join(orjson.dumps({"id": name, "text": text}) for name, text in notices.items())
    (queue.upload_folder(job_id) / "records.ndjson").write_bytes(lines)
    spec = {"source": "api", "items": [{"kind": "records", "file": "records.ndjson"}]}
    queue.enqueue(worker.parts.database, tenant, "ingest", spec, job_id)
    assert worker.wait(tenant.id, job_id, 60)["state"] == "succeeded"


def active(worker: Worker, tenant: Tenant) -> Partition:
    with worker.parts.database.read() as session:
        partition = TenantScope(session, tenant).active_partition()
    assert partition is not None
    return partition


def wait_for_model(worker: Worker, tenant: Tenant, embedding: str) -> None:
    give_up = time.monotonic() + 60
    while active(worker, tenant).embedding != embedding:
        assert time.monotonic() < give_up
        time.sleep(0.1)


@contextmanager
def gateway(settings: Settings, tenant: Tenant) -> Iterator[TestClient]:
    with opened_database(settings) as database, database.write() as session:
        key = KeyRing(settings.home).issue(TenantScope(session, tenant), role="admin", name="test")
    with TestClient(create_app(settings), headers={"Authorization": f"Bearer {key}"}) as client:
        yield client


def first_hit(client: TestClient, question: str) -> str | None:
    hits = client.post("/v1/search", json={"query": question}).json()["hits"]
    return hits[0]["source_id"] if hits else None


def wait_for_hit(client: TestClient, question: str, wanted: str) -> bool:
    """Whether the gateway finds that first, once it has loaded the model."""
    give_up = time.monotonic() + 60
    while (found := first_hit(client, question)) != wanted and time.monotonic() < give_up:
        time.sleep(0.2)
    return found == wanted


def test_a_first_model_is_taken_up_and_taken_away_again(lexical: Settings, hybrid: Settings, tenant: Tenant) -> None:
    with Worker(lexical) as worker:
        ingest(worker, tenant, NOTICES)
    with gateway(lexical, tenant) as client:
        assert first_hit(client, QUESTION) != "dogs"
    with Worker(hybrid) as worker:
        assert worker.parts.embedder is not None
        wait_for_model(worker, tenant, worker.parts.embedder.fingerprint)
        ingest(worker, tenant, {"bus": "The bus to the harbour leaves every half hour."})
        assert active(worker, tenant).dense_size == 384
        assert worker.parts.vectors.count(active(worker, tenant)) == len(NOTICES) + 1
    with gateway(hybrid, tenant) as client:
        assert wait_for_hit(client, QUESTION, "dogs")
        assert first_hit(client, "When is the property tax due?") == "tax"
        answer = client.post(
            "/v1/chat/completions", json={"messages": [{"role": "user", "content": "Is dog registration free?"}]}
        ).json()
        assert answer["vernacular"]["answered"]
    with Worker(lexical) as worker:
        wait_for_model(worker, tenant, "")
    with gateway(lexical, tenant) as client:
        assert first_hit(client, QUESTION) != "dogs"
