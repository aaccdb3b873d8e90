from __future__ import annotations

from typing import Any

import pytest

from tests.serve.gateway import Gateway
from vernacular.db.base import now
from vernacular.db.models import JobRow
from vernacular.tenancy import TenantScope
from vernacular.uploads import drop_uploads


def sent(gateway: Gateway, key: str, **fields: str) -> str:
    job_id: str = gateway.call("POST", "/v1/documents", key, files={"file": ("a.txt", b"words")}, data=fields).json()[
        "job_id"
    ]
    return job_id


def end(gateway: Gateway, job_id: str, state: str = "failed", **columns: Any) -> str:
    with gateway.services.database.write() as session:
        row = TenantScope(session, gateway.tenants["acme"]).get(JobRow, job_id)
        assert row is not None
        row.state, row.finished_at = state, now()
        for name, value in columns.items():
            setattr(row, name, value)
    return job_id


def retried(gateway: Gateway, key: str, job_id: str) -> Any:
    return gateway.call("POST", f"/v1/jobs/{job_id}/retry", key)


class TestRetry:
    def test_runs_the_same_again_as_a_new_job(self, gateway: Gateway, key: str) -> None:
        job_id = end(gateway, sent(gateway, key, source="hr", language="es"))
        assert gateway.call("GET", f"/v1/jobs/{job_id}", key).json()["can_retry"] is True
        response = retried(gateway, key, job_id)
        assert response.status_code == 202
        again = response.json()["job_id"]
        with gateway.services.database.read() as session:
            scope = TenantScope(session, gateway.tenants["acme"])
            first, second = scope.get(JobRow, job_id), scope.get(JobRow, again)
        assert first is not None and second is not None
        assert (second.spec, second.state, again == job_id) == (first.spec, "queued", False)
        folder = gateway.services.settings.uploads_path
        drop_uploads(gateway.services.settings, [job_id])
        assert (folder / again / "0001").read_bytes() == b"words"
        assert "job.retried" in gateway.audited("acme")

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ({"kind": "reindex"}, "Only jobs that take documents in are run again."),
            (
                {"spec": {"source": "approved-answers", "items": [{"kind": "records", "file": "0001"}]}},
                "What this job took in may have been changed since: save the approved answer again.",
            ),
            ({"spec": {"source": "s", "items": []}}, "What was sent for this job is no longer held."),
            (
                {"spec": {"source": "s", "items": [{"kind": "path", "path": "/srv/documents"}]}},
                "This job read files of the server: `vernacular ingest` reads them again.",
            ),
        ],
    )
    def test_of_what_cannot_be_run_again_says_why(
        self, gateway: Gateway, key: str, change: dict[str, Any], says: str
    ) -> None:
        job_id = end(gateway, sent(gateway, key), **change)
        before = set(gateway.services.settings.uploads_path.iterdir())
        response = retried(gateway, key, job_id)
        assert (response.status_code, response.json()["error"]["message"]) == (409, says)
        assert set(gateway.services.settings.uploads_path.iterdir()) == before

    def test_of_what_is_under_way_says_so(self, gateway: Gateway, key: str) -> None:
        error = retried(gateway, key, sent(gateway, key)).json()["error"]
        assert (error["name"], error["message"]) == ("conflict", "The job has not ended.")

    def test_of_what_is_no_longer_held_says_so(self, gateway: Gateway, key: str) -> None:
        job_id = end(gateway, sent(gateway, key))
        drop_uploads(gateway.services.settings, [job_id])
        error = retried(gateway, key, job_id).json()["error"]
        assert error["message"] == "What was sent for this job is no longer held."
        assert "Send the files again" in error["hint"]

    def test_never_takes_back_what_a_later_job_has_brought(self, gateway: Gateway, key: str) -> None:
        job_id = end(gateway, sent(gateway, key, source="hr", sync="true"))
        sent(gateway, key, source="crm", sync="true")
        assert retried(gateway, key, job_id).status_code == 202
        first = end(gateway, sent(gateway, key, source="law", sync="true"))
        sent(gateway, key, source="law", sync="true")
        assert "brought this source up to date" in retried(gateway, key, first).json()["error"]["message"]

    def test_of_anothers_job_is_not_there(self, gateway: Gateway, key: str) -> None:
        job_id = end(gateway, sent(gateway, key))
        assert retried(gateway, gateway.key("other"), job_id).status_code == 404
        assert retried(gateway, gateway.key("acme", "member"), job_id).status_code == 403

    @pytest.mark.parametrize("path", ["/v1/documents/{}", "/v1/admin/documents/{}"])
    def test_ends_when_a_document_of_the_source_is_deleted(self, whole: Gateway, path: str) -> None:
        key = whole.key("acme")
        job_id = end(whole, sent(whole, key, source="test"))
        other = end(whole, sent(whole, key, source="hr"))
        assert whole.call("DELETE", path.format(whole.put("acme", "d", "A permit costs 450.")), key).status_code == 200
        assert retried(whole, key, job_id).status_code == 409
        assert retried(whole, key, other).status_code == (202 if "admin" not in path else 409)
