from __future__ import annotations

from tests.serve.gateway import Gateway


class TestSources:
    def test_tell_how_much_there_is_of_each_and_its_last_job(self, gateway: Gateway, key: str) -> None:
        gateway.put("acme", "a", "text", bytes=40)
        gateway.put("acme", "b", "text", bytes=2)
        gateway.put("other", "c", "text", bytes=9)
        job = gateway.call("POST", "/v1/documents", key, files={"file": ("a.txt", b"x")}, data={"source": "hr"}).json()
        hr, test = gateway.call("GET", "/v1/sources", key).json()["data"]
        assert (test["source"], test["documents"], test["bytes"], test["last_job"]) == ("test", 2, 42, None)
        assert test["updated_at"]
        assert (hr["source"], hr["documents"], hr["bytes"], hr["updated_at"]) == ("hr", 0, 0, None)
        assert (hr["last_job"]["job_id"], hr["last_job"]["state"]) == (job["job_id"], "queued")

    def test_are_none_at_first(self, gateway: Gateway, key: str) -> None:
        assert gateway.call("GET", "/v1/sources", key).json() == {"data": []}

    def test_are_for_editors(self, gateway: Gateway) -> None:
        assert gateway.call("GET", "/v1/sources", gateway.key("acme", "member")).status_code == 403


class TestTitles:
    def test_narrow_the_list_of_documents(self, gateway: Gateway, key: str) -> None:
        gateway.put("acme", "a", "text", title="Library Card")
        gateway.put("acme", "b", "text", filename="fees/card-2026.pdf")
        gateway.put("acme", "c", "text", title="100% wool")
        names = {
            wanted: [
                each["source_id"]
                for each in gateway.call("GET", "/v1/documents", key, params={"title": wanted}).json()["documents"]
            ]
            for wanted in ("CARD", "100%", "%")
        }
        assert names == {"CARD": ["b", "a"], "100%": ["c"], "%": ["c"]}
