from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from serve.scim.users import REMEMBERED
from tests.serve.gateway import Gateway
from tests.serve.scim.conftest import ISSUER, SCIM, Client
from vernacular.access import users
from vernacular.db.base import now
from vernacular.db.models import UserRow
from vernacular.tenancy import TenantScope

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def rows(gateway: Gateway) -> list[UserRow]:
    with gateway.services.database.read() as session:
        return users.page(TenantScope(session, gateway.tenants["acme"]), limit=100)


class TestCreate:
    def test_makes_the_account_of_the_providers_person(self, scim: Client, gateway: Gateway) -> None:
        sent = {
            "externalId": "object-1",
            "name": {"givenName": "Ana", "familyName": "Ruiz"},
            "emails": [{"value": "home@x.example", "type": "home"}, {"value": "ana@city.example", "type": "work"}],
            "title": "Clerk",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Tax"},
        }
        made = scim.call("POST", "/Users", {"schemas": [USER], "userName": "Ana", **sent})
        body = made.json()
        assert (made.status_code, made.headers["content-type"]) == (201, SCIM)
        assert made.headers["location"] == body["meta"]["location"] == f"http://testserver/scim/v2/Users/{body['id']}"
        assert made.headers["etag"] == body["meta"]["version"]
        assert (body["userName"], body["displayName"], body["externalId"]) == ("ana", "Ana Ruiz", "object-1")
        assert body["emails"] == [{"value": "ana@city.example", "type": "work", "primary": True}]
        assert (body["active"], body["schemas"]) == (True, [USER])
        assert "title" not in body
        (row,) = rows(gateway)
        assert (row.issuer, row.external_id, row.role, row.password_hash) == (ISSUER, "object-1", "member", None)

    def test_may_make_it_inactive_or_with_a_role(self, scim: Client) -> None:
        assert scim.user("a", active=False)["active"] is False
        assert scim.user("b", roles=[{"value": "Desk", "primary": True}])["roles"][0]["value"] == "editor"
        assert scim.user("c", roles=[{"value": "public"}])["roles"][0]["value"] == "public"
        assert scim.user("d", roles=[{"value": "unheard of"}])["roles"][0]["value"] == "member"

    @pytest.mark.parametrize("more", [{"userName": "ANA"}, {"userName": "ana2", "externalId": "object-1"}])
    def test_refuses_who_is_there(self, scim: Client, more: dict[str, Any]) -> None:
        scim.user("ana", externalId="object-1")
        refused = scim.call("POST", "/Users", {"schemas": [USER], **more})
        assert refused.status_code == 409
        assert (refused.json()["scimType"], refused.json()["status"]) == ("uniqueness", "409")

    @pytest.mark.parametrize(
        "sent",
        [
            {},
            {"userName": ""},
            {"userName": 7},
            {"userName": "a", "active": "perhaps"},
            {"userName": "a", "emails": 7},
            {"userName": "a", "externalId": "x" * 256},
            {"userName": "x" * 201},
            {"userName": "a\u202eb"},
            {"userName": "a", "roles": [{"value": "{"}]},
            {"a b": 1, "userName": "a"},
        ],
    )
    def test_says_what_is_wrong_in_scims_way(self, scim: Client, sent: dict[str, Any]) -> None:
        refused = scim.call("POST", "/Users", sent)
        body = refused.json()
        assert (refused.status_code, refused.headers["content-type"]) == (400, SCIM)
        assert body["schemas"] == [ERROR]
        assert body["status"] == "400"
        assert body["detail"]
        assert body["scimType"] in ("invalidValue", "invalidPath", "invalidSyntax")

    def test_says_so_where_the_body_is_no_object(self, scim: Client) -> None:
        for content in (b"", b"[]", b"7", b"{", b"\xff"):
            sent = {"Content-Type": SCIM, "Authorization": f"Bearer {scim.key}"}
            refused = scim.gateway.http.request("POST", "/scim/v2/Users", content=content, headers=sent)
            assert refused.status_code == 400
            assert refused.json()["scimType"] == "invalidSyntax"


class TestRead:
    def test_finds_by_user_name_external_id_and_more(self, scim: Client) -> None:
        ana = scim.user("ana", externalId="X-1", displayName="Ana", emails=[{"value": "ana@city.example"}])
        scim.user("bo", active=False)
        scim.group("staff", ana["id"])
        for wanted in (
            'userName eq "ANA"',
            f'{USER}:userName eq "ana"',
            'externalId eq "X-1"',
            f'id eq "{ana["id"]}"',
            'displayName sw "an"',
            'emails[type eq "work"].value eq "ANA@city.example"',
            'emails[type eq "work" and value co "city"]',
            "active eq true",
            'active eq "True"',
            "externalId pr",
            'not (userName eq "bo")',
            'userName eq "ana" and active eq true or userName eq "nobody"',
            "groups pr",
            'meta.lastModified gt "2020-01-01T00:00:00Z" and userName lt "b"',
        ):
            assert scim.found(f"/Users?filter={wanted}") == ["ana"], wanted
        for wanted in ('externalId eq "x-1"', 'userName eq "nobody"', 'emails[type eq "home"]', 'userName eq "an_"'):
            assert scim.found(f"/Users?filter={wanted}") == [], wanted

    def test_folds_names_as_they_are_kept(self, scim: Client) -> None:
        scim.user("Ñandú")
        assert scim.found('/Users?filter=userName eq "ÑANDÚ"') == ["ñandú"]

    @pytest.mark.parametrize(
        "wanted",
        ['shoe eq "1"', "userName", 'userName eq "', 'meta.created gt "soon"', "active gt true", 'groups co "a"'],
    )
    def test_refuses_filters_that_it_cannot_answer(self, scim: Client, wanted: str) -> None:
        refused = scim.call("GET", f"/Users?filter={wanted}")
        assert (refused.status_code, refused.json()["scimType"]) == (400, "invalidFilter")

    def test_a_long_filter_is_no_trouble(self, scim: Client) -> None:
        scim.user("ana")
        long = " or ".join(["id pr"] * 440)
        assert scim.found(f"/Users?filter={long}") == ["ana"]

    def test_goes_through_the_list_in_parts(self, scim: Client) -> None:
        for number in range(5):
            scim.user(f"u{number}")
        part = scim.get("/Users?startIndex=2&count=2")
        assert [one["userName"] for one in part["Resources"]] == ["u1", "u2"]
        assert (part["totalResults"], part["startIndex"], part["itemsPerPage"]) == (5, 2, 2)
        assert scim.get("/Users?count=0")["totalResults"] == 5
        assert scim.get("/Users?count=0")["Resources"] == []
        assert scim.get("/Users?count=-3")["Resources"] == []
        assert scim.get("/Users?startIndex=-4")["startIndex"] == 1
        assert scim.get("/Users?startIndex=99&count=9999")["Resources"] == []
        assert scim.call("GET", "/Users?startIndex=one").status_code == 400

    def test_shows_the_attributes_that_are_wanted(self, scim: Client) -> None:
        made = scim.user("ana", displayName="Ana", emails=[{"value": "a@x.example"}])
        shown = scim.get(f"/Users/{made['id']}?attributes=userName,emails.value")
        assert shown.keys() == {"schemas", "id", "meta", "userName", "emails"}
        assert "emails" not in scim.get(f"/Users/{made['id']}?excludedAttributes={USER}:emails")

    def test_knows_what_the_caller_has_seen(self, scim: Client) -> None:
        made = scim.user("ana")
        path, version = f"/Users/{made['id']}", made["meta"]["version"]
        assert scim.call("GET", path, If_None_Match=version).status_code == 304
        scim.patch(path, {"op": "replace", "path": "displayName", "value": "Ana"})
        assert scim.call("GET", path, If_None_Match=version).status_code == 200

    def test_of_nobody_is_not_found(self, scim: Client) -> None:
        for method, body in (("GET", None), ("PUT", {"userName": "a"}), ("DELETE", None)):
            missing = scim.call(method, "/Users/none", body)
            assert (missing.status_code, missing.json()["schemas"]) == (404, [ERROR])


class TestPatch:
    def changed(self, scim: Client, *operations: dict[str, Any]) -> dict[str, Any]:
        made = scim.user("ana", externalId="1", displayName="Ana", emails=[{"value": "a@x.example"}])
        response = scim.patch(f"/Users/{made['id']}", *operations)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        assert scim.get(f"/Users/{made['id']}") == body
        return body

    def test_adds_replaces_and_removes(self, scim: Client) -> None:
        body = self.changed(
            scim,
            {"op": "replace", "path": "userName", "value": "ana.ruiz"},
            {"op": "add", "path": "externalId", "value": "2"},
            {"op": "remove", "path": "emails"},
            {"op": "replace", "path": "name.formatted", "value": "Ana Ruiz"},
            {"op": "add", "path": "nickName", "value": "not kept"},
        )
        assert (body["userName"], body["externalId"], body["displayName"]) == ("ana.ruiz", "2", "Ana Ruiz")
        assert "emails" not in body
        assert "nickName" not in body

    @pytest.mark.parametrize(
        "operation",
        [
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "replace", "path": "active", "value": False},
            {"op": "Replace", "value": {"active": "False"}},
            {"op": "replace", "value": {"active": False}},
            {"op": "Add", "path": f"{USER}:active", "value": "false"},
            {"op": "replace", "path": "active", "value": [{"value": "False"}]},
            {"op": "replace", "value": {USER: {"active": False}}},
        ],
    )
    def test_deactivates_in_each_form_that_is_sent(self, scim: Client, operation: dict[str, Any]) -> None:
        assert self.changed(scim, operation)["active"] is False

    def test_takes_entra_ids_paths_as_names(self, scim: Client) -> None:
        enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        body = self.changed(
            scim,
            {
                "op": "Add",
                "value": {
                    "displayName": "Ana R.",
                    "name.givenName": "Ana",
                    'emails[type eq "work"].value': "ana@city.example",
                    'emails[type eq "home"].value': "home@x.example",
                    'roles[primary eq "True"].value': "Desk",
                    f"{enterprise}:department": "Tax",
                },
            },
            {"op": "Replace", "path": f"{enterprise}:manager", "value": "7"},
        )
        assert (body["displayName"], body["emails"][0]["value"]) == ("Ana R.", "ana@city.example")
        assert body["roles"][0]["value"] == "editor"

    def test_takes_a_role_that_entra_id_writes_as_a_text(self, scim: Client) -> None:
        value = [{"primary": False, "value": '{"id":"18d1","value":"Desk","displayName":"Desk"}'}]
        assert self.changed(scim, {"op": "Add", "path": "roles", "value": value})["roles"][0]["value"] == "editor"

    def test_changes_all_or_nothing(self, scim: Client) -> None:
        made = scim.user("ana")
        operations: list[dict[str, Any]] = [
            {"op": "replace", "path": "displayName", "value": "X"},
            {"op": "replace", "path": "active", "value": 7},
        ]
        assert scim.patch(f"/Users/{made['id']}", *operations).status_code == 400
        assert "displayName" not in scim.get(f"/Users/{made['id']}")

    @pytest.mark.parametrize(
        ("operation", "kind"),
        [
            ({"op": "replace", "path": "id", "value": "x"}, "mutability"),
            ({"op": "add", "path": "groups", "value": [{"value": "x"}]}, "mutability"),
            ({"op": "replace", "path": "meta.created", "value": "x"}, "mutability"),
            ({"op": "remove"}, "noTarget"),
            ({"op": "remove", "path": "userName"}, "invalidValue"),
            ({"op": "replace", "path": "a b", "value": 1}, "invalidPath"),
            ({"op": "replace", "value": "x"}, "invalidValue"),
            ({"op": "move", "path": "userName"}, "invalidSyntax"),
            ({"op": "replace", "path": 7}, "invalidSyntax"),
        ],
    )
    def test_refuses_what_is_no_change(self, scim: Client, operation: dict[str, Any], kind: str) -> None:
        refused = scim.patch(f"/Users/{scim.user('ana')['id']}", operation)
        assert (refused.status_code, refused.json()["scimType"]) == (400, kind)

    @pytest.mark.parametrize("body", [{}, {"Operations": []}, {"Operations": {}}, {"Operations": ["x"]}])
    def test_refuses_what_has_no_operations(self, scim: Client, body: dict[str, Any]) -> None:
        refused = scim.call("PATCH", f"/Users/{scim.user('ana')['id']}", body)
        assert (refused.status_code, refused.json()["scimType"]) == (400, "invalidSyntax")

    def test_refuses_what_another_has(self, scim: Client) -> None:
        scim.user("bo", externalId="2")
        path = f"/Users/{scim.user('ana', externalId='1')['id']}"
        for name, value in (("userName", "BO"), ("externalId", "2")):
            assert scim.patch(path, {"op": "replace", "path": name, "value": value}).status_code == 409

    def test_refuses_what_was_changed_meanwhile(self, scim: Client) -> None:
        made = scim.user("ana")
        path, seen = f"/Users/{made['id']}", made["meta"]["version"]
        rename = {"Operations": [{"op": "replace", "path": "displayName", "value": "A"}]}
        assert scim.call("PATCH", path, rename, If_Match=seen).status_code == 200
        for method, body in (("PATCH", rename), ("PUT", {"userName": "ana"}), ("DELETE", None)):
            assert scim.call(method, path, body, If_Match=seen).status_code == 412
        assert scim.call("PATCH", path, rename, If_Match="*").status_code == 200


class TestPut:
    def test_leaves_nothing_that_is_not_sent_but_the_role(self, scim: Client) -> None:
        made = scim.user("ana", externalId="1", displayName="Ana", roles=[{"value": "Desk"}], active=False)
        sent = {
            "schemas": [USER],
            "id": made["id"],
            "meta": {},
            "groups": [],
            "userName": "ana",
            "displayName": "Ana R.",
        }
        body = scim.call("PUT", f"/Users/{made['id']}", sent).json()
        assert (body["displayName"], body["active"], body["roles"][0]["value"]) == ("Ana R.", True, "editor")
        assert "externalId" not in body


class TestDeactivation:
    def test_ends_a_sign_in_at_once_and_its_streams(self, scim: Client, gateway: Gateway) -> None:
        made = scim.user("ana", externalId="1")
        token = gateway.sign_in("acme", "ana")
        assert gateway.call("GET", "/v1/tenant", token).status_code == 200
        scim.patch(f"/Users/{made['id']}", {"op": "Replace", "value": {"active": "False"}})
        assert gateway.call("GET", "/v1/tenant", token).status_code == 401
        scim.patch(f"/Users/{made['id']}", {"op": "Replace", "value": {"active": "True"}})
        assert gateway.call("GET", "/v1/tenant", token).status_code == 401  # she signs in again

    def test_reaches_administrators_whom_nothing_else_here_may_change(self, scim: Client, gateway: Gateway) -> None:
        with gateway.services.database.write() as session:
            scope = TenantScope(session, gateway.tenants["acme"])
            path = f"/Users/{users.create(scope, username='boss', role='admin').id}"
        for name, value in (("userName", "me"), ("externalId", "mine"), ("roles", "member"), ("displayName", "x")):
            refused = scim.patch(path, {"op": "replace", "path": name, "value": value})
            assert (refused.status_code, refused.json()["schemas"]) == (403, [ERROR])
        assert scim.patch(path, {"op": "replace", "path": "active", "value": False}).json()["active"] is False
        assert scim.patch(path, {"op": "replace", "path": "active", "value": True}).status_code == 403

    def test_makes_no_administrators(self, scim: Client) -> None:
        refused = scim.call("POST", "/Users", {"userName": "a", "roles": [{"value": "admin"}]})
        assert refused.status_code == 403
        path = f"/Users/{scim.user('b')['id']}"
        assert scim.patch(path, {"op": "replace", "path": "roles", "value": "admin"}).status_code == 403


class TestDelete:
    def test_leaves_nothing_of_her_but_that_she_is_refused(self, scim: Client, gateway: Gateway) -> None:
        made = scim.user("ana", externalId="1", displayName="Ana", emails=[{"value": "a@x.example"}])
        group = scim.group("staff", made["id"])
        assert scim.call("DELETE", f"/Users/{made['id']}").status_code == 204
        assert scim.call("GET", f"/Users/{made['id']}").status_code == 404
        assert scim.call("DELETE", f"/Users/{made['id']}").status_code == 404
        assert scim.found("/Users") == []
        assert scim.get(f"/Groups/{group['id']}")["members"] == []
        refused = scim.call(
            "PATCH",
            f"/Groups/{group['id']}",
            {"Operations": [{"op": "add", "path": "members", "value": [{"value": made["id"]}]}]},
        )
        assert refused.status_code == 400
        (row,) = rows(gateway)
        assert (row.display_name, row.email, row.username) == ("", "", row.id)
        assert row.suspended_at is not None

    def test_lets_her_be_made_anew(self, scim: Client, gateway: Gateway) -> None:
        first = scim.user("ana", externalId="1")
        scim.call("DELETE", f"/Users/{first['id']}")
        second = scim.user("ana", externalId="1")
        assert second["id"] != first["id"]
        assert [row.id for row in rows(gateway)] == [second["id"]]

    def test_is_forgotten_in_time(self, scim: Client, gateway: Gateway) -> None:
        scim.call("DELETE", f"/Users/{scim.user('ana', externalId='1')['id']}")
        with gateway.services.database.write() as session:
            (row,) = users.page(TenantScope(session, gateway.tenants["acme"]), limit=1)
            row.updated_at = now() - REMEMBERED - timedelta(seconds=1)
            session.add(row)
        scim.user("bo")
        assert [row.username for row in rows(gateway)] == ["bo"]

    def test_of_an_account_without_an_external_id_leaves_nothing(self, scim: Client, gateway: Gateway) -> None:
        scim.call("DELETE", f"/Users/{scim.user('ana')['id']}")
        assert rows(gateway) == []


class TestKeys:
    def test_open_their_own_tenant_alone(self, scim: Client, elsewhere: Client) -> None:
        made = scim.user("ana", externalId="1")
        assert elsewhere.found("/Users") == []
        for method, body in (("GET", None), ("PUT", {"userName": "x"}), ("DELETE", None)):
            assert elsewhere.call(method, f"/Users/{made['id']}", body).status_code == 404
        assert elsewhere.user("ana", externalId="1")["id"] != made["id"]
        refused = elsewhere.call("POST", "/Groups", {"displayName": "g", "members": [{"value": made["id"]}]})
        assert refused.status_code == 400

    def test_open_scim_alone(self, scim: Client, gateway: Gateway) -> None:
        for path in ("/v1/documents", "/v1/admin/users", "/v1/conversations"):
            assert gateway.call("GET", path, scim.key).status_code == 403

    @pytest.mark.parametrize(
        "path", ["/Users", "/Groups", "/ServiceProviderConfig", "/Schemas", "/ResourceTypes", "/Users/x"]
    )
    def test_without_the_scope_or_the_role_do_not(self, gateway: Gateway, path: str) -> None:
        for role, scopes, status in (("admin", ("chat",), 403), ("editor", (), 403), ("public", (), 403)):
            refused = Client(gateway, gateway.key("acme", role, scopes=scopes)).call("GET", path)
            assert refused.status_code == status
            assert refused.headers["content-type"] == SCIM
            assert refused.json()["schemas"] == [ERROR]
        anonymous = gateway.call("GET", f"/scim/v2{path}")
        assert (anonymous.status_code, anonymous.headers["www-authenticate"]) == (401, "Bearer")
        assert anonymous.json()["status"] == "401"
