"""Accounts and groups as SCIM shows them (RFC 7643)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from serve.scim.where import WORK
from vernacular.db.models import GroupRow, UserRow

USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ALWAYS: Final = frozenset({"schemas", "id", "meta"})

Resource = dict[str, Any]
Member = tuple[str, str]
"""An id, and a name to show."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which attributes a caller wants to see, by names in lower case; none: all but `excluded`."""

    attributes: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()

    @classmethod
    def of(cls, attributes: str, excluded: str) -> Wanted:
        return cls(_names(attributes), _names(excluded))

    def sees(self, name: str) -> bool:
        """Whether that attribute, or a part of it, is to be shown."""
        name = name.lower()
        if name in ALWAYS:
            return True
        if self.attributes:
            return any(wanted.partition(".")[0] == name for wanted in self.attributes)
        return name not in self.excluded

    def of_resource(self, resource: Resource) -> Resource:
        return {name: value for name, value in resource.items() if self.sees(name)}


def user_resource(row: UserRow, groups: Iterable[Member], base: str) -> Resource:
    """`base`: the address that SCIM's routes stand under."""
    found: Resource = {"schemas": [USER], "id": row.id, "userName": row.username, "active": row.suspended_at is None}
    if row.external_id:
        found["externalId"] = row.external_id
    if row.display_name:
        found |= {"displayName": row.display_name, "name": {"formatted": row.display_name}}
    if row.email:
        found["emails"] = [{"value": row.email, "type": WORK, "primary": True}]
    found["roles"] = [{"value": row.role, "primary": True}]
    found["groups"] = [
        {"value": group_id, "display": name, "$ref": f"{base}/Groups/{group_id}", "type": "direct"}
        for group_id, name in groups
    ]
    return _with_meta(found, "User", row, found, f"{base}/Users/{row.id}")


def group_resource(row: GroupRow, members: Iterable[Member] | None, base: str) -> Resource:
    """`members` None: they are not to be shown."""
    found: Resource = {"schemas": [GROUP], "id": row.id, "displayName": row.name}
    if row.external_id:
        found["externalId"] = row.external_id
    if members is not None:
        found["members"] = [
            {"value": user_id, "display": name, "$ref": f"{base}/Users/{user_id}", "type": "User"}
            for user_id, name in members
        ]
    return _with_meta(found, "Group", row, [row.id, row.name, row.external_id], f"{base}/Groups/{row.id}")


def list_resource(resources: Sequence[Resource], total: int, start: int) -> Resource:
    return {
        "schemas": [LIST],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(resources),
        "Resources": list(resources),
    }


def version_of(resource: Mapping[str, Any]) -> str:
    """The resource's entity tag."""
    return str(resource["meta"]["version"])


def _with_meta(found: Resource, kind: str, row: UserRow | GroupRow, state: Any, location: str) -> Resource:
    """`state`: what the entity tag follows, beside the moment of the last change."""
    told = orjson.dumps([state, _moment(row.updated_at)], option=orjson.OPT_SORT_KEYS)
    found["meta"] = {
        "resourceType": kind,
        "created": _moment(row.created_at),
        "lastModified": _moment(row.updated_at),
        "location": location,
        "version": f'W/"{hashlib.sha256(told).hexdigest()[:24]}"',
    }
    return found


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _names(text: str) -> frozenset[str]:
    """Comma-separated names of attributes, without the URN of their schema."""
    return frozenset(name.strip().rpartition(":")[2].lower() for name in text.split(",") if name.strip())
