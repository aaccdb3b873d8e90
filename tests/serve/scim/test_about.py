from __future__ import annotations

from tests.serve.scim.conftest import Client


class TestAbout:
    def test_tells_what_is_done_and_what_is_not(self, scim: Client) -> None:
        told = scim.get("/ServiceProviderConfig")
        assert {
            name: told[name]["supported"] for name in ("patch", "filter", "etag", "bulk", "sort", "changePassword")
        } == {
            "patch": True,
            "filter": True,
            "etag": True,
            "bulk": False,
            "sort": False,
            "changePassword": False,
        }

    def test_lists_the_kinds_of_resources_and_their_attributes(self, scim: Client) -> None:
        kinds = scim.get("/ResourceTypes")["Resources"]
        assert [(one["name"], one["endpoint"]) for one in kinds] == [("User", "/Users"), ("Group", "/Groups")]
        assert scim.get("/ResourceTypes/User") == kinds[0]
        schemas = {one["id"]: one for one in scim.get("/Schemas")["Resources"]}
        assert schemas.keys() == {one["schema"] for one in kinds}
        for schema, described in schemas.items():
            assert scim.get(f"/Schemas/{schema}") == described

    def test_describes_every_attribute_that_is_shown(self, scim: Client) -> None:
        ana = scim.user("ana", externalId="1", displayName="Ana", emails=[{"value": "a@x.example"}])
        group = scim.group("Staff", ana["id"], externalId="g")
        described = {one["name"]: one["attributes"] for one in scim.get("/Schemas")["Resources"]}
        for kind, shown in (("User", scim.get(f"/Users/{ana['id']}")), ("Group", group)):
            attributes = {one["name"]: one for one in described[kind]}
            assert shown.keys() - {"schemas", "id", "meta"} == attributes.keys()
            for name, attribute in attributes.items():
                if attribute["type"] == "complex":
                    value = shown[name][0] if attribute["multiValued"] else shown[name]
                    assert value.keys() <= {part["name"] for part in attribute["subAttributes"]}

    def test_knows_nothing_else(self, scim: Client) -> None:
        for path in ("/Schemas/none", "/ResourceTypes/none"):
            missing = scim.call("GET", path)
            assert (missing.status_code, missing.json()["status"]) == (404, "404")
