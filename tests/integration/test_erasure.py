"""A planted marker, looked for in every byte under `home` and in the memory of the vector store, after its owner was erased.

Gateway, worker and the owner of the vectors are real processes.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.vernacular.vectors.test_owner import memory_of
from vernacular.access.keys import KeyRing
from vernacular.audit.keys import AuditKeys
from vernacular.audit.reading import verify_log
from vernacular.corpus.store import load
from vernacular.db.migrate import migrate
from vernacular.db.models import TenantRow
from vernacular.db.session import Database, open_database
from vernacular.gateway import running_gateway
from vernacular.settings import Settings
from vernacular.tenancy import Platform, Tenant, TenantScope
from vernacular.vectors.factory import owner_process

pytestmark = pytest.mark.integration

PATIENCE_S = 60.0
MARK = f"quince{uuid4().hex}"
PERSON = f"rita{uuid4().hex}"
LINE = f"The parking permit of the {MARK} quarter costs 450 dollars a month."
NOTES = {
    "library.txt": "The library lends books for four weeks. A card costs 12 dollars a year.",
    "ferry.txt": "The ferry to the island leaves at noon. A ticket costs 7 dollars.",
}


class Serving:
    """`vernacular serve` on a home with one tenant."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings, self.database = settings, database
        with database.write() as session:
            self.tenant: Tenant = Platform(session).create_tenant(TenantRow(slug="acme", languages=["en"]))
            key = KeyRing(settings.home).issue(TenantScope(session, self.tenant), role="admin")
        environment = {**os.environ, "VERNACULAR_HOME": str(settings.home)}
        command = [sys.executable, "-m", "vernacular", "serve", "--port", "0"]
        (settings.home / "logs").mkdir(exist_ok=True)
        with (settings.home / "logs" / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.http = httpx.Client(
            base_url=self._address(), headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_S, trust_env=False
        )

    def _address(self) -> str:
        give_up = time.monotonic() + PATIENCE_S
        while (url := running_gateway(self.settings)) is None:
            assert time.monotonic() < give_up, "the gateway did not start"
            time.sleep(0.1)
        return url

    def call(self, method: str, path: str, **request: Any) -> Any:
        response = self.http.request(method, path, **request)
        assert response.is_success, response.text
        return response.json()

    def send(self, files: dict[str, str]) -> None:
        form = [("file", (name, text.encode(), "text/plain")) for name, text in files.items()]
        described = {"metadata": f'{{"quarter": "{MARK}"}}', "title": f"On the {MARK} quarter"}
        sent = self.call("POST", "/v1/documents", files=form, data=described if len(files) == 1 else {})
        give_up = time.monotonic() + PATIENCE_S
        while (job := self.call("GET", f"/v1/jobs/{sent['job_id']}"))["state"] in {"queued", "running"}:
            assert time.monotonic() < give_up
            time.sleep(0.1)
        assert job["state"] == "succeeded", job

    def stop(self) -> None:
        self.http.close()
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    settings = Settings(home=tmp_path / "home")
    database = open_database(settings)
    migrate(database)
    running = Serving(settings, database)
    yield running
    running.stop()
    database.close()


def files_with(home: Path, mark: str) -> set[str]:
    """The files under `home` that hold the mark: as UTF-8 or UTF-16, plain or packed."""
    return {
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.is_file() and any(holds(data, mark) for data in readings(path))
    }


def readings(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    yield data
    with contextlib.suppress(OSError, EOFError, zlib.error):
        if data[:2] == b"\x1f\x8b":
            yield gzip.decompress(data)
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            yield from (packed.read(name) for name in packed.namelist())
    start = data.find(b"\x78\x9c")
    while start >= 0:  # what zlib packed, as far as it stands in one piece
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj().decompress(data[start : start + 200_000])
        start = data.find(b"\x78\x9c", start + 1)


def holds(data: bytes, mark: str) -> bool:
    return any(mark.encode(form) in data for form in ("utf-8", "utf-16-le", "utf-16-be"))


def plant_copies(home: Path, text: str) -> None:
    for folder in ("exports", "backups"):
        (home / folder).mkdir()
    (home / "exports" / "documents.json.gz").write_bytes(gzip.compress(text.encode()))
    with zipfile.ZipFile(home / "backups" / "home.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("notes.txt", text.encode("utf-16"))
    (home / "exports" / "another.txt").write_text("nothing of it")
    (home / "logs" / "parser.log").write_text(f"before\n{text}\nafter\n")


def test_an_erased_document_is_found_nowhere(serving: Serving) -> None:
    home = serving.settings.home
    serving.send(NOTES)
    serving.send({f"{MARK}.txt": LINE})
    found = serving.call("POST", "/v1/search", json={"query": "parking permit", "filters": {"quarter": MARK}})
    document = found["hits"][0]["document_id"]
    asked = {"model": "default", "messages": [{"role": "user", "content": "What does the parking permit cost?"}]}
    said = serving.call("POST", "/v1/chat/completions", json=asked)
    assert MARK in said["choices"][0]["message"]["content"]
    plant_copies(home, LINE)
    before = files_with(home, MARK)
    assert {"exports/documents.json.gz", "backups/home.zip", "logs/parser.log"} <= before
    assert any(name.startswith("vectors/") for name in before)
    assert any(name.startswith("blobs/") for name in before)
    assert {"vernacular.sqlite", "vernacular.sqlite-wal"} & before

    erased = serving.call("DELETE", f"/v1/admin/documents/{document}")
    assert erased["left"] == []
    counts = {"documents": 1, "approved_answers": 0, "answers": 1, "jobs": 1, "redteam_runs": 0, "audit_keys": 1}
    assert erased["counts"] == counts
    assert set(erased["files"]) == {"exports/documents.json.gz", "backups/home.zip", "logs/parser.log"}
    assert (home / "exports" / "another.txt").exists()
    assert (home / "logs" / "parser.log").read_text().split() == ["before", "after"]

    assert serving.call("POST", "/v1/search", json={"query": "library card"})["hits"]
    assert files_with(home, MARK) == set()
    pid = owner_process(serving.settings).pid()
    assert pid is not None
    assert not holds(memory_of(pid), MARK)
    kept = serving.call("GET", f"/v1/conversations/{said['vernacular']['conversation_id']}")
    assert [message["content"] for message in kept["messages"]] == ["What does the parking permit cost?", ""]
    with serving.database.read() as session:
        scope = TenantScope(session, serving.tenant)
        corpus = load(scope)
        assert corpus is None or not any(MARK in word for word in corpus.words)
        assert verify_log(scope, AuditKeys(home).public_pem, unsigned=1000).findings == []
    events = serving.call("GET", "/v1/audit", params={"content": True})["entries"]
    contents = {entry["event"]: entry["content"] for entry in events}
    assert contents["chat.answered"] == {"erased": True}
    assert contents["chat.asked"] == {"question": "What does the parking permit cost?"}
    assert "document.erased" in contents
    serving.stop()
    assert files_with(home, MARK) == set()


def test_an_erased_person_is_found_nowhere(serving: Serving) -> None:
    home = serving.settings.home
    serving.send(NOTES)
    question = f"I am {PERSON} of Harbour Lane: what does a library card cost?"
    asked = {"model": "default", "user": PERSON, "messages": [{"role": "user", "content": question}]}
    serving.call("POST", "/v1/chat/completions", json=asked)
    other = {**asked, "user": "someone else", "messages": [{"role": "user", "content": "When does the ferry leave?"}]}
    serving.call("POST", "/v1/chat/completions", json=other)
    serving.call("POST", "/v1/search", json={"query": f"{PERSON} ferry", "user": PERSON})
    plant_copies(home, question)
    assert {"exports/documents.json.gz"} < files_with(home, PERSON)
    entries = serving.call("GET", "/v1/audit", params={"content": True, "subject": PERSON})["entries"]
    assert {entry["event"] for entry in entries} == {"chat.asked", "chat.answered", "search.answered"}

    erased = serving.call("DELETE", f"/v1/admin/subjects/{PERSON}")
    assert erased["left"] == []
    assert (erased["counts"]["conversations"], erased["counts"]["audit_keys"]) == (1, 1)
    assert files_with(home, PERSON) == set()
    entries = serving.call("GET", "/v1/audit", params={"content": True, "subject": PERSON})["entries"]
    assert all(entry["content"] == {"erased": True} for entry in entries)
    assert len(serving.call("GET", "/v1/conversations")["conversations"]) == 1
    with serving.database.read() as session:
        scope = TenantScope(session, serving.tenant)
        assert verify_log(scope, AuditKeys(home).public_pem, unsigned=1000).findings == []
    assert serving.http.request("DELETE", "/v1/admin/subjects/nobody").status_code == 404
    serving.stop()
    assert files_with(home, PERSON) == set()
