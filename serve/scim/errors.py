"""Errors as SCIM tells them (RFC 7644, 3.12)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from serve.error_handlers import headers_for
from serve.responses import dump
from serve.validation import sentence_for
from vernacular.errors import BadRequest, Conflict, StoreBusy, VernacularError

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/scim+json"
ERROR_SCHEMA: Final = "urn:ietf:params:scim:api:messages:2.0:Error"


class ScimResponse(JSONResponse):
    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        return dump(content)


class InvalidFilter(BadRequest):
    name = "invalidFilter"


class InvalidPath(BadRequest):
    name = "invalidPath"


class InvalidValue(BadRequest):
    name = "invalidValue"


class InvalidSyntax(BadRequest):
    name = "invalidSyntax"


class NoTarget(BadRequest):
    name = "noTarget"


class Mutability(BadRequest):
    """An attribute that is the server's own was to be changed."""

    name = "mutability"


class Uniqueness(Conflict):
    name = "uniqueness"


class PreconditionFailed(VernacularError):
    """The resource is no longer the one that the caller saw."""

    status = 412
    name = "precondition_failed"


_SCIM_TYPES: Final = frozenset(
    error.name for error in (InvalidFilter, InvalidPath, InvalidValue, InvalidSyntax, NoTarget, Mutability, Uniqueness)
)


class ScimRoute(APIRoute):
    """A route whose errors are SCIM's, those of its dependencies and of reading the body included."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        handle = super().get_route_handler()

        async def handle_scim(request: Request) -> Response:
            try:
                return await handle(request)
            except VernacularError as error:
                return render(error)
            except RequestValidationError as error:
                found = sentence_for(error.errors()[0])
                return render(InvalidSyntax(found.message, found.hint))
            except HTTPException as error:
                cause = error.__cause__
                return render(
                    cause if isinstance(cause, VernacularError) else InvalidSyntax("The body cannot be read.")
                )
            except OperationalError:
                log.exception("the database refused")
                return render(StoreBusy("The database is busy or out of reach."))

        return handle_scim


def render(error: VernacularError) -> ScimResponse:
    body: dict[str, Any] = {
        "schemas": [ERROR_SCHEMA],
        "status": str(error.status),
        "detail": f"{error.message} {error.hint}".strip()
        if error.status < HTTPStatus.INTERNAL_SERVER_ERROR
        else error.message,
    }
    if error.name in _SCIM_TYPES:
        body["scimType"] = error.name
    elif error.status == HTTPStatus.CONFLICT:
        body["scimType"] = Uniqueness.name
    elif error.status == HTTPStatus.BAD_REQUEST:
        body["scimType"] = InvalidValue.name
    return ScimResponse(body, error.status, headers_for(error))
