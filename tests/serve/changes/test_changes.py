from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.serve.gateway import Gateway
from vernacular.db.base import now

TODAY = date.today()  # noqa: DTZ011
LONG_AGO = now() - timedelta(days=400)


@pytest.fixture
def gateway(whole: Gateway) -> Gateway:
    return whole


def listed(gateway: Gateway, key: str, **params: Any) -> list[tuple[str, str]]:
    response = gateway.call("GET", "/v1/documents/changes", key, params=params)
    assert response.status_code == 200, response.text
    return [(each["title"], each["change"]) for each in response.json()["changes"]]


class TestChanges:
    def test_tells_what_came_and_what_changed_the_latest_first(self, gateway: Gateway) -> None:
        gateway.put("acme", "a", "Old.", title="Old", created_at=LONG_AGO, updated_at=LONG_AGO)
        gateway.put("acme", "b", "Fees.", title="Fees", created_at=LONG_AGO, updated_at=now() - timedelta(days=2))
        yesterday = now() - timedelta(days=1)
        gateway.put("acme", "c", "Piers.", title="Piers", created_at=yesterday, updated_at=yesterday)
        key = gateway.key("acme", "member")
        assert listed(gateway, key) == [("Piers", "added"), ("Fees", "changed")]
        assert listed(gateway, key, days=1) == []
        assert listed(gateway, key, limit=1) == [("Piers", "added")]

    def test_tells_what_came_into_force_and_what_expired(self, gateway: Gateway) -> None:
        old = {"created_at": LONG_AGO, "updated_at": LONG_AGO}
        gateway.put("acme", "new", "450.", title="New fee", valid_from=TODAY - timedelta(days=1), **old)
        gateway.put("acme", "old", "400.", title="Old fee", valid_until=TODAY - timedelta(days=3), **old)
        gateway.put("acme", "next", "500.", title="Next fee", valid_from=TODAY + timedelta(days=3))
        assert listed(gateway, gateway.key("acme", "member")) == [("New fee", "in_force"), ("Old fee", "expired")]

    def test_tells_each_document_once(self, gateway: Gateway) -> None:
        gateway.put("acme", "new", "450.", title="New fee", valid_from=TODAY - timedelta(days=1))
        assert listed(gateway, gateway.key("acme", "member")) == [("New fee", "added")]

    def test_names_a_document_without_a_title_by_its_file(self, gateway: Gateway) -> None:
        gateway.put("acme", "x", "Text.", filename="fees.pdf")
        assert listed(gateway, gateway.key("acme", "member")) == [("fees.pdf", "added")]

    def test_tells_of_no_document_that_its_caller_may_not_read(self, gateway: Gateway) -> None:
        for number in range(3):
            gateway.put("acme", f"pay{number}", "Salaries.", title="Salaries", groups=["board"])
        gateway.put("acme", "pier", "Piers.", title="Piers", created_at=now() - timedelta(days=1))
        gateway.put("other", "theirs", "Theirs.", title="Theirs")
        assert listed(gateway, gateway.key("acme", "member"), limit=1) == [("Piers", "added")]
        assert len(listed(gateway, gateway.key("acme", "member", ["board"]))) == 4
        assert len(listed(gateway, gateway.key("acme", "editor"))) == 4

    def test_is_for_members(self, gateway: Gateway) -> None:
        assert gateway.call("GET", "/v1/documents/changes", gateway.key("acme", "public")).status_code == 403
