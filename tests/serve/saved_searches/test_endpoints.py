from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from serve.saved_searches import service
from tests.serve.gateway import Gateway
from vernacular.db.base import now
from vernacular.db.models import SavedSearchRow
from vernacular.tenancy import TenantScope

PATH = "/v1/saved-searches"
OLD = now() - timedelta(days=300)
Body = dict[str, Any]


@pytest.fixture
def gateway(whole: Gateway) -> Gateway:
    for name, role in (("ana", "member"), ("ben", "member"), ("root", "admin")):
        whole.user("acme", name, role=role)
    return whole


@pytest.fixture
def ana(gateway: Gateway) -> str:
    return gateway.sign_in("acme", "ana")


def save(gateway: Gateway, key: str, name: str = "Fees", **query: Any) -> Body:
    response = gateway.call("POST", PATH, key, json={"name": name, "query": {"query": "permit fee", **query}})
    assert response.status_code == 201, response.text
    body: Body = response.json()
    return body


def listed(gateway: Gateway, key: str) -> list[Body]:
    data: list[Body] = gateway.call("GET", PATH, key).json()["data"]
    return data


def new(gateway: Gateway, key: str) -> dict[str, int | None]:
    return {each["name"]: each["new"] for each in listed(gateway, key)}


class TestSaving:
    def test_keeps_what_is_not_as_usual(self, gateway: Gateway, ana: str) -> None:
        kept = save(gateway, ana, " My  fees ", sort="newest", languages=["en"], expand=True)
        assert kept["name"] == "My fees"
        assert kept["query"] == {"query": "permit fee", "sort": "newest", "languages": ["en"]}
        assert kept["new"] == 0
        assert listed(gateway, ana) == [kept]

    def test_lists_them_by_name(self, gateway: Gateway, ana: str) -> None:
        for name in ("b", "c", "a"):
            save(gateway, ana, name)
        assert [each["name"] for each in listed(gateway, ana)] == ["a", "b", "c"]

    def test_refuses_a_name_that_is_taken(self, gateway: Gateway, ana: str) -> None:
        save(gateway, ana)
        told = gateway.call("POST", PATH, ana, json={"name": "Fees", "query": {"query": "dogs"}})
        assert (told.status_code, told.json()["error"]["name"]) == (409, "conflict")
        save(gateway, gateway.sign_in("acme", "ben"))

    def test_refuses_more_than_can_be_kept(self, gateway: Gateway, ana: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(service, "MOST", 1)
        save(gateway, ana)
        told = gateway.call("POST", PATH, ana, json={"name": "More", "query": {"query": "dogs"}})
        assert (told.status_code, told.json()["error"]["name"]) == (409, "conflict")

    @pytest.mark.parametrize(
        "body",
        [
            {"name": "x", "query": {"query": " "}},
            {"name": " ", "query": {"query": "x"}},
            {"name": "x" * 201, "query": {"query": "x"}},
            {"name": "x", "query": {"query": "x", "top_k": 5}},
            {"name": "x", "query": {"query": "x", "sort": "price"}},
            {"name": "x"},
        ],
    )
    def test_refuses_what_is_no_search(self, gateway: Gateway, ana: str, body: Body) -> None:
        assert gateway.call("POST", PATH, ana, json=body).status_code == 400

    def test_is_for_members_who_may_search(self, gateway: Gateway) -> None:
        assert gateway.call("GET", PATH, gateway.key("acme", "public")).status_code == 403
        assert gateway.call("GET", PATH, gateway.key("acme", "member", scopes=["chat"])).status_code == 403


class TestChanging:
    def test_renames_and_asks_otherwise(self, gateway: Gateway, ana: str) -> None:
        kept = save(gateway, ana)
        path = f"{PATH}/{kept['id']}"
        assert gateway.call("PATCH", path, ana, json={"name": "Costs"}).json()["name"] == "Costs"
        changed = gateway.call("PATCH", path, ana, json={"query": {"query": "dog licence"}}).json()
        assert (changed["name"], changed["query"]) == ("Costs", {"query": "dog licence"})
        assert gateway.call("PATCH", path, ana, json={}).status_code == 400

    def test_refuses_a_name_that_is_taken(self, gateway: Gateway, ana: str) -> None:
        save(gateway, ana, "a")
        kept = save(gateway, ana, "b")
        assert gateway.call("PATCH", f"{PATH}/{kept['id']}", ana, json={"name": "a"}).status_code == 409

    def test_deletes(self, gateway: Gateway, ana: str) -> None:
        kept = save(gateway, ana)
        assert gateway.call("DELETE", f"{PATH}/{kept['id']}", ana).json() == {"id": kept["id"], "deleted": True}
        assert listed(gateway, ana) == []
        assert gateway.call("DELETE", f"{PATH}/{kept['id']}", ana).status_code == 404

    def test_leaves_those_of_others_alone(self, gateway: Gateway, ana: str) -> None:
        kept = save(gateway, ana, "Only Ana's")
        for stranger in (gateway.sign_in("acme", "ben"), gateway.sign_in("acme", "root"), gateway.key("other")):
            assert listed(gateway, stranger) == []
            assert gateway.call("PATCH", f"{PATH}/{kept['id']}", stranger, json={"name": "x"}).status_code == 404
            assert gateway.call("DELETE", f"{PATH}/{kept['id']}", stranger).status_code == 404
        assert listed(gateway, ana) == [kept]

    def test_is_told_in_the_audit_log(self, gateway: Gateway, ana: str) -> None:
        kept = save(gateway, ana)
        gateway.call("PATCH", f"{PATH}/{kept['id']}", ana, json={"seen": True})
        gateway.call("DELETE", f"{PATH}/{kept['id']}", ana)
        told = [name for name in gateway.audited("acme") if name.startswith("search.")]
        assert told == ["search.saved", "search.changed", "search.deleted"]


class TestNew:
    def test_counts_documents_that_match_and_changed_since_one_looked(self, gateway: Gateway, ana: str) -> None:
        gateway.put("acme", "before", "The permit fee is 400.")
        kept = save(gateway, ana)
        assert new(gateway, ana) == {"Fees": 0}
        gateway.put("acme", "after", "The permit fee for trailers is 90.")
        gateway.put("acme", "dogs", "A dog licence lasts three years.")
        assert new(gateway, ana) == {"Fees": 1}
        seen = gateway.call("PATCH", f"{PATH}/{kept['id']}", ana, json={"seen": True}).json()
        assert seen["new"] == 0
        assert seen["seen_at"] > kept["seen_at"]

    def test_counts_what_came_into_force(self, gateway: Gateway, ana: str) -> None:
        save(gateway, ana)
        today = datetime.now().astimezone().date()
        gateway.put("acme", "new", "The permit fee is 450.", created_at=OLD, updated_at=OLD, valid_from=today)
        _looked(gateway, now() - timedelta(days=2))
        assert new(gateway, ana) == {"Fees": 1}

    def test_counts_no_longer_what_came_into_force_on_the_day_that_one_looked(
        self, gateway: Gateway, ana: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where the gateway's day began hours before that of UTC."""
        save(gateway, ana)
        monkeypatch.setenv("TZ", "Pacific/Kiritimati")
        time.tzset()
        try:
            today = datetime.now().astimezone().date()
            morning = datetime.combine(today, datetime.min.time()).astimezone() + timedelta(minutes=1)
            gateway.put("acme", "new", "The permit fee is 450.", created_at=OLD, updated_at=OLD, valid_from=today)
            _looked(gateway, morning)
            assert new(gateway, ana) == {"Fees": 0}
            _looked(gateway, morning - timedelta(minutes=2))
            assert new(gateway, ana) == {"Fees": 1}
        finally:
            monkeypatch.undo()
            time.tzset()

    def test_looks_through_the_documents_once_however_many_searches_there_are(
        self, gateway: Gateway, ana: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gateway.put("acme", "before", "The permit fee is 400.")
        for name in ("a", "b", "c"):
            save(gateway, ana, name)
        looked: list[TenantScope] = []
        of = service._Latest.of

        def counted(scope: TenantScope) -> service._Latest:
            looked.append(scope)
            return of(scope)

        monkeypatch.setattr(service._Latest, "of", counted)
        monkeypatch.setattr(gateway.services.rag, "matching", lambda *_: pytest.fail("nothing is new"))
        assert new(gateway, ana) == {"a": 0, "b": 0, "c": 0}
        assert len(looked) == 1

    def test_counts_nothing_that_its_owner_may_not_read_or_that_does_not_hold(self, gateway: Gateway, ana: str) -> None:
        save(gateway, ana)
        gateway.put("acme", "secret", "The permit fee of the board.", groups=["board"])
        yesterday = date.today() - timedelta(days=1)  # noqa: DTZ011
        gateway.put("acme", "gone", "The permit fee was 300.", valid_until=yesterday)
        gateway.put("other", "theirs", "The permit fee there.")
        assert new(gateway, ana) == {"Fees": 0}

    def test_goes_by_the_filters_of_the_search(self, gateway: Gateway, ana: str) -> None:
        save(gateway, ana, "Spanish", languages=["es"])
        save(gateway, ana, "Cheap", filters={"price": {"lte": 10}})
        gateway.put("acme", "es", "The permit fee.", language="es", attributes={"price": 20})
        gateway.put("acme", "en", "The permit fee.", language="en", attributes={"price": 5})
        gateway.put("acme", "en2", "The permit fee, too.", language="en", attributes={"price": 7})
        assert new(gateway, ana) == {"Spanish": 1, "Cheap": 2}

    def test_makes_no_more_searches_at_once_than_a_listing_can_wait_for(
        self, gateway: Gateway, ana: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "COUNTED", 2)
        kept = [save(gateway, ana, name) for name in ("a", "b", "c", "d")]
        gateway.put("acme", "fee", "The permit fee is 400.")
        assert new(gateway, ana) == {"a": None, "b": None, "c": 1, "d": 1}
        for each in kept[2:]:
            assert gateway.call("PATCH", f"{PATH}/{each['id']}", ana, json={"seen": True}).json()["new"] == 0
        assert new(gateway, ana) == {"a": 1, "b": 1, "c": 0, "d": 0}


class TestErasure:
    def test_they_go_with_the_account(self, gateway: Gateway, ana: str) -> None:
        save(gateway, ana)
        root = gateway.sign_in("acme", "root")
        assert gateway.call("DELETE", "/v1/admin/users/ana", root).status_code == 200
        assert _kept(gateway) == 0

    def test_they_go_with_the_person(self, gateway: Gateway, ana: str) -> None:
        save(gateway, ana)
        save(gateway, gateway.sign_in("acme", "ben"))
        erased = gateway.call("DELETE", "/v1/admin/subjects/ana", gateway.sign_in("acme", "root"))
        assert erased.json()["counts"]["saved_searches"] == 1
        assert _kept(gateway) == 1


def _kept(gateway: Gateway) -> int:
    with gateway.services.database.read() as session:
        return TenantScope(session, gateway.tenants["acme"]).count(SavedSearchRow)


def _looked(gateway: Gateway, at: datetime) -> None:
    with gateway.services.database.write() as session:
        scope = TenantScope(session, gateway.tenants["acme"])
        scope.execute(scope.update(SavedSearchRow).values(seen_at=at))
