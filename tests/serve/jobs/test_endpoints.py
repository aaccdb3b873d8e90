from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from serve.jobs import service
from tests.serve.gateway import Gateway
from vernacular.db.base import now
from vernacular.db.models import JobErrorRow, JobRow
from vernacular.tenancy import TenantScope


def enqueue(gateway: Gateway, slug: str = "acme") -> str:
    services = gateway.services
    return services.jobs.enqueue(services.database, gateway.tenants[slug], "ingest", {"source": "api", "items": []})


def move(gateway: Gateway, job_id: str, **columns: Any) -> None:
    with gateway.services.database.write() as session:
        row = TenantScope(session, gateway.tenants["acme"]).get(JobRow, job_id)
        assert row is not None
        for name, value in columns.items():
            setattr(row, name, value)


class TestShow:
    def test_tells_how_far_it_is_and_what_was_quarantined(self, gateway: Gateway, key: str) -> None:
        job_id = enqueue(gateway)
        move(gateway, job_id, state="partial", stage="done", done=9, total=10, failed=1, finished_at=now())
        with gateway.services.database.write() as session:
            error = JobErrorRow(
                id="e1", job_id=job_id, source_id="a.pdf", name="encrypted_file", message="It has a password."
            )
            TenantScope(session, gateway.tenants["acme"]).add(error)
        job = gateway.call("GET", f"/v1/jobs/{job_id}", key).json()
        assert (job["job_id"], job["state"], job["stage"], job["done"], job["total"]) == (
            job_id,
            "partial",
            "done",
            9,
            10,
        )
        assert job["errors"] == [{"source_id": "a.pdf", "name": "encrypted_file", "message": "It has a password."}]

    @pytest.mark.parametrize(("method", "path"), [("GET", ""), ("GET", "/events"), ("DELETE", "")])
    def test_another_tenants_is_not_there(self, gateway: Gateway, key: str, method: str, path: str) -> None:
        foreign = enqueue(gateway, "other")
        assert gateway.call(method, f"/v1/jobs/{foreign}{path}", key).status_code == 404
        assert gateway.call("GET", f"/v1/jobs/{foreign}", gateway.key("other")).json()["state"] == "queued"


class TestList:
    def test_goes_through_the_tenants_jobs_the_newest_first(self, gateway: Gateway, key: str) -> None:
        ids = [enqueue(gateway) for _ in range(5)]
        enqueue(gateway, "other")
        first = gateway.call("GET", "/v1/jobs?limit=3", key).json()
        second = gateway.call("GET", f"/v1/jobs?limit=3&cursor={first['next_cursor']}", key).json()
        assert [job["job_id"] for job in first["jobs"] + second["jobs"]] == ids[::-1]
        assert second["next_cursor"] is None


class TestCancel:
    def test_stops_a_job_that_has_not_begun(self, gateway: Gateway, key: str) -> None:
        job_id = enqueue(gateway)
        assert gateway.call("DELETE", f"/v1/jobs/{job_id}", key).json()["state"] == "cancelled"
        assert gateway.call("GET", f"/v1/jobs/{job_id}", key).json()["state"] == "cancelled"

    def test_asks_one_that_runs_to_stop(self, gateway: Gateway, key: str) -> None:
        job_id = enqueue(gateway)
        move(gateway, job_id, state="running")
        job = gateway.call("DELETE", f"/v1/jobs/{job_id}", key).json()
        assert (job["state"], job["cancel_requested"]) == ("running", True)


class TestEvents:
    def test_tell_each_move_until_the_end(self, gateway: Gateway, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
        job_id = enqueue(gateway)
        moves: Iterator[dict[str, Any]] = iter(
            [{"state": "running", "stage": "indexing"}, {}, {"done": 5, "total": 9}, {"state": "succeeded"}]
        )
        look = service._look

        def move_and_look(access: Any, identifier: str) -> dict[str, Any]:
            move(gateway, job_id, **next(moves))
            return look(access, identifier)

        monkeypatch.setattr(service, "POLL_S", 0.0)
        monkeypatch.setattr(service, "_look", move_and_look)
        response = gateway.call("GET", f"/v1/jobs/{job_id}/events", key)
        assert response.headers["content-type"].startswith("text/event-stream")
        events = [json.loads(line.removeprefix("data: ")) for line in response.text.split("\n\n") if line]
        assert [(event["state"], event["done"]) for event in events] == [
            ("queued", 0),
            ("running", 0),
            ("running", 5),
            ("succeeded", 5),
        ]

    def test_of_an_ended_job_are_one(self, gateway: Gateway, key: str) -> None:
        job_id = enqueue(gateway)
        move(gateway, job_id, state="failed")
        response = gateway.call("GET", f"/v1/jobs/{job_id}/events", key)
        assert response.text.count("data: ") == 1

    def test_stop_when_the_key_is_revoked(self, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        job_id, key = enqueue(gateway), gateway.key("acme", "editor")
        monkeypatch.setattr(service, "POLL_S", 0.0)
        monkeypatch.setattr(gateway.services.keys, "recheck_s", 0.0)
        first = service.show

        def revoke_and_show(access: Any, identifier: str) -> dict[str, Any]:
            view = first(access, identifier)
            gateway.revoke("acme", key)
            return view

        monkeypatch.setattr(service, "show", revoke_and_show)
        response = gateway.call("GET", f"/v1/jobs/{job_id}/events", key)
        events = [json.loads(line.removeprefix("data: ")) for line in response.text.split("\n\n") if line]
        assert events[-1]["error"]["name"] == "unauthorized"


class TestTellingOfAJob:
    def test_names_its_source_and_its_first_files(self, gateway: Gateway, key: str) -> None:
        files = [("file", (f"{number}.txt", b"x")) for number in range(7)]
        job_id = gateway.call("POST", "/v1/documents", key, files=files, data={"source": "hr"}).json()["job_id"]
        view = gateway.call("GET", f"/v1/jobs/{job_id}", key).json()
        assert (view["source"], view["items"]) == ("hr", 7)
        assert view["names"] == ["0.txt", "1.txt", "2.txt", "3.txt", "4.txt"]
        assert view["can_retry"] is False
        assert gateway.call("GET", "/v1/jobs", key).json()["jobs"][0] == view
