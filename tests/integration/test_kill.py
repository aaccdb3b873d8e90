"""The processes of `vernacular serve`, killed while documents go in."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests import databases
from vernacular.db.models import ChunkRow, DocumentRow, TenantRow
from vernacular.db.session import Database
from vernacular.jobs import FINISHED, JobQueue, new_job_id
from vernacular.settings import Settings
from vernacular.tenancy import Platform, Tenant, TenantScope
from vernacular.text.analyze import encode_query
from vernacular.vectors.factory import open_store, owner_process
from vernacular.vectors.protocol import Query

database = databases.database
DOCUMENTS = 2000
KILLS = 20
PATIENCE_S = 120.0
WORDS = ["harbour", "ferry", "library", "permit", "kettle", "pepper", "tram", "market", "school", "garden", "bridge"]


class Serving:
    """`vernacular serve` on a home, started again whenever it has been killed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._environment = {
            **os.environ,
            "VERNACULAR_HOME": str(settings.home),
            "VERNACULAR_INGEST__BATCH_DOCUMENTS": "10",
            "VERNACULAR_INGEST__BATCH_BYTES": "1500",  # a step is several groups, each written while one is on its way
        }
        self._log = settings.home / "serve.log"
        self._process = self._start()

    def kill_gateway(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process = self._start()

    def kill_vector_owner(self) -> None:
        pid = owner_process(self._settings).pid()
        if pid is not None:  # it is being restarted already
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "vernacular", "serve", "--port", "0"]
        with self._log.open("ab") as log:
            return subprocess.Popen(command, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def serving(settings: Settings, database: Database) -> Iterator[Serving]:
    serving = Serving(settings)
    yield serving
    serving.stop()


def accept(settings: Settings, database: Database, tenant: Tenant) -> str:
    queue, job_id = JobQueue(settings), new_job_id()
    chance = random.Random(7)
    with (queue.upload_folder(job_id) / "records.ndjson").open("wb") as file:
        for number in range(DOCUMENTS):
            text = f"Notice n{number:05} says: {' '.join(chance.choices(WORDS, k=60))}."
            file.write(orjson.dumps({"id": f"d{number}", "text": text}) + b"\n")
    spec = {"source": "api", "sync": True, "items": [{"kind": "records", "file": "records.ndjson"}]}
    return queue.enqueue(database, tenant, "ingest", spec, job_id)


def wait_for(settings: Settings, database: Database, tenant: Tenant, job_id: str, done: int) -> dict[str, object]:
    """The job's view once it is that far, or has ended."""
    give_up = time.monotonic() + PATIENCE_S
    while True:
        view = JobQueue(settings).show(database, tenant, job_id)
        if view["state"] in FINISHED or view["done"] >= done:
            return view
        assert time.monotonic() < give_up, f"the job does not go on: {view}"
        time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.integration
@pytest.mark.timeout(400)
def test_killed_at_twenty_moments_a_job_ends_with_every_document_there_once(
    settings: Settings, database: Database, serving: Serving
) -> None:
    with database.write() as session:
        tenant = Platform(session).create_tenant(TenantRow(slug="harbour"))
    job_id = accept(settings, database, tenant)
    chance = random.Random()
    kills = 0
    for number, moment in enumerate(sorted(chance.sample(range(DOCUMENTS - 100), KILLS))):
        view = wait_for(settings, database, tenant, job_id, moment)
        assert view["state"] not in FINISHED
        time.sleep(chance.random() * 0.03)
        (serving.kill_gateway if number % 2 else serving.kill_vector_owner)()
        kills += 1
    view = wait_for(settings, database, tenant, job_id, DOCUMENTS + 1)
    assert (view["state"], view["done"], view["failed"], kills) == ("succeeded", DOCUMENTS, 0, KILLS)
    check(settings, database, tenant)


def check(settings: Settings, database: Database, tenant: Tenant) -> None:
    vectors = open_store(settings, own=False)
    with contextlib.closing(vectors), database.read() as session:
        scope = TenantScope(session, tenant, vectors)
        documents: list[DocumentRow] = list(scope.execute(scope.select(DocumentRow)).scalars())
        assert sorted(row.source_id for row in documents) == sorted(f"d{number}" for number in range(DOCUMENTS))
        assert all(row.indexed for row in documents)
        chunks = {row.document_id: row.id for row in scope.execute(scope.select(ChunkRow)).scalars()}
        assert len(chunks) == scope.count(ChunkRow) == DOCUMENTS
        partition = scope.active_partition()
        assert partition is not None
        assert vectors.count(partition) == DOCUMENTS
        for row in documents:
            words = encode_query(f"n{int(row.source_id[1:]):05}")
            assert scope.search(Query(sparse=words, groups=None, limit=1))[0].document_id == row.id
            [hit] = scope.search(Query(sparse=words, groups=None, document_ids=(row.id,)))
            assert hit.chunk_id == chunks[row.id]
