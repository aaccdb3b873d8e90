"""What this server says of itself: its abilities, the kinds of resources, and the attributes that are kept (RFC 7643, 5 to 7)."""

from __future__ import annotations

from typing import Any, Final

from serve.scim.resources import GROUP, USER, Resource

MOST_RESULTS: Final = 200
_SCHEMA: Final = "urn:ietf:params:scim:schemas:core:2.0:Schema"
_RESOURCE_TYPE: Final = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
_CONFIG: Final = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"


def service_provider_config(base: str) -> Resource:
    return {
        "schemas": [_CONFIG],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST_RESULTS},
        "changePassword": {"supported": False},
        "sort": {"supported": False},
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "API key",
                "description": "An API key of the tenant with the scope `scim`, as a bearer token.",
                "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base}/ServiceProviderConfig"},
    }


def resource_types(base: str) -> list[Resource]:
    return [
        {
            "schemas": [_RESOURCE_TYPE],
            "id": name,
            "name": name,
            "endpoint": f"/{name}s",
            "description": description,
            "schema": schema,
            "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/{name}"},
        }
        for name, description, schema in (("User", "A person's account", USER), ("Group", "A group of people", GROUP))
    ]


def schemas(base: str) -> list[Resource]:
    described = (
        (USER, "User", "A person's account", _user_attributes()),
        (GROUP, "Group", "A group of people, by whose name documents say who may read them", _group_attributes()),
    )
    return [
        {
            "schemas": [_SCHEMA],
            "id": schema,
            "name": name,
            "description": description,
            "attributes": attributes,
            "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{schema}"},
        }
        for schema, name, description, attributes in described
    ]


def _user_attributes() -> list[dict[str, Any]]:
    role, value = _attribute("value", "The role: admin, editor, member or public"), _attribute("value", "The address")
    return [
        _external_id(),
        _attribute("userName", "What the person is called here", required=True, uniqueness="server"),
        _attribute("displayName", "The name to show"),
        _complex("name", "The name to show", [_attribute("formatted", "The whole of it")]),
        _attribute("active", "Whether the account is let in", kind="boolean"),
        _complex("emails", "The address; one is kept", [value, _kind(), _primary()], many=True),
        _complex("roles", "The role; there is one", [role, _primary()], many=True),
        _complex("groups", "The groups that the person is in", _references(), many=True, mutability="readOnly"),
    ]


def _group_attributes() -> list[dict[str, Any]]:
    return [
        _external_id(),
        _attribute("displayName", "The name, as documents have it", required=True, uniqueness="server"),
        _complex("members", "The people in it", _references(), many=True),
    ]


def _references() -> list[dict[str, Any]]:
    return [
        _attribute("value", "The id", mutability="immutable", exact=True),
        _attribute("$ref", "Where it is", kind="reference", mutability="readOnly", exact=True),
        _attribute("display", "The name", mutability="readOnly"),
        _kind(),
    ]


def _external_id() -> dict[str, Any]:
    return _attribute("externalId", "The provider's own id", exact=True)


def _kind() -> dict[str, Any]:
    return _attribute("type", "What kind it is of", mutability="readOnly")


def _primary() -> dict[str, Any]:
    return _attribute("primary", "Whether it comes first", kind="boolean", mutability="readOnly")


def _complex(name: str, description: str, parts: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {**_attribute(name, description, kind="complex", **more), "subAttributes": parts}


def _attribute(
    name: str,
    description: str,
    *,
    kind: str = "string",
    many: bool = False,
    required: bool = False,
    exact: bool = False,
    mutability: str = "readWrite",
    uniqueness: str = "none",
) -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        "multiValued": many,
        "description": description,
        "required": required,
        "caseExact": exact,
        "mutability": mutability,
        "returned": "default",
        "uniqueness": uniqueness,
    }
