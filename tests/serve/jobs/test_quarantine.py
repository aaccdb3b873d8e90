from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.serve.gateway import Gateway
from vernacular.db.base import new_id, now
from vernacular.db.models import JobErrorRow, JobRow
from vernacular.tenancy import TenantScope


def failed(gateway: Gateway, *names: str, source: str = "test", slug: str = "acme", ago: int = 0) -> str:
    """A job in which these could not be read, some minutes ago."""
    job_id, moment = new_id(), now() - timedelta(minutes=ago)
    with gateway.services.database.write() as session:
        scope = TenantScope(session, gateway.tenants[slug])
        scope.add(
            JobRow(id=job_id, kind="ingest", state="partial", spec={"source": source, "items": []}, created_at=moment)
        )
        session.flush()
        for name in names:
            told = {"source_id": name, "name": "unreadable_file", "message": f"`{name}` is damaged."}
            scope.add(JobErrorRow(id=new_id(), job_id=job_id, created_at=moment, **told))
            moment += timedelta(milliseconds=1)
    return job_id


def listed(gateway: Gateway, key: str, query: str = "") -> dict[str, Any]:
    body: dict[str, Any] = gateway.call("GET", f"/v1/quarantine{query}", key).json()
    return body


class TestQuarantine:
    def test_tells_what_could_not_be_read_and_why(self, gateway: Gateway, key: str) -> None:
        job = failed(gateway, "a.pdf", source="hr")
        (item,) = listed(gateway, key)["data"]
        assert (item["job_id"], item["source"], item["source_id"]) == (job, "hr", "a.pdf")
        assert (item["name"], item["message"]) == ("unreadable_file", "`a.pdf` is damaged.")
        assert item["created_at"] and item["can_retry"] is False

    def test_comes_in_pages_the_newest_first(self, gateway: Gateway, key: str) -> None:
        failed(gateway, "a", "b", "c", ago=5)
        failed(gateway, "d", "e")
        first = listed(gateway, key, "?limit=3")
        rest = listed(gateway, key, f"?limit=3&cursor={first['next_cursor']}")
        assert [each["source_id"] for each in first["data"] + rest["data"]] == ["e", "d", "c", "b", "a"]
        assert rest["next_cursor"] is None

    def test_leaves_out_what_came_in_since(self, gateway: Gateway, key: str) -> None:
        failed(gateway, "a", "b", ago=5)
        gateway.put("acme", "a", "text")
        failed(gateway, "late")
        assert [each["source_id"] for each in listed(gateway, key)["data"]] == ["late", "b"]

    def test_names_what_failed_again_once(self, gateway: Gateway, key: str) -> None:
        failed(gateway, "a", ago=5)
        again = failed(gateway, "a")
        elsewhere = failed(gateway, "a", source="crm", ago=9)
        assert [each["job_id"] for each in listed(gateway, key)["data"]] == [again, elsewhere]

    def test_keeps_apart_lines_of_different_files(self, gateway: Gateway, key: str) -> None:
        failed(gateway, "line 5", ago=5)
        failed(gateway, "line 5")
        assert len(listed(gateway, key)["data"]) == 2

    def test_is_the_tenants_own_and_for_editors(self, gateway: Gateway, key: str) -> None:
        failed(gateway, "theirs", slug="other")
        assert listed(gateway, key)["data"] == []
        assert gateway.call("GET", "/v1/quarantine", gateway.key("acme", "member")).status_code == 403
