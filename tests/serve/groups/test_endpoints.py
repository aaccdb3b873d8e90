"""Groups, and what they let people read."""

from __future__ import annotations

import pytest

from tests.serve.gateway import Gateway


class TestGroups:
    def test_are_made_listed_renamed_and_deleted(self, gateway: Gateway, key: str) -> None:
        gateway.user("acme", "maria")
        made = gateway.call("POST", "/v1/admin/groups", key, json={"name": "staff", "members": ["maria"]})
        assert made.status_code == 201
        assert [person["username"] for person in made.json()["people"]] == ["maria"]
        listed = gateway.call("GET", "/v1/admin/groups", key).json()["data"]
        assert [(group["name"], group["members"]) for group in listed] == [("staff", 1)]
        gateway.call("PATCH", "/v1/admin/groups/staff", key, json={"name": "crew"})
        assert gateway.call("GET", f"/v1/admin/groups/{made.json()['id']}", key).json()["name"] == "crew"
        assert gateway.call("DELETE", "/v1/admin/groups/crew", key).json()["deleted"] is True
        assert gateway.call("GET", "/v1/admin/groups", key).json()["data"] == []
        assert gateway.audited("acme") == ["group.created", "group.changed", "group.deleted"]

    def test_have_names_of_their_own(self, gateway: Gateway, key: str) -> None:
        gateway.call("POST", "/v1/admin/groups", key, json={"name": "staff"})
        assert gateway.call("POST", "/v1/admin/groups", key, json={"name": " staff "}).status_code == 409
        assert gateway.call("POST", "/v1/admin/groups", gateway.key("other"), json={"name": "staff"}).status_code == 201

    def test_take_and_leave_people(self, gateway: Gateway, key: str) -> None:
        gateway.user("acme", "maria")
        gateway.call("POST", "/v1/admin/groups", key, json={"name": "staff"})
        for _ in range(2):
            assert gateway.call("PUT", "/v1/admin/groups/staff/members/maria", key).json()["members"] == 1
        assert gateway.call("DELETE", "/v1/admin/groups/staff/members/maria", key).json()["members"] == 0
        assert gateway.call("PUT", "/v1/admin/groups/staff/members/nobody", key).status_code == 404
        assert gateway.call("PUT", "/v1/admin/groups/none/members/maria", key).status_code == 404

    def test_hold_no_one_of_another_tenant(self, gateway: Gateway, key: str) -> None:
        zoe = gateway.user("other", "zoe")
        gateway.call("POST", "/v1/admin/groups", gateway.key("other"), json={"name": "theirs"})
        assert (
            gateway.call("POST", "/v1/admin/groups", key, json={"name": "staff", "members": [zoe]}).status_code == 404
        )
        assert gateway.call("GET", "/v1/admin/groups/theirs", key).status_code == 404
        assert gateway.call("GET", "/v1/admin/groups", key).json()["data"] == []


class TestDocuments:
    @pytest.fixture(autouse=True)
    def documents(self, whole: Gateway) -> None:
        whole.put("acme", "open.md", "The library opens at nine.")
        self.secret = whole.put("acme", "staff.md", "The vault of the library opens at seven.", groups=["staff"])
        whole.user("acme", "maria", groups=["staff"])
        self.token = whole.sign_in("acme", "maria")
        self.key = whole.key("acme")

    def seen(self, whole: Gateway) -> set[str]:
        hits = whole.call("POST", "/v1/search", self.token, json={"query": "when does the vault open"}).json()["hits"]
        listed = whole.call("GET", "/v1/documents", self.token).json()["documents"]
        assert {hit["source_id"] for hit in hits} <= {document["source_id"] for document in listed}
        status = whole.call("GET", f"/v1/documents/{self.secret}", self.token).status_code
        assert (status == 200) is ("staff.md" in {document["source_id"] for document in listed})
        return {hit["source_id"] for hit in hits}

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("DELETE", "/v1/admin/groups/staff/members/maria", None),
            ("PATCH", "/v1/admin/groups/staff", {"members": []}),
            ("PATCH", "/v1/admin/users/maria", {"groups": ["press"]}),
            ("DELETE", "/v1/admin/groups/staff", None),
        ],
    )
    def test_are_closed_to_who_leaves_their_group(
        self, whole: Gateway, method: str, path: str, body: dict[str, object] | None
    ) -> None:
        assert "staff.md" in self.seen(whole)
        assert whole.call(method, path, self.key, json=body).status_code == 200
        assert "staff.md" not in self.seen(whole)

    def test_open_to_who_joins_their_group(self, whole: Gateway) -> None:
        whole.user("acme", "omar")
        self.token = whole.sign_in("acme", "omar")
        assert "staff.md" not in self.seen(whole)
        whole.call("PUT", "/v1/admin/groups/staff/members/omar", self.key)
        assert "staff.md" in self.seen(whole)
