from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from tests.serve.fakes import QUOTE, FakeRag
from tests.serve.gateway import Gateway


def found(gateway: Gateway, key: str, query: str, **more: Any) -> list[str]:
    response = gateway.call("POST", "/v1/search", key, json={"query": query, **more})
    assert response.status_code == 200, response.text
    return [hit["source_id"] for hit in response.json()["hits"]]


class TestResponse:
    def test_has_the_shape_of_the_contract(self, gateway: Gateway, key: str) -> None:
        body = gateway.call("POST", "/v1/search", key, json={"query": "fee"}).json()
        query: dict[str, Any] = {
            "language": "en",
            "dialect": None,
            "detected": None,
            "normalized": "fee",
            "expansions": [],
            "understood": [],
        }
        assert body["query"] == query
        assert body["took_ms"] >= 0
        hit = body["hits"][0]
        assert (hit["rank"], hit["document_id"], hit["source_id"], hit["chunk_id"]) == (1, "d1", "permits", "c1")
        assert (hit["title"], hit["text"], hit["metadata"]) == ("Permits", QUOTE, {"kind": "fee"})
        assert [hit["text"][start:end] for start, end in hit["highlights"]] == ["parking permit"]

    def test_never_tells_a_score(self, gateway: Gateway, key: str) -> None:
        response = gateway.call("POST", "/v1/search", key, json={"query": "fee"})
        assert "score" not in response.text
        assert "17.25" not in response.text

    def test_hands_on_what_was_asked_for(self, gateway: Gateway, key: str, rag: FakeRag) -> None:
        found(gateway, key, " fee ", top_k=3, filters={"price": {"lte": 5}}, dialect="es-MX", on="2026-02-01")
        asked = rag.asked[0]
        assert asked.question == "fee"
        assert asked.options == {
            "top_k": 3,
            "filters": {"price": {"lte": 5}},
            "dialect": "es-MX",
            "on": date(2026, 2, 1),
        }


class TestWithTheRealPipeline:
    def test_finds_and_highlights(self, whole: Gateway) -> None:
        whole.put("acme", "permits", "A parking permit costs 450 dollars a month.")
        whole.put("acme", "dogs", "A dog licence lasts three years.")
        body = whole.call("POST", "/v1/search", whole.key("acme"), json={"query": "parking permit"}).json()
        hit = body["hits"][0]
        assert hit["source_id"] == "permits"
        assert any("parking" in hit["text"][start:end] for start, end in hit["highlights"])

    def test_never_finds_another_tenants_passages(self, whole: Gateway) -> None:
        whole.put("other", "theirs", "A parking permit costs 450 dollars a month.")
        response = whole.call("POST", "/v1/search", whole.key("acme"), json={"query": "parking permit"})
        assert response.json()["hits"] == []
        assert "450" not in response.text

    def test_finds_a_groups_passages_for_its_people_and_editors(self, whole: Gateway) -> None:
        whole.put("acme", "salaries", "The salary table of the board.", groups=["hr"])
        assert found(whole, whole.key("acme", "member", ["hr"]), "salary table") == ["salaries"]
        assert found(whole, whole.key("acme", "editor"), "salary table") == ["salaries"]
        for stranger in (whole.key("acme", "member", ["it"]), whole.key("acme", "member"), whole.key("acme", "public")):
            assert found(whole, stranger, "salary table") == []

    def test_finds_only_what_is_valid_on_the_day(self, whole: Gateway) -> None:
        yesterday = date.today() - timedelta(days=1)  # noqa: DTZ011
        whole.put("acme", "old", "The permit fee is 400.", valid_until=yesterday)
        whole.put("acme", "new", "The permit fee is 450.", valid_from=yesterday + timedelta(days=1))
        key = whole.key("acme")
        assert found(whole, key, "permit fee") == ["new"]
        assert found(whole, key, "permit fee", on=yesterday.isoformat()) == ["old"]

    def test_filters_on_metadata(self, whole: Gateway) -> None:
        whole.put("acme", "cheap", "A red teapot.", attributes={"price": 20, "stock": True})
        whole.put("acme", "dear", "A red teapot of silver.", attributes={"price": 900, "stock": False})
        key = whole.key("acme")
        assert found(whole, key, "red teapot", filters={"price": {"lte": 100}}) == ["cheap"]
        assert found(whole, key, "red teapot", filters={"stock": False}) == ["dear"]
        assert sorted(found(whole, key, "red teapot", filters={"price": [20, 900]})) == ["cheap", "dear"]

    def test_refuses_whole_numbers_that_no_index_holds(self, whole: Gateway) -> None:
        for wanted in (10**30, {"gte": -(10**30)}, [1, 2**63]):
            told = whole.call("POST", "/v1/search", whole.key("acme"), json={"query": "red", "filters": {"n": wanted}})
            assert told.status_code == 400
            assert "64 bits" in told.json()["error"]["message"]

    def test_takes_half_a_character(self, whole: Gateway) -> None:
        body = json.dumps({"query": "permit \ud83d", "filters": {"\udc00": "\ud800"}})
        headers = {"content-type": "application/json"}
        assert whole.call("POST", "/v1/search", whole.key("acme"), content=body, headers=headers).status_code == 200
