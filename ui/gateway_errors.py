"""What can go wrong between the front end and the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import httpx

from vernacular.errors import VernacularError

_PASSING: Final = {"gateway_unreachable", "timeout", "interrupted"}


class GatewayError(VernacularError):
    """The gateway refused, failed or could not be reached.

    `problem` is the machine-readable name in the gateway's error body, or one of the front end's own:
    `gateway_unreachable`, `timeout`, `interrupted`, `bad_answer`, `signed_out`. `passing`: the same may succeed in a while.
    """

    def __init__(self, problem: str, message: str, hint: str = "", *, passing: bool = False) -> None:
        super().__init__(message, hint)
        self.problem = problem
        self.passing = passing or problem in _PASSING


def raise_for_status(response: httpx.Response, *, personal: bool = False) -> None:
    """`personal`: the request carried somebody's sign-in, which no longer holds if the gateway does not know it."""
    if response.is_success:
        return
    response.read()
    if personal and response.status_code == httpx.codes.UNAUTHORIZED:
        raise GatewayError("signed_out", "You are no longer signed in.", "Sign in again.")
    try:
        body = response.json()
    except ValueError:
        body = {}
    raise error_of(body if isinstance(body, dict) else {}, response.status_code)


def error_of(body: Mapping[str, Any], status: int) -> GatewayError:
    error = body.get("error")
    if not isinstance(error, dict):
        error = {}
    by_status = {401: "unauthorized", 403: "unauthorized", 404: "not_found", 413: "too_large", 503: "unavailable"}
    name = str(error.get("name") or by_status.get(status, "internal"))
    message = str(error.get("message") or f"The gateway answered with status {status}.")
    passing = status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR
    return GatewayError(name, message, str(error.get("hint") or ""), passing=passing)


def unreachable(error: httpx.HTTPError, *, answering: bool = False) -> GatewayError:
    """`answering`: part of an answer to a question may have come, and asking again is what helps."""
    if isinstance(error, httpx.TimeoutException):
        return GatewayError("timeout", "The gateway took too long to answer.", "Try again in a moment.")
    if answering and isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
        return GatewayError("interrupted", "The answer was cut off.", "Ask again.")
    return GatewayError("gateway_unreachable", "The gateway cannot be reached.", "Start it with `vernacular serve`.")


def bad_answer() -> GatewayError:
    return GatewayError("bad_answer", "The gateway's answer could not be read.", "Check `ui.gateway_url`.")
