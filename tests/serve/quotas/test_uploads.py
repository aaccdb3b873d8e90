from __future__ import annotations

import json
from typing import Any

from httpx2 import Response

from tests.serve.gateway import Gateway


def tenant(gateway: Gateway, **limits: int) -> str:
    gateway.tenant("town", profile={"quotas": {"tenant": limits}})
    return gateway.key("town", "editor")


def send(gateway: Gateway, key: str, *records: dict[str, Any], source: str = "test") -> Response:
    body = "\n".join(json.dumps(record) for record in records).encode()
    headers = {"content-type": "application/x-ndjson"}
    return gateway.call("POST", f"/v1/documents?source={source}", key, content=body, headers=headers)


def record(number: int, text: str = "The pool opens at nine.") -> dict[str, Any]:
    return {"id": f"r{number}", "text": text}


def jobs(gateway: Gateway, key: str) -> int:
    return len(gateway.call("GET", "/v1/jobs", key).json()["jobs"])


class TestDocuments:
    def test_go_in_as_far_as_there_is_room(self, gateway: Gateway) -> None:
        key = tenant(gateway, documents=3)
        gateway.put("town", "r1", "The pool opens at nine.")
        assert send(gateway, key, record(2), record(3)).status_code == 202
        refused = send(gateway, key, record(4), record(5), record(6))
        assert (refused.status_code, refused.json()["error"]["name"]) == (429, "quota_exceeded")
        assert "room for 2 more" in refused.json()["error"]["message"]
        assert int(refused.headers["retry-after"]) == 3600

    def test_that_are_refused_leave_nothing_behind(self, gateway: Gateway) -> None:
        key = tenant(gateway, documents=1)
        send(gateway, key, record(1), record(2))
        assert jobs(gateway, key) == 0
        assert not list(gateway.services.settings.uploads_path.iterdir())

    def test_that_are_there_already_need_no_room(self, gateway: Gateway) -> None:
        key = tenant(gateway, documents=2)
        for number in (1, 2):
            gateway.put("town", f"r{number}", "The pool opens at nine.")
        assert send(gateway, key, record(1), record(2), {"id": "r7", "deleted": True}).status_code == 202
        assert send(gateway, key, record(1), source="elsewhere").status_code == 429

    def test_that_were_deleted_make_room(self, gateway: Gateway) -> None:
        key = tenant(gateway, documents=1)
        there = gateway.put("town", "r1", "The pool opens at nine.")
        assert send(gateway, key, record(2)).status_code == 429
        gateway.call("DELETE", f"/v1/documents/{there}", key)
        assert send(gateway, key, record(2)).status_code == 202

    def test_of_a_form_are_counted_too(self, gateway: Gateway) -> None:
        key = tenant(gateway, documents=1)
        files = [("file", (f"{name}.txt", b"The pool opens at nine.")) for name in "ab"]
        assert gateway.call("POST", "/v1/documents", key, files=files).status_code == 429
        assert gateway.call("POST", "/v1/documents", key, files=files[:1]).status_code == 202

    def test_have_no_limit_unless_there_is_one(self, gateway: Gateway) -> None:
        assert send(gateway, tenant(gateway), *map(record, range(50))).status_code == 202


class TestBytes:
    def test_are_refused_by_their_announced_number(self, gateway: Gateway) -> None:
        key = tenant(gateway, megabytes=1)
        assert send(gateway, key, record(1, "x" * 1_100_000)).status_code == 429

    def test_of_what_is_there_and_what_waits_count(self, gateway: Gateway) -> None:
        key = tenant(gateway, megabytes=1)
        gateway.put("town", "r1", "Long ago.", bytes=400_000)
        assert send(gateway, key, record(2, "x" * 500_000)).status_code == 202
        refused = send(gateway, key, record(3, "x" * 300_000))
        assert refused.status_code == 429
        assert "room for 0.6 MB more" in refused.json()["error"]["message"]

    def test_of_what_is_replaced_are_free(self, gateway: Gateway) -> None:
        key = tenant(gateway, megabytes=1)
        gateway.put("town", "r1", "Long ago.", bytes=900_000)
        assert send(gateway, key, record(2, "x" * 300_000)).status_code == 429
        assert send(gateway, key, record(1, "x" * 300_000)).status_code == 202
