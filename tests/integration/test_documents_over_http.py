"""From a file sent over HTTP to a passage that is found, and gone again: gateway and worker together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.worker import Worker
from tests.serve.gateway import Gateway, running_gateway

pytestmark = pytest.mark.integration

NDJSON = {"content-type": "application/x-ndjson"}


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway with a worker beside it, and the tenants acme and other."""
    with running_gateway(tmp_path, worker=True) as running:
        running.tenant("acme")
        running.tenant("other")
        with Worker(running.services.settings, running.services.vectors):
            yield running


def ended(gateway: Gateway, key: str, response: Any) -> dict[str, Any]:
    """The job as the last of its events tells it."""
    assert response.status_code == 202, response.text
    events = gateway.call("GET", f"/v1/jobs/{response.json()['job_id']}/events", key).text
    told: dict[str, Any] = json.loads(events.strip().split("\n\n")[-1].removeprefix("data: "))
    return told


def found(gateway: Gateway, key: str, query: str) -> list[str]:
    hits = gateway.call("POST", "/v1/search", key, json={"query": query}).json()["hits"]
    return [hit["source_id"] for hit in hits]


class TestDocumentsOverHttp:
    def test_a_file_is_found_by_those_whom_the_form_lets_read_it(self, gateway: Gateway) -> None:
        editor, text = gateway.key("acme", "editor"), b"The salary table of the board says 90,000 dollars."
        fields = {"groups": "hr", "metadata": '{"year": 2026}', "title": "Salaries"}
        response = gateway.call("POST", "/v1/documents", editor, files={"file": ("board.txt", text)}, data=fields)
        assert ended(gateway, editor, response)["state"] == "succeeded"

        assert gateway.call("GET", "/readyz").json()["ready"] is True
        assert found(gateway, gateway.key("acme", "member", ["hr"]), "salary table of the board") == ["board.txt"]
        for stranger in (gateway.key("acme", "member", ["it"]), gateway.key("acme", "public"), gateway.key("other")):
            assert found(gateway, stranger, "salary table of the board") == []

        (document,) = gateway.call("GET", "/v1/documents", editor).json()["documents"]
        assert (document["title"], document["groups"], document["metadata"]["year"]) == ("Salaries", ["hr"], 2026)
        path = f"/v1/documents/{document['document_id']}"
        assert gateway.call("GET", f"{path}/content?format=original", editor).content == text
        assert gateway.call("DELETE", path, editor).status_code == 200
        assert found(gateway, editor, "salary table of the board") == []
        assert gateway.call("GET", f"{path}/content", editor).status_code == 404

    def test_the_same_records_twice_are_there_once(self, gateway: Gateway) -> None:
        editor = gateway.key("acme", "editor")
        records = b'{"id": "fees", "text": "A parking permit costs 450 dollars."}\n{"id": "dogs", "text": "Dogs need a licence."}\n'
        for _ in range(2):
            response = gateway.call("POST", "/v1/documents", editor, content=records, headers=NDJSON)
            assert ended(gateway, editor, response)["state"] == "succeeded"
        assert len(gateway.call("GET", "/v1/documents", editor).json()["documents"]) == 2
        assert found(gateway, editor, "parking permit") == ["fees"]

    def test_a_broken_record_is_told_and_the_rest_go_in(self, gateway: Gateway) -> None:
        editor = gateway.key("acme", "editor")
        records = b'{"id": "fees", "text": "A parking permit costs 450 dollars."}\n{"id": "broken"\n'
        job = ended(gateway, editor, gateway.call("POST", "/v1/documents", editor, content=records, headers=NDJSON))
        assert (job["state"], job["failed"]) == ("partial", 1)
        assert job["errors"][0]["name"] == "invalid_record"
        assert found(gateway, editor, "parking permit") == ["fees"]
