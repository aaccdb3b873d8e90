"""Every error leaves the gateway in one shape: `{"error": {"name", "message", "hint", "request_id"}}`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.exceptions import HTTPException

from serve.quotas.keeper import OverQuota, headers_of
from serve.responses import JsonResponse
from serve.validation import sentence_for
from vernacular.errors import (
    BadRequest,
    Conflict,
    MethodNotAllowed,
    NotFound,
    StoreBusy,
    TooManyRequests,
    VernacularError,
)

log = logging.getLogger(__name__)


class ErrorDetail(BaseModel):
    """`name` is for programs, `message` and `hint` are for people; the log knows the `request_id`."""

    name: str
    message: str
    hint: str
    request_id: str


class ErrorBody(BaseModel):
    error: ErrorDetail


RESPONSES: dict[int | str, dict[str, Any]] = {"4XX": {"model": ErrorBody}, "5XX": {"model": ErrorBody}}
ROUTES_HINT = "GET /openapi.json lists the routes and their methods."


def install(app: FastAPI) -> None:
    app.add_exception_handler(VernacularError, _render)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _store)
    app.add_exception_handler(IntegrityError, _overtaken)


def error_body(error: VernacularError, request_id: str) -> dict[str, Any]:
    return {
        "error": {"name": error.name, "message": error.message, "hint": error.hint, "request_id": request_id},
    }


def respond(error: VernacularError, request_id: str, headers: Mapping[str, str] | None = None) -> JsonResponse:
    return JsonResponse(error_body(error, request_id), error.status, headers)


def headers_for(error: VernacularError) -> dict[str, str]:
    if isinstance(error, TooManyRequests):
        standing = [error.standing] if isinstance(error, OverQuota) else []
        return {"Retry-After": str(error.retry_after_s), **headers_of(standing)}
    return {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "2"}}.get(error.status, {})


def request_id_of(request: Request) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))


async def _render(request: Request, error: Exception) -> JsonResponse:
    if not isinstance(error, VernacularError):
        raise TypeError(f"{error!r} is not a VernacularError")
    return respond(error, request_id_of(request), headers_for(error))


async def _validation(request: Request, error: Exception) -> JsonResponse:
    if not isinstance(error, RequestValidationError):
        raise TypeError(f"{error!r} is not a RequestValidationError")
    return await _render(request, sentence_for(error.errors()[0]))


async def _http(request: Request, error: Exception) -> JsonResponse:
    """Starlette's own errors: no such route, no such method, a body that cannot be read."""
    if not isinstance(error, HTTPException):
        raise TypeError(f"{error!r} is not an HTTPException")
    if isinstance(error.__cause__, VernacularError):
        return await _render(request, error.__cause__)
    known = _known_http(request, error)
    return respond(known, request_id_of(request), error.headers if error.status_code == 405 else None)


def _known_http(request: Request, error: HTTPException) -> VernacularError:
    where = f"{request.method} {request.url.path[:200]}"
    if error.status_code == 404:
        return NotFound(f"There is no route {where}.", ROUTES_HINT)
    if error.status_code == 405:
        return MethodNotAllowed(f"There is a route {request.url.path[:200]}, but not for {request.method}.")
    if isinstance(error.__cause__, UnicodeDecodeError):
        return BadRequest("The body is not valid UTF-8.", "Encode the request as UTF-8 and send it again.")
    if isinstance(error.__cause__, RecursionError):
        return BadRequest("The JSON in the body is nested too deeply.", "Send a flatter object.")
    if error.status_code == 400:
        return BadRequest(
            f"The body could not be read: {error.detail}.", "Check the request's format and Content-Type."
        )
    log.error("unexpected HTTP error %s", error.status_code, exc_info=error)
    return VernacularError("Something went wrong inside the gateway.", "Try again; if it stays, report the request id.")


async def _store(request: Request, error: Exception) -> JsonResponse:
    log.error("the database refused", exc_info=error, extra={"fields": {"request_id": request_id_of(request)}})
    return await _render(request, StoreBusy("The database is busy or out of reach."))


async def _overtaken(request: Request, error: Exception) -> JsonResponse:
    """Two who make or remove the same thing at once: what each looked at before is no longer so when it is written."""
    log.warning("two changes met", exc_info=error, extra={"fields": {"request_id": request_id_of(request)}})
    return await _render(
        request, Conflict("Someone else changed this at the same moment.", "Look at it, and try again.")
    )
