"""SCIM 2.0 (RFC 7643, 7644): an identity provider keeps the accounts and groups of the tenant that its key is for."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response

from serve.deps import ScimAccess
from serve.scim import about, groups, users
from serve.scim.errors import ERROR_SCHEMA, MEDIA_TYPE, ScimResponse, ScimRoute
from serve.scim.filters import Filter, parse_filter
from serve.scim.patch import assignments_of, operations_of
from serve.scim.resources import Resource, Wanted, list_resource, version_of
from serve.validation import mend
from vernacular.errors import NotFound

PREFIX: Final = "/scim/v2"
_ERROR: Final[dict[str, Any]] = {
    "description": "SCIM's error",
    "content": {
        MEDIA_TYPE: {
            "schema": {
                "type": "object",
                "required": ["schemas", "status", "detail"],
                "properties": {
                    "schemas": {"type": "array", "items": {"const": ERROR_SCHEMA}},
                    "status": {"type": "string"},
                    "scimType": {"type": "string"},
                    "detail": {"type": "string"},
                },
            }
        }
    },
}

router = APIRouter(
    prefix=PREFIX,
    tags=["scim"],
    route_class=ScimRoute,
    default_response_class=ScimResponse,
    responses={"4XX": _ERROR, "5XX": _ERROR},
)

Sent = Annotated[dict[str, Any], Body(media_type=MEDIA_TYPE)]
IfMatch = Annotated[str, Header(alias="If-Match", max_length=200)]
IfNoneMatch = Annotated[str, Header(alias="If-None-Match", max_length=200)]


def wanted_attributes(
    attributes: Annotated[str, Query(max_length=2000)] = "",
    excluded: Annotated[str, Query(alias="excludedAttributes", max_length=2000)] = "",
) -> Wanted:
    return Wanted.of(attributes, excluded)


class Window:
    """Which part of a list is asked for. Numbers out of bounds are brought within them, as SCIM says."""

    def __init__(
        self,
        wanted: Annotated[str, Query(alias="filter")] = "",
        start: Annotated[int, Query(alias="startIndex")] = 1,
        count: Annotated[int, Query()] = 100,
    ) -> None:
        self.filter: Filter | None = parse_filter(wanted) if wanted.strip() else None
        self.start = min(max(start, 1), 2**31)
        self.count = min(max(count, 0), about.MOST_RESULTS)


Shown = Annotated[Wanted, Depends(wanted_attributes)]
Asked = Annotated[Window, Depends()]


@router.get("/ServiceProviderConfig")
def show_service_provider_config(access: ScimAccess, request: Request) -> Response:
    """What of SCIM this server does."""
    return ScimResponse(about.service_provider_config(_base(request)))


@router.get("/ResourceTypes")
def list_resource_types(access: ScimAccess, request: Request) -> Response:
    return _whole_list(about.resource_types(_base(request)))


@router.get("/ResourceTypes/{name}")
def show_resource_type(access: ScimAccess, request: Request, name: str) -> Response:
    return ScimResponse(_of_id(about.resource_types(_base(request)), name))


@router.get("/Schemas")
def list_schemas(access: ScimAccess, request: Request) -> Response:
    """The attributes that are kept."""
    return _whole_list(about.schemas(_base(request)))


@router.get("/Schemas/{name}")
def show_schema(access: ScimAccess, request: Request, name: str) -> Response:
    return ScimResponse(_of_id(about.schemas(_base(request)), name))


@router.get("/Users")
def list_users(access: ScimAccess, request: Request, asked: Asked, shown: Shown) -> Response:
    """Accounts, e.g. `?filter=userName eq "ana"`."""
    found, total = users.page(access, asked.filter, asked.start, asked.count, _base(request))
    return ScimResponse(list_resource([shown.of_resource(one) for one in found], total, asked.start))


@router.post("/Users", status_code=201)
def create_user(access: ScimAccess, request: Request, sent: Sent, shown: Shown) -> Response:
    return _made(users.create(access, assignments_of(mend(sent)), _base(request)), shown)


@router.get("/Users/{user_id}")
def show_user(access: ScimAccess, request: Request, user_id: str, shown: Shown, known: IfNoneMatch = "") -> Response:
    return _seen(users.show(access, user_id, _base(request)), shown, known)


@router.put("/Users/{user_id}")
def replace_user(
    access: ScimAccess, request: Request, user_id: str, sent: Sent, *, shown: Shown, expected: IfMatch = ""
) -> Response:
    sent = mend(sent)
    return _seen(users.replace(access, user_id, assignments_of(sent), _tag(expected), _base(request)), shown)


@router.patch("/Users/{user_id}")
def change_user(
    access: ScimAccess, request: Request, user_id: str, sent: Sent, *, shown: Shown, expected: IfMatch = ""
) -> Response:
    """An account that becomes `active: false` is refused within seconds, in streams too."""
    sent = mend(sent)
    return _seen(users.change(access, user_id, operations_of(sent), _tag(expected), _base(request)), shown)


@router.delete("/Users/{user_id}", status_code=204)
def delete_user(access: ScimAccess, request: Request, user_id: str, expected: IfMatch = "") -> Response:
    users.delete(access, user_id, _tag(expected), _base(request))
    return Response(status_code=204)


@router.get("/Groups")
def list_groups(access: ScimAccess, request: Request, asked: Asked, shown: Shown) -> Response:
    """Groups, e.g. `?filter=displayName eq "staff"&excludedAttributes=members`."""
    found, total = groups.page(
        access, asked.filter, asked.start, asked.count, _base(request), with_members=shown.sees("members")
    )
    return ScimResponse(list_resource([shown.of_resource(one) for one in found], total, asked.start))


@router.post("/Groups", status_code=201)
def create_group(access: ScimAccess, request: Request, sent: Sent, shown: Shown) -> Response:
    return _made(groups.create(access, assignments_of(mend(sent)), _base(request)), shown)


@router.get("/Groups/{group_id}")
def show_group(access: ScimAccess, request: Request, group_id: str, shown: Shown, known: IfNoneMatch = "") -> Response:
    found = groups.show(access, group_id, _base(request), with_members=shown.sees("members"))
    return _seen(found, shown, known)


@router.put("/Groups/{group_id}")
def replace_group(
    access: ScimAccess, request: Request, group_id: str, sent: Sent, *, shown: Shown, expected: IfMatch = ""
) -> Response:
    sent = mend(sent)
    return _seen(groups.replace(access, group_id, assignments_of(sent), _tag(expected), _base(request)), shown)


@router.patch("/Groups/{group_id}", status_code=204)
def change_group(access: ScimAccess, request: Request, group_id: str, sent: Sent, expected: IfMatch = "") -> Response:
    """Answered without a body, however many members there are."""
    groups.change(access, group_id, operations_of(mend(sent)), _tag(expected), _base(request))
    return Response(status_code=204)


@router.delete("/Groups/{group_id}", status_code=204)
def delete_group(access: ScimAccess, request: Request, group_id: str, expected: IfMatch = "") -> Response:
    groups.delete(access, group_id, _tag(expected), _base(request))
    return Response(status_code=204)


def _made(found: Resource, shown: Wanted) -> Response:
    headers = {"Location": str(found["meta"]["location"]), "ETag": version_of(found)}
    return ScimResponse(shown.of_resource(found), 201, headers)


def _seen(found: Resource, shown: Wanted, known: str = "") -> Response:
    headers = {"ETag": version_of(found)}
    if known.strip() == version_of(found):
        return Response(status_code=304, headers=headers)
    return ScimResponse(shown.of_resource(found), headers=headers)


def _whole_list(found: list[Resource]) -> Response:
    return ScimResponse(list_resource(found, len(found), 1))


def _of_id(listed: list[Resource], name: str) -> Resource:
    for one in listed:
        if one["id"] == name:
            return one
    raise NotFound("There is nothing of that name.", "Ask for the list.")


def _tag(expected: str) -> str:
    """`*` stands for any version, and so does none."""
    return "" if expected.strip() == "*" else expected.strip()


def _base(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}{PREFIX}"
