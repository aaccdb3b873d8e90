from __future__ import annotations

import json
import stat
from typing import Any

import pytest

from tests.serve.gateway import Gateway
from tests.vernacular.fetching.listener import NAMES, hostile_addresses
from vernacular.db.models import JobRow
from vernacular.tenancy import TenantScope

NDJSON = {"content-type": "application/x-ndjson"}


def spec_of(gateway: Gateway, job_id: str) -> dict[str, Any]:
    with gateway.services.database.read() as session:
        row = TenantScope(session, gateway.tenants["acme"]).get(JobRow, job_id)
    assert row is not None
    return row.spec


def sent(gateway: Gateway, job_id: str) -> dict[str, bytes]:
    folder = gateway.services.settings.uploads_path / job_id
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def uploads(gateway: Gateway) -> list[str]:
    folder = gateway.services.settings.uploads_path
    return [path.name for path in folder.iterdir()] if folder.exists() else []


class TestRecords:
    def test_are_kept_as_sent_for_the_worker(self, gateway: Gateway, key: str) -> None:
        body = '{"id": "1", "text": "你好"}\n{"id": "2", "text": "مرحبا"}\n'.encode()
        response = gateway.call("POST", "/v1/documents?source=crm&sync=true", key, content=body, headers=NDJSON)
        assert response.status_code == 202
        job_id = response.json()["job_id"]
        assert spec_of(gateway, job_id) == {
            "source": "crm",
            "sync": True,
            "items": [{"kind": "records", "file": "records.ndjson"}],
        }
        assert sent(gateway, job_id) == {"records.ndjson": body}

    def test_are_written_in_order_however_they_come(self, gateway: Gateway, key: str) -> None:
        line = json.dumps({"id": "1", "text": "x" * 50_000}).encode() + b"\n"
        pieces = (line for _ in range(60))
        job_id = gateway.call("POST", "/v1/documents", key, content=pieces, headers=NDJSON).json()["job_id"]
        assert sent(gateway, job_id) == {"records.ndjson": line * 60}
        assert spec_of(gateway, job_id)["source"] == "api"

    @pytest.mark.parametrize("body", [b"", b" \n\n \n"])
    def test_must_be_some(self, gateway: Gateway, key: str, body: bytes) -> None:
        response = gateway.call("POST", "/v1/documents", key, content=body, headers=NDJSON)
        assert (response.status_code, response.json()["error"]["name"]) == (400, "empty_file")
        assert uploads(gateway) == []

    def test_refuse_an_option_there_is_not(self, gateway: Gateway, key: str) -> None:
        response = gateway.call("POST", "/v1/documents?sinc=true", key, content=b"{}", headers=NDJSON)
        assert response.json()["error"]["message"] == "`sinc` is not a field of this request."
        assert uploads(gateway) == []


class TestFiles:
    def test_are_kept_under_names_of_our_own(self, gateway: Gateway, key: str) -> None:
        files = [("file", ("../../etc/费用.txt", b"one", "text/plain")), ("file", ("b.pdf", b"two", "application/pdf"))]
        job_id = gateway.call("POST", "/v1/documents", key, files=files).json()["job_id"]
        assert sent(gateway, job_id) == {"0001": b"one", "0002": b"two"}
        spec = spec_of(gateway, job_id)
        assert (spec["source"], spec["sync"]) == ("api", False)
        first, second = spec["items"]
        assert first == {
            "kind": "file",
            "file": "0001",
            "filename": "etc/费用.txt",
            "media_type": "text/plain",
            "source_id": "etc/费用.txt",
        }
        assert (second["filename"], second["media_type"]) == ("b.pdf", "application/pdf")

    def test_can_be_read_by_the_product_alone(self, gateway: Gateway, key: str) -> None:
        job_id = gateway.call("POST", "/v1/documents", key, files={"file": ("a.txt", b"x")}).json()["job_id"]
        folder = gateway.services.settings.uploads_path / job_id
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def test_are_described_by_the_forms_fields(self, gateway: Gateway, key: str) -> None:
        fields = {
            "source": "hr",
            "sync": "true",
            "groups": '["hr", "legal"]',
            "metadata": '{"year": 2026}',
            "valid_from": "2026-01-01",
            "language": "es-MX",
            "title": "",
        }
        job_id = gateway.call("POST", "/v1/documents", key, files={"file": ("a.txt", b"x")}, data=fields).json()[
            "job_id"
        ]
        spec = spec_of(gateway, job_id)
        assert (spec["source"], spec["sync"]) == ("hr", True)
        assert spec["items"][0]["described"] == {
            "groups": ["hr", "legal"],
            "metadata": {"year": 2026},
            "valid_from": "2026-01-01",
            "language": "es-MX",
        }

    def test_of_a_feed_come_with_its_mapping(self, gateway: Gateway, key: str) -> None:
        mapping = {"id": "sku", "title": "name"}
        request = {"files": {"file": ("shop.csv", b"sku,name\n1,pot\n")}, "data": {"mapping": json.dumps(mapping)}}
        job_id = gateway.call("POST", "/v1/documents", key, **request).json()["job_id"]
        item = spec_of(gateway, job_id)["items"][0]
        assert (item["kind"], item["mapping"]) == ("feed", mapping)

    def test_of_records_are_told_by_their_name(self, gateway: Gateway, key: str) -> None:
        job_id = gateway.call("POST", "/v1/documents", key, files={"file": ("all.JSONL", b"{}")}).json()["job_id"]
        assert spec_of(gateway, job_id)["items"][0]["kind"] == "records"

    def test_an_empty_one_among_others_keeps_none_of_them_out(self, gateway: Gateway, key: str) -> None:
        files = [("file", ("empty.txt", b"")), ("file", ("guide.txt", b"Open from nine."))]
        job_id = gateway.call("POST", "/v1/documents", key, files=files).json()["job_id"]
        assert [item["filename"] for item in spec_of(gateway, job_id)["items"]] == ["empty.txt", "guide.txt"]

    def test_large_ones_arrive_whole(self, gateway: Gateway, key: str) -> None:
        data = bytes(range(256)) * 20_000
        job_id = gateway.call("POST", "/v1/documents", key, files={"file": ("big.bin", data)}).json()["job_id"]
        assert sent(gateway, job_id)["0001"] == data

    @pytest.mark.parametrize(
        ("request_", "says"),
        [
            ({"files": [("f", ("a.txt", b"x")), ("f", ("a.txt", b"y"))]}, "Two files are named `a.txt`."),
            ({"files": {"f": ("a.txt", b"")}}, "The file `a.txt` is empty."),
            ({"files": {"f": ("a.txt", b"x")}, "data": {"groups": "[1]"}}, "`groups[0]` must be a string."),
            ({"files": {"f": ("a.txt", b"x")}, "data": {"groups": '["hr", " "]'}}, "`groups` must hold names."),
            ({"files": {"f": ("a.txt", b"x")}, "data": {"metadata": "{"}}, "The field `metadata` is not valid JSON"),
            ({"files": {"f": ("a.txt", b"x")}, "data": {"group": "hr"}}, "`group` is not a field of this request."),
            ({"files": {"f": ("a.txt", b"x")}, "data": {"valid_until": "soon"}}, "`valid_until` must be a date"),
            ({"files": {"f": ("a.ndjson", b"{}")}, "data": {"groups": "hr"}}, "`groups` describes one document"),
            (
                {"files": {"f": ("a.txt", b"x")}, "data": {"valid_from": "2026-02-01", "valid_until": "2026-01-01"}},
                "`valid_until` must not be before `valid_from`.",
            ),
            (
                {"content": b"--x\r\n", "headers": {"content-type": "multipart/form-data; boundary=x"}},
                "The form cannot be read: it ends too early.",
            ),
            ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, "names no boundary"),
            ({"files": {"f": (None, b"x")}}, "`f` is not a field of this request."),
            (
                {"content": b"--x--\r\n", "headers": {"content-type": "multipart/form-data; boundary=x"}},
                "holds no file",
            ),
            ({"files": {"f": ("a.txt", b"x")}, "data": {"title": "x" * 2_000_000}}, "fields are larger than 1 MB"),
        ],
    )
    def test_refused_leave_nothing_behind(
        self, gateway: Gateway, key: str, request_: dict[str, Any], says: str
    ) -> None:
        response = gateway.call("POST", "/v1/documents", key, **request_)
        assert response.status_code in {400, 413}
        assert says in response.json()["error"]["message"]
        assert uploads(gateway) == []


class TestAddresses:
    def test_are_left_to_the_worker(self, gateway: Gateway, key: str) -> None:
        body = {"uri": "HTTPS://City.example.org/Fees#top", "source": "web", "sync": True, "groups": ["staff"]}
        response = gateway.call("POST", "/v1/documents", key, json=body)
        assert response.status_code == 202
        item = {"kind": "url", "uri": "https://city.example.org/Fees", "described": {"groups": ["staff"]}}
        assert spec_of(gateway, response.json()["job_id"]) == {"source": "web", "sync": True, "items": [item]}

    def test_may_be_several_each_once(self, gateway: Gateway, key: str) -> None:
        addresses = [f"https://city.example.org/{name}" for name in ("a", "b", "a")]
        job_id = gateway.call("POST", "/v1/documents", key, json={"uris": addresses}).json()["job_id"]
        assert [item["uri"] for item in spec_of(gateway, job_id)["items"]] == addresses[:2]

    def test_that_lead_inside_are_refused_at_once(self, gateway: Gateway, key: str) -> None:
        taken = []
        for address in hostile_addresses(80):
            response = gateway.call("POST", "/v1/documents", key, json={"uris": ["https://example.org/", address]})
            if response.status_code == 202:
                taken.append(address)
            else:
                assert (response.status_code, response.json()["error"]["name"]) == (400, "fetch_refused")
        # Of these only asking for the name tells where they lead, which the worker does.
        assert set(taken) == {f"http://{name}:80/" for name in NAMES if name != "example.com"}
        assert len(uploads(gateway)) == len(taken)

    @pytest.mark.parametrize(
        ("body", "says"),
        [
            ({}, "names no address"), ({"uri": ""}, "names no address"), ([], "must be a JSON object"),
            ({"uri": "https://example.org/", "mapping": {"id": "a"}}, "`mapping`"), ({"url": "x"}, "`url` is not a field"),
            ({"uri": 1}, "`uri` must be a string"), ({"uris": ["https://example.org/"] * 1001}, "at most 1000"),
        ],
    )  # fmt: skip
    def test_must_be_as_told(self, gateway: Gateway, key: str, body: Any, says: str) -> None:
        response = gateway.call("POST", "/v1/documents", key, json=body)
        assert response.status_code == 400
        assert says in response.json()["error"]["message"]
        assert uploads(gateway) == []

    @pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b'{"uri": "' + b"x" * 1_100_000 + b'"}', 413)])
    def test_must_come_as_json_of_a_moderate_size(self, gateway: Gateway, key: str, body: bytes, status: int) -> None:
        headers = {"content-type": "application/json"}
        assert gateway.call("POST", "/v1/documents", key, content=body, headers=headers).status_code == status
        assert uploads(gateway) == []

    def test_are_an_editor_s_to_send(self, gateway: Gateway) -> None:
        member = gateway.key("acme", "member")
        assert gateway.call("POST", "/v1/documents", member, json={"uri": "https://example.org/"}).status_code == 403


class TestList:
    def test_goes_through_all_in_pages(self, gateway: Gateway, key: str) -> None:
        ids = [gateway.put("acme", f"d{number}", "text") for number in range(7)]
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = gateway.call("GET", f"/v1/documents?limit=3&cursor={cursor}", key).json()
            assert len(page["documents"]) <= 3
            seen += [document["document_id"] for document in page["documents"]]
            cursor = page["next_cursor"]
        assert seen == ids[::-1]

    def test_shows_heads_without_texts(self, gateway: Gateway, key: str) -> None:
        gateway.put("acme", "a", "a long text", title="A", attributes={"year": 2026})
        document = gateway.call("GET", "/v1/documents", key).json()["documents"][0]
        assert (document["source_id"], document["title"], document["metadata"]) == ("a", "A", {"year": 2026})
        assert (document["characters"], document["chunks"], document["has_original"]) == (11, 1, False)
        assert "text" not in document

    def test_leaves_out_what_the_caller_may_not_read(self, gateway: Gateway) -> None:
        for number in range(9):
            gateway.put("acme", f"d{number}", "text", groups=["hr"] if number % 3 else [])
        gateway.put("other", "theirs", "text")
        member = gateway.key("acme", "member", ["it"])
        page = gateway.call("GET", "/v1/documents?limit=2", member).json()
        rest = gateway.call("GET", f"/v1/documents?limit=2&cursor={page['next_cursor']}", member).json()
        listed = [document["source_id"] for document in page["documents"] + rest["documents"]]
        assert listed == ["d6", "d3", "d0"]
        assert rest["next_cursor"] is None

    def test_can_be_of_one_source(self, gateway: Gateway, key: str) -> None:
        gateway.put("acme", "a", "text")
        assert len(gateway.call("GET", "/v1/documents?source=test", key).json()["documents"]) == 1
        assert gateway.call("GET", "/v1/documents?source=crm", key).json()["documents"] == []


class TestContent:
    def test_is_the_text_and_where_its_parts_are(self, gateway: Gateway, key: str) -> None:
        structure = {
            "pages": [{"number": 1, "start": 0, "end": 4, "label": ""}],
            "headings": [{"level": 1, "start": 0, "end": 4}],
        }
        document_id = gateway.put("acme", "a", "费用 450", title="A", structure=structure)
        content = gateway.call("GET", f"/v1/documents/{document_id}/content", key).json()
        assert (content["document_id"], content["title"], content["text"]) == (document_id, "A", "费用 450")
        assert (content["pages"], content["headings"], content["tables"]) == (*structure.values(), [])

    def test_of_the_original_is_never_shown_in_the_gateways_own_name(self, gateway: Gateway, key: str) -> None:
        html = b"<script>alert(1)</script>"
        digest = gateway.keep("acme", html)
        document_id = gateway.put("acme", "a", "alert", filename="x/费用.html", original=digest)
        response = gateway.call("GET", f"/v1/documents/{document_id}/content?format=original", key)
        assert response.content == html
        assert response.headers["content-disposition"] == "attachment; filename*=UTF-8''%E8%B4%B9%E7%94%A8.html"
        assert response.headers["x-content-type-options"] == "nosniff"

    def test_of_an_original_there_is_not_says_so(self, gateway: Gateway, key: str) -> None:
        document_id = gateway.put("acme", "a", "text")
        response = gateway.call("GET", f"/v1/documents/{document_id}/content?format=original", key)
        assert response.json()["error"]["message"] == "This document has no original: it was sent as text."

    @pytest.mark.parametrize("path", ["", "/content", "/content?format=original"])
    def test_of_what_the_caller_may_not_read_is_not_there(self, gateway: Gateway, path: str) -> None:
        document_id = gateway.put("acme", "salaries", "board: 1,000,000", groups=["hr"])
        strangers = [
            gateway.key("other"),
            gateway.key("other", "member", ["hr"]),
            gateway.key("acme", "member", ["it"]),
            gateway.key("acme", "public"),
        ]
        for stranger in strangers:
            response = gateway.call("GET", f"/v1/documents/{document_id}{path}", stranger)
            assert (response.status_code, response.json()["error"]["name"]) == (404, "unknown_document")
            assert "1,000,000" not in response.text
        assert (
            gateway.call("GET", f"/v1/documents/{document_id}", gateway.key("acme", "member", ["hr"])).status_code
            == 200
        )


class TestDelete:
    def test_removes_the_text_the_passages_and_the_original(self, whole: Gateway) -> None:
        key = whole.key("acme")
        digest = whole.keep("acme", b"the file")
        document_id = whole.put("acme", "a", "A parking permit costs 450.", original=digest)
        response = whole.call("DELETE", f"/v1/documents/{document_id}", key)
        assert response.json() == {"document_id": document_id, "deleted": True}
        assert whole.call("GET", f"/v1/documents/{document_id}/content", key).status_code == 404
        assert whole.call("POST", "/v1/search", key, json={"query": "parking permit"}).json()["hits"] == []
        assert [path for path in whole.services.settings.blobs_path.rglob("*") if path.is_file()] == []

    def test_never_reaches_another_tenants(self, gateway: Gateway, key: str) -> None:
        foreign = gateway.put("other", "theirs", "text")
        assert gateway.call("DELETE", f"/v1/documents/{foreign}", key).status_code == 404
        assert gateway.call("GET", f"/v1/documents/{foreign}", gateway.key("other")).status_code == 200
