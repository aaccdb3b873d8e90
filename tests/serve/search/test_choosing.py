"""Narrowing a search, counting what there is to choose from, ordering by date, and undoing what was added to the query."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from serve.search import narrowing
from tests.serve.gateway import Gateway
from vernacular.db.models import DocumentRow
from vernacular.tenancy import TenantScope

Body = dict[str, Any]


@pytest.fixture
def gateway(whole: Gateway) -> Gateway:
    return whole


@pytest.fixture
def stocked(gateway: Gateway) -> Gateway:
    def put(source_id: str, text: str, day: int, **columns: Any) -> None:
        moment = datetime(2026, 3, day, 9, tzinfo=UTC)
        gateway.put("acme", source_id, text, created_at=moment, updated_at=moment, **columns)

    put("red", "A red teapot.", 1, language="en", attributes={"colour": "red", "price": 20, "tags": ["tea", "sale"]})
    put(
        "blue", "A blue teapot of glass.", 2, language="en", attributes={"colour": "blue", "price": 35, "tags": ["tea"]}
    )
    put("old", "The teapot of the museum.", 3, language="es", media_type="application/pdf", attributes={"price": 900})
    put("cup", "A cup for the garden with a spout.", 4, language="en", attributes={"colour": "red", "price": 5})
    put("secret", "The teapot of the board.", 5, groups=["board"], language="fr", attributes={"colour": "gold"})
    gateway.put("other", "theirs", "Their teapot.", attributes={"colour": "green"})
    return gateway


def search(gateway: Gateway, key: str, query: str = "teapot", **more: Any) -> Body:
    response = gateway.call("POST", "/v1/search", key, json={"query": query, **more})
    assert response.status_code == 200, response.text
    body: Body = response.json()
    return body


def ids(body: Body) -> list[str]:
    return [hit["source_id"] for hit in body["hits"]]


def counted(body: Body, field: str) -> dict[Any, int] | tuple[Any, Any] | None:
    facet = next((facet for facet in body["facets"] if facet["field"] == field), None)
    if facet is None:
        return None
    if facet["kind"] == "range":
        return facet["min"], facet["max"]
    return {each["value"]: each["count"] for each in facet["values"]}


class TestNarrowing:
    def test_keeps_to_sources_types_languages_and_days(self, stocked: Gateway) -> None:
        key = stocked.key("acme", "member")
        assert ids(search(stocked, key, languages=["es"])) == ["old"]
        assert ids(search(stocked, key, types=["application/pdf"])) == ["old"]
        assert set(ids(search(stocked, key, sources=["test"]))) == {"red", "blue", "old"}
        assert ids(search(stocked, key, sources=["elsewhere"])) == []
        assert set(ids(search(stocked, key, updated_from="2026-03-02", updated_until="2026-03-03"))) == {"blue", "old"}
        assert ids(search(stocked, key, languages=["es"], updated_until="2026-03-02")) == []

    def test_keeps_to_documents_that_the_caller_may_read(self, stocked: Gateway) -> None:
        found = {hit["source_id"]: hit["document_id"] for hit in search(stocked, stocked.key("acme", "editor"))["hits"]}
        theirs = search(stocked, stocked.key("other"))["hits"][0]["document_id"]
        asked = [found["red"], found["secret"], theirs, "nothing"]
        key = stocked.key("acme", "member")
        assert ids(search(stocked, key, documents=asked)) == ["red"]
        assert ids(search(stocked, key, documents=[theirs])) == []
        assert ids(search(stocked, key, documents=[found["red"]], languages=["es"])) == []

    def test_goes_by_what_is_found_where_too_many_documents_are_meant(
        self, stocked: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(narrowing, "MOST_NAMED", 1)
        assert set(ids(search(stocked, stocked.key("acme", "member"), languages=["en"]))) == {"red", "blue"}

    def test_refuses_what_narrows_to_nothing_by_mistake(self, stocked: Gateway) -> None:
        for field in ("documents", "sources", "types", "languages"):
            body = {"query": "teapot", field: []}
            assert stocked.call("POST", "/v1/search", stocked.key("acme"), json=body).status_code == 400

    def test_takes_the_last_day_there_is(self, stocked: Gateway) -> None:
        assert ids(search(stocked, stocked.key("acme"), "cup", updated_until="9999-12-31"))


class TestFacets:
    def test_are_counted_if_asked_for(self, stocked: Gateway) -> None:
        assert search(stocked, stocked.key("acme", "member"))["facets"] == []

    def test_count_documents_by_what_they_have(self, stocked: Gateway) -> None:
        body = search(stocked, stocked.key("acme", "member"), facets=True)
        assert counted(body, "language") == {"en": 2, "es": 1}
        assert counted(body, "type") == {"text/plain": 2, "application/pdf": 1}
        assert counted(body, "updated") == ("2026-03-01", "2026-03-03")
        assert counted(body, "metadata.colour") == {"red": 1, "blue": 1}
        assert counted(body, "metadata.tags") == {"tea": 2, "sale": 1}
        assert counted(body, "metadata.price") == (20, 900)
        assert counted(body, "source") is None, "one source is nothing to choose from"

    def test_count_nothing_that_the_caller_may_not_read(self, stocked: Gateway) -> None:
        told = stocked.call(
            "POST", "/v1/search", stocked.key("acme", "member"), json={"query": "teapot", "facets": True}
        )
        assert "gold" not in told.text
        assert '"fr"' not in told.text
        assert "green" not in told.text
        board = search(stocked, stocked.key("acme", "member", ["board"]), facets=True)
        assert counted(board, "language") == {"en": 2, "es": 1, "fr": 1}

    def test_count_nothing_that_does_not_hold_on_the_day(self, stocked: Gateway) -> None:
        yesterday = date.today() - timedelta(days=1)  # noqa: DTZ011
        stocked.put("acme", "gone", "The teapot of last year.", language="de", valid_until=yesterday)
        key = stocked.key("acme", "member")
        assert "de" not in (counted(search(stocked, key, facets=True), "language") or ())
        then = search(stocked, key, facets=True, on=yesterday.isoformat())
        assert "de" in (counted(then, "language") or ())

    def test_count_nothing_that_was_closed_since_it_was_indexed(self, stocked: Gateway) -> None:
        with stocked.services.database.write() as session:
            scope = TenantScope(session, stocked.tenants["acme"])
            scope.execute(scope.update(DocumentRow).where(DocumentRow.source_id == "old").values(groups=["board"]))
        assert counted(search(stocked, stocked.key("acme", "member"), facets=True), "language") is None

    def test_offer_the_other_values_of_a_field_that_is_narrowed(self, stocked: Gateway) -> None:
        key = stocked.key("acme", "member")
        body = search(stocked, key, facets=True, languages=["es"])
        assert counted(body, "language") == {"en": 2, "es": 1}
        assert counted(body, "type") is None
        body = search(stocked, key, facets=True, filters={"colour": "red"})
        assert ids(body) == ["red"]
        assert counted(body, "metadata.colour") == {"red": 1, "blue": 1}
        body = search(stocked, key, facets=True, filters={"price": {"lte": 40}})
        assert counted(body, "metadata.price") == (20, 900)
        assert counted(body, "language") is None, "both are in English"

    def test_leave_out_what_is_no_choice(self, gateway: Gateway) -> None:
        for number in range(4):
            attributes = {
                "link": f"https://example.org/{number}",
                "note": "long " * 20,
                "same": "yes",
                "kind": number % 2 == 0,
            }
            gateway.put("acme", f"d{number}", "A red teapot.", attributes=attributes)
        body = search(gateway, gateway.key("acme"), facets=True)
        assert {facet["field"] for facet in body["facets"]} == {"metadata.kind"}
        assert counted(body, "metadata.kind") == {True: 2, False: 2}

    def test_leave_out_fields_that_few_documents_have(self, gateway: Gateway) -> None:
        for number in range(24):
            rare = {"rare": number % 2 == 0} if number < 2 else {}
            gateway.put(
                "acme", f"d{number}", "A red teapot.", attributes={"z": number % 2 == 0, "B": number % 3, **rare}
            )
        body = search(gateway, gateway.key("acme"), facets=True)
        assert [facet["field"] for facet in body["facets"]] == ["metadata.B", "metadata.z"]


class TestOrder:
    def test_is_by_date_among_what_matches_well(self, stocked: Gateway) -> None:
        key = stocked.key("acme", "member")
        assert ids(search(stocked, key, sort="newest")) == ["old", "blue", "red"]
        assert ids(search(stocked, key, sort="oldest", top_k=2)) == ["red", "blue"]
        assert "cup" not in ids(search(stocked, key, "a red teapot", sort="newest"))

    def test_has_highlights(self, stocked: Gateway) -> None:
        hit = search(stocked, stocked.key("acme", "member"), "red teapot", sort="oldest")["hits"][0]
        assert hit["highlights"]

    def test_of_nothing_is_nothing(self, stocked: Gateway) -> None:
        assert ids(search(stocked, stocked.key("acme"), "helicopter", sort="newest")) == []


class TestHits:
    def test_tell_of_their_document(self, stocked: Gateway) -> None:
        hit = search(stocked, stocked.key("acme", "member"), "museum")["hits"][0]
        assert (hit["source"], hit["media_type"], hit["picture"]) == ("test", "application/pdf", False)
        assert hit["updated_at"].startswith("2026-03-03T09:00")

    def test_tell_where_the_words_stand_if_asked(self, stocked: Gateway) -> None:
        key = stocked.key("acme", "member")
        assert search(stocked, key, "teapots")["hits"][0]["marks"] == []
        hit = search(stocked, key, "the museum's teapots", marks=True)["hits"][0]
        assert [hit["text"][start:end] for start, end in hit["marks"]] == ["teapot", "museum"]

    def test_tell_it_of_each_hit_apart(self, gateway: Gateway) -> None:
        gateway.put("acme", "a", "A red teapot")
        gateway.put("acme", "b", "teapots of red clay")
        gateway.put("acme", "c", "茶壺")
        body = search(gateway, gateway.key("acme"), "red teapot 茶壺", marks=True)
        marked = {hit["source_id"]: [hit["text"][start:end] for start, end in hit["marks"]] for hit in body["hits"]}
        assert marked == {"a": ["red teapot"], "b": ["teapots"], "c": ["茶壺"]}


class TestExpansion:
    @pytest.fixture
    def harbour(self, gateway: Gateway) -> Gateway:
        synonyms = {"teapot": ["kettle", "samovar"]}
        gateway.tenant("shop", languages=["en"], profile={"dialect": {"synonyms": synonyms}})
        gateway.put("shop", "k", "A kettle of steel.")
        gateway.put("shop", "s", "A samovar of brass.")
        return gateway

    def test_is_told_by_what_it_is_of(self, harbour: Gateway) -> None:
        body = search(harbour, harbour.key("shop"), "teapot")
        (understood,) = body["query"]["understood"]
        assert (understood["text"], set(understood["terms"]), understood["kind"]) == (
            "teapot",
            {"kettle", "samovar"},
            "glossary",
        )
        assert set(ids(body)) == {"k", "s"}

    def test_can_be_undone_word_by_word(self, harbour: Gateway) -> None:
        body = search(harbour, harbour.key("shop"), "teapot", without=["Samovar"])
        assert ids(body) == ["k"]
        assert body["query"]["understood"][0]["terms"] == ["kettle"]

    def test_can_be_undone_as_a_whole(self, harbour: Gateway) -> None:
        body = search(harbour, harbour.key("shop"), "teapot", expand=False)
        assert (ids(body), body["query"]["understood"]) == ([], [])
        body = search(harbour, harbour.key("shop"), "teapot", without=["samovar", "kettle"], facets=True)
        assert (ids(body), body["facets"]) == ([], [])
