from __future__ import annotations

from typing import Any

import pytest

from tests.serve.gateway import Gateway
from tests.serve.scim.conftest import Client
from vernacular.access import users
from vernacular.tenancy import TenantScope


@pytest.fixture
def people(scim: Client) -> list[str]:
    """The ids of ana, bo and cy."""
    return [str(scim.user(name)["id"]) for name in ("ana", "bo", "cy")]


def members(scim: Client, group: dict[str, Any]) -> list[str]:
    return [one["display"] for one in scim.get(f"/Groups/{group['id']}")["members"]]


class TestGroups:
    def test_are_made_read_and_deleted(self, scim: Client, people: list[str]) -> None:
        made = scim.group("Staff", people[0], externalId="g-1")
        assert made["members"] == [
            {
                "value": people[0],
                "display": "ana",
                "$ref": f"http://testserver/scim/v2/Users/{people[0]}",
                "type": "User",
            }
        ]
        assert (made["displayName"], made["externalId"]) == ("Staff", "g-1")
        assert scim.get(f"/Users/{people[0]}")["groups"][0]["display"] == "Staff"
        assert scim.call("POST", "/Groups", {"displayName": "Staff"}).status_code == 409
        assert scim.call("DELETE", f"/Groups/{made['id']}").status_code == 204
        assert scim.call("GET", f"/Groups/{made['id']}").status_code == 404

    def test_are_found_by_name_and_member(self, scim: Client, people: list[str]) -> None:
        scim.group("Staff", people[0], externalId="g-1")
        scim.group("Board", people[1])
        for wanted in (
            'displayName eq "staff"',
            'externalId eq "g-1"',
            f'members eq "{people[0]}"',
            f'members.value eq "{people[0]}"',
            f'members[value eq "{people[0]}"]',
            f'displayName co "a" and members[value eq "{people[0]}" and type eq "User"]',
        ):
            assert scim.found(f"/Groups?filter={wanted}") == ["Staff"], wanted
        assert scim.found(f'/Groups?filter=members[value eq "{people[2]}"]') == []

    def test_come_without_members_where_they_are_not_wanted(self, scim: Client, people: list[str]) -> None:
        made = scim.group("Staff", *people)
        for path in ("/Groups?excludedAttributes=members&x=", f"/Groups/{made['id']}?excludedAttributes=members"):
            found = scim.get(path)
            assert "members" not in (found["Resources"][0] if "Resources" in found else found)
        assert "members" not in scim.get(f"/Groups/{made['id']}?attributes=displayName")
        assert scim.get("/Groups?count=1")["Resources"][0]["members"][2]["display"] == "cy"

    def test_keep_their_version_until_they_are_changed(self, scim: Client, people: list[str]) -> None:
        made = scim.group("Staff", people[0])
        path, seen = f"/Groups/{made['id']}", made["meta"]["version"]
        assert scim.get(f"{path}?excludedAttributes=members")["meta"]["version"] == seen
        assert scim.call("GET", path, If_None_Match=seen).status_code == 304
        change = {"Operations": [{"op": "add", "path": "members", "value": [{"value": people[1]}]}]}
        assert scim.call("PATCH", path, change, If_Match=seen).status_code == 204
        assert scim.call("PATCH", path, change, If_Match=seen).status_code == 412
        assert scim.call("DELETE", path, If_Match=seen).status_code == 412


class TestPatch:
    @pytest.mark.parametrize(
        ("operations", "left"),
        [
            ([{"op": "Add", "path": "members", "value": [{"$ref": None, "value": "{bo}"}]}], ["ana", "bo"]),
            ([{"op": "add", "value": {"members": [{"value": "{bo}"}, {"value": "{cy}"}]}}], ["ana", "bo", "cy"]),
            ([{"op": "add", "path": "members", "value": {"value": "{bo}"}}], ["ana", "bo"]),
            ([{"op": "add", "path": "members", "value": [{"value": "{ana}"}]}], ["ana"]),
            ([{"op": "remove", "path": 'members[value eq "{ana}"]'}], []),
            ([{"op": "Remove", "path": "members", "value": [{"value": "{ana}"}]}], []),
            ([{"op": "remove", "path": "members"}], []),
            ([{"op": "replace", "path": "members", "value": [{"value": "{cy}"}]}], ["cy"]),
            ([{"op": "replace", "path": "members", "value": []}], []),
            ([{"op": "Replace", "value": {"displayName": "Crew", "members": [{"value": "{bo}"}]}}], ["bo"]),
            (
                [
                    {"op": "remove", "path": 'members[value eq "{ana}"]'},
                    {"op": "add", "path": "members", "value": [{"value": "{cy}"}]},
                ],
                ["cy"],
            ),
        ],
    )
    def test_changes_who_is_in(
        self, scim: Client, people: list[str], operations: list[dict[str, Any]], left: list[str]
    ) -> None:
        group = scim.group("Staff", people[0])
        ids = dict(zip(("{ana}", "{bo}", "{cy}"), people, strict=True))
        assert scim.patch(f"/Groups/{group['id']}", *_with_ids(operations, ids)).status_code == 204
        assert members(scim, group) == left

    def test_renames(self, scim: Client) -> None:
        group = scim.group("Staff")
        assert (
            scim.patch(f"/Groups/{group['id']}", {"op": "Replace", "path": "displayName", "value": "Crew"}).status_code
            == 204
        )
        assert scim.get(f"/Groups/{group['id']}")["displayName"] == "Crew"

    @pytest.mark.parametrize(
        ("operation", "kind"),
        [
            ({"op": "add", "path": "members", "value": [{"value": "nobody"}]}, "invalidValue"),
            ({"op": "add", "path": "members", "value": [{"value": "x", "type": "Group"}]}, "invalidValue"),
            ({"op": "add", "path": "members", "value": [{}]}, "invalidValue"),
            ({"op": "add", "path": "members", "value": 7}, "invalidValue"),
            ({"op": "remove", "path": 'members[display eq "ana"]'}, "invalidValue"),
            ({"op": "replace", "path": "displayName", "value": ""}, "invalidValue"),
            ({"op": "replace", "path": "id", "value": "x"}, "mutability"),
        ],
    )
    def test_refuses_what_is_no_change(self, scim: Client, operation: dict[str, Any], kind: str) -> None:
        refused = scim.patch(f"/Groups/{scim.group('Staff')['id']}", operation)
        assert (refused.status_code, refused.json()["scimType"]) == (400, kind)

    def test_takes_more_members_than_a_statement_does(self, scim: Client, gateway: Gateway) -> None:
        with gateway.services.database.write() as session:
            scope = TenantScope(session, gateway.tenants["acme"])
            ids = [users.create(scope, username=f"u{number:04}").id for number in range(1100)]
        group = scim.group("Everyone", *ids)
        assert len(members(scim, group)) == 1100
        assert scim.call("PUT", f"/Groups/{group['id']}", {"displayName": "Everyone"}).status_code == 200
        assert members(scim, group) == []


class TestReach:
    def test_members_read_what_the_group_may_at_once(self, scim: Client, gateway: Gateway, people: list[str]) -> None:
        gateway.put("acme", "secret", "The secret plan.", groups=["board"])
        token = gateway.sign_in("acme", "ana")

        def documents() -> list[str]:
            return [one["source_id"] for one in gateway.call("GET", "/v1/documents", token).json()["documents"]]

        assert documents() == []
        group = scim.group("board", people[0])
        assert documents() == ["secret"]
        scim.patch(f"/Groups/{group['id']}", {"op": "remove", "path": f'members[value eq "{people[0]}"]'})
        assert documents() == []


def _with_ids(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_with_ids(one, ids) for one in value]
    if isinstance(value, dict):
        return {name: _with_ids(one, ids) for name, one in value.items()}
    if isinstance(value, str):
        for name, found in ids.items():
            value = value.replace(name, found)
    return value
