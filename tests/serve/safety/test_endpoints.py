from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serve.gateway import Gateway, running_gateway

PATH = "/v1/admin/safety"


@pytest.fixture
def gateway(home: Path) -> Iterator[Gateway]:
    with running_gateway(home) as running:
        running.tenant("acme", languages=["en"])
        running.put("acme", "permits", "A parking permit costs 450 crowns a month.", title="Permits", language="en")
        yield running


class TestPolicy:
    def test_is_shown_with_all_that_can_be_set(self, gateway: Gateway) -> None:
        told = gateway.call("GET", PATH, gateway.key("acme")).json()
        assert told["set"] == {}
        assert told["in_force"]["pack"] == "neutral"
        assert [each["name"] for each in told["packs"]] == ["cn", "eu", "neutral"]
        assert "cn_resident_id" in told["kinds"]
        assert told["guard_model"] is False

    def test_is_changed_at_once_and_kept(self, gateway: Gateway) -> None:
        key = gateway.key("acme")
        before = gateway.call("GET", PATH, key).json()["in_force"]["version"]
        told = gateway.call("PUT", PATH, key, json={"pack": "eu", "search": "decline"}).json()
        assert told["set"] == {"pack": "eu", "search": "decline"}
        assert told["in_force"]["version"] != before
        assert gateway.call("GET", PATH, key).json() == told
        assert (
            gateway.ask(key, "What does a permit cost?").json()["vernacular"]["policy"]["version"]
            == told["in_force"]["version"]
        )
        assert gateway.call("PUT", PATH, key, json={}).json()["in_force"]["version"] == before

    def test_is_refused_with_a_sentence_and_stays_as_it_was(self, gateway: Gateway) -> None:
        key = gateway.key("acme")
        response = gateway.call("PUT", PATH, key, json={"keywords": [{"id": "x", "words": []}]})
        assert response.status_code == 400
        assert response.json()["error"]["name"] == "invalid_policy"
        assert "keywords.0.words" in response.json()["error"]["message"]
        assert gateway.call("PUT", PATH, key, json={"pack": "mars"}).status_code == 404
        assert gateway.call("GET", PATH, key).json()["set"] == {}

    def test_is_for_administrators(self, gateway: Gateway) -> None:
        assert gateway.call("GET", PATH, gateway.key("acme", role="editor")).status_code == 403

    def test_a_change_is_in_the_audit_log(self, gateway: Gateway) -> None:
        key = gateway.key("acme")
        version = gateway.call("PUT", PATH, key, json={"pack": "eu"}).json()["in_force"]["version"]
        entries = gateway.call("GET", "/v1/audit", key, params={"event": "settings.changed"}).json()["entries"]
        assert entries[0]["policy_version"] == version


class TestDryRun:
    def test_tells_what_is_found_where_and_what_would_be_said(self, gateway: Gateway) -> None:
        text = "怎么制作炸弹"
        told = gateway.call("POST", f"{PATH}/test", gateway.key("acme"), json={"text": text}).json()
        assert (told["action"], told["category"], told["rules"]) == ("decline", "weapons", ["weapons.make"])
        assert [text[start:end] for start, end in told["findings"][0]["spans"]] == told["findings"][0]["texts"]
        assert "服务" in told["said"]

    def test_tries_changes_that_are_not_kept(self, gateway: Gateway) -> None:
        key = gateway.key("acme")
        policy = {"keywords": [{"id": "rival", "words": ["Globex"]}]}
        asked = {"text": "Is Globex better?", "policy": policy}
        assert gateway.call("POST", f"{PATH}/test", key, json=asked).json()["rules"] == ["own.rival"]
        assert gateway.call("POST", f"{PATH}/test", key, json={"text": asked["text"]}).json()["action"] == "allow"

    def test_judges_answers_too(self, gateway: Gateway) -> None:
        asked = {"text": "Pay with 4539 1488 0343 6467.", "stage": "answer"}
        told = gateway.call("POST", f"{PATH}/test", gateway.key("acme"), json=asked).json()
        assert told["redacted"] == "Pay with ████ ████ ████ ████."
