from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from tests.serve.gateway import Gateway
from vernacular.access.scopes import Scope
from vernacular.audit.verify_audit import verify_consistency, verify_inclusion
from vernacular.tenancy import TenantScope

FEE = "The parking permit costs 450 dollars a month."


def log(gateway: Gateway, key: str, **wanted: Any) -> list[dict[str, Any]]:
    response = gateway.call("GET", "/v1/audit", key, params=wanted)
    assert response.status_code == 200, response.text
    entries: list[dict[str, Any]] = response.json()["entries"]
    return entries


def audit_key(gateway: Gateway, slug: str) -> str:
    with gateway.services.database.write() as session:
        scope = TenantScope(session, gateway.tenants[slug])
        return gateway.ring.issue(scope, role="admin", scopes=(Scope.audit,))


class TestWhatIsLogged:
    def test_a_question_and_its_answer(self, whole: Gateway) -> None:
        key = whole.key("acme")
        document = whole.put("acme", "fees", FEE)
        asked = whole.ask(key, "What does the parking permit cost?", user="rita@example.org").json()
        # What writes nothing itself is gathered: numbers tell the order of writing, `ts` that of events.
        question, answered = sorted(log(whole, key, event="chat.", content=True), key=lambda entry: entry["ts"])
        assert (question["event"], answered["event"]) == ("chat.asked", "chat.answered")
        assert question["content"] == {"question": "What does the parking permit cost?"}
        assert FEE in answered["content"]["answer"]
        assert (answered["decision"], answered["facts"]["cited"], answered["quotes"]) == (
            "allowed",
            [document],
            [document],
        )
        assert len(answered["retrieved"]) == 1
        assert answered["facts"]["conversation"] == asked["vernacular"]["conversation_id"]
        assert question["subject"] == answered["subject"]
        assert "rita" not in json.dumps(log(whole, key))

    def test_a_decline(self, whole: Gateway) -> None:
        key = whole.key("acme")
        whole.ask(key, "Who was the first mayor of Atlantis?")
        (declined,) = log(whole, key, event="chat.declined")
        assert (declined["decision"], declined["facts"]["reason"]) == ("declined", "empty_index")

    def test_a_search_with_what_it_found(self, whole: Gateway) -> None:
        key = whole.key("acme")
        document = whole.put("acme", "fees", FEE)
        whole.call("POST", "/v1/search", key, json={"query": "parking permit"})
        (entry,) = log(whole, key, event="search.answered", content=True)
        assert entry["content"] == {"query": "parking permit"}
        assert entry["facts"]["documents"] == [document]
        assert entry["actor"]["role"] == "admin"

    def test_documents_sent_read_and_deleted(self, whole: Gateway) -> None:
        key = whole.key("acme")
        document = whole.put("acme", "fees", FEE)
        sent = whole.call(
            "POST",
            "/v1/documents",
            key,
            content=b'{"id": "1", "text": "x"}',
            headers={"content-type": "application/x-ndjson"},
        )
        assert sent.status_code == 202
        whole.call("GET", f"/v1/documents/{document}/content", key)
        whole.call("DELETE", f"/v1/documents/{document}", key)
        whole.call("DELETE", f"/v1/jobs/{sent.json()['job_id']}", key)
        by_name = {entry["event"]: entry["facts"] for entry in log(whole, key)}
        assert by_name["document.sent"]["job"] == by_name["job.cancelled"]["job"] == sent.json()["job_id"]
        assert by_name["document.read"] == {"document": document, "format": "text"}
        assert by_name["document.deleted"] == {"documents": [document]}

    def test_a_change_of_settings(self, whole: Gateway) -> None:
        key = whole.key("acme")
        whole.call("PUT", "/v1/admin/dialects/settings", key, json={"preferences": {"answer_in": "standard"}})
        whole.call("PUT", "/v1/admin/retention", key, json={"conversations_days": 30})
        sections = [entry["facts"]["section"] for entry in log(whole, key, event="settings.changed")]
        assert sections == ["retention", "dialects"]

    def test_who_reads_the_conversation_of_someone_else(self, whole: Gateway) -> None:
        whole.put("acme", "fees", FEE)
        asked = whole.ask(whole.key("acme", "member"), "What does the parking permit cost?").json()
        admin = whole.key("acme")
        path = f"/v1/conversations/{asked['vernacular']['conversation_id']}"
        assert whole.call("GET", path, admin).status_code == 200
        assert whole.call("GET", f"{path}/export", admin).status_code == 200
        assert [entry["event"] for entry in log(whole, admin, event="conversation.")] == [
            "conversation.exported",
            "conversation.read",
            "conversation.read",
        ]


class TestReading:
    def test_is_itself_an_entry(self, whole: Gateway) -> None:
        key = whole.key("acme")
        log(whole, key, content=True)
        (entry,) = log(whole, key, event="audit.read")
        assert entry["facts"]["content"] is True

    def test_goes_page_by_page(self, whole: Gateway) -> None:
        key = whole.key("acme")
        for number in range(5):
            whole.call("POST", "/v1/search", key, json={"query": f"number {number}"})
        first = whole.call("GET", "/v1/audit", key, params={"limit": 3, "event": "search."}).json()
        second = log(whole, key, limit=3, event="search.", before=first["next_before"])
        assert [entry["seq"] for entry in [*first["entries"], *second]] == [4, 3, 2, 1, 0]

    def test_is_for_administrators_and_keys_of_that_scope(self, whole: Gateway) -> None:
        for role in ("editor", "member", "public"):
            assert whole.call("GET", "/v1/audit", whole.key("acme", role)).status_code == 403
        limited = audit_key(whole, "acme")
        whole.call("POST", "/v1/search", whole.key("acme"), json={"query": "anything"})
        (entry,) = log(whole, limited, event="search.")
        assert entry["content"] is None
        refused = whole.call("GET", "/v1/audit", limited, params={"content": True})
        assert refused.status_code == 403
        assert "without its content" in refused.json()["error"]["message"]

    def test_shows_no_other_tenants(self, whole: Gateway) -> None:
        whole.call("POST", "/v1/search", whole.key("other"), json={"query": "anything"})
        assert log(whole, whole.key("acme")) == []

    def test_names_keys_for_administrators_who_read_content(self, whole: Gateway) -> None:
        with whole.services.database.write() as session:
            key = whole.ring.issue(TenantScope(session, whole.tenants["acme"]), role="admin", name="front desk")
        whole.call("POST", "/v1/search", key, json={"query": "anything"})
        (entry,) = log(whole, key, event="search.", content=True)
        assert entry["actor"]["name"] == "front desk"


class TestProofs:
    def test_hold_against_a_checkpoint(self, whole: Gateway) -> None:
        key = whole.key("acme")
        audit, tenant = whole.services.audit, whole.tenants["acme"]
        sizes = []
        for count in (3, 4):
            for number in range(count):
                whole.call("POST", "/v1/search", key, json={"query": f"number {number}"})
            made = audit.checkpoint(tenant)
            assert made is not None
            sizes.append(made.size)
        points = whole.call("GET", "/v1/audit/checkpoints", key).json()["checkpoints"]
        new, old = ((point["size"], bytes.fromhex(point["root"])) for point in points)
        assert [old[0], new[0]] == sizes
        entry = log(whole, key, before=3, limit=1)[0]
        proof = whole.call("GET", "/v1/audit/inclusion", key, params={"seq": 2, "size": new[0]}).json()
        assert proof["leaf"] == entry["h"]
        nodes = [bytes.fromhex(node) for node in proof["proof"]]
        assert verify_inclusion(bytes.fromhex(entry["h"]), 2, new[0], nodes, new[1])
        proof = whole.call("GET", "/v1/audit/consistency", key, params={"first": old[0], "second": new[0]}).json()
        assert verify_consistency(*old, *new, [bytes.fromhex(node) for node in proof["proof"]])

    def test_are_not_to_be_had_of_what_is_not_there(self, whole: Gateway) -> None:
        key = whole.key("acme")
        assert whole.call("GET", "/v1/audit/inclusion", key, params={"seq": 0}).status_code == 404
        log(whole, key)
        whole.services.audit.flush()
        assert whole.call("GET", "/v1/audit/inclusion", key, params={"seq": 9}).status_code == 404
        assert whole.call("GET", "/v1/audit/consistency", key, params={"first": 5, "second": 9}).status_code == 404


class TestExport:
    def test_verifies_by_itself(self, whole: Gateway, tmp_path: Path) -> None:
        key = whole.key("acme")
        whole.call("POST", "/v1/search", key, json={"query": "anything"})
        sent = whole.call("GET", "/v1/audit/export", key)
        assert sent.headers["content-type"] == "application/zip"
        zipfile.ZipFile(io.BytesIO(sent.content)).extractall(tmp_path)
        command = [sys.executable, "-I", str(tmp_path / "verify_audit.py"), str(tmp_path), "--json"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        report = json.loads(ended.stdout)
        assert (ended.returncode, report["entries"], report["signed"]) == (0, 2, 2)
        told = whole.call("GET", "/v1/audit/public-key").json()
        assert [told["key"]] == report["keys"]
        assert told["pem"].encode() == (tmp_path / "public-keys.pem").read_bytes()
        assert [entry["event"] for entry in log(whole, key)] == ["audit.exported", "search.answered"]

    def test_verify_says_that_all_is_whole(self, whole: Gateway) -> None:
        key = whole.key("acme")
        whole.call("POST", "/v1/search", key, json={"query": "anything"})
        told = whole.call("GET", "/v1/audit/verify", key).json()
        assert (told["whole"], told["signed"], told["findings"]) == (True, 1, [])
