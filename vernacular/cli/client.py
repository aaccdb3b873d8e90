"""One door to the gateway for commands: the running one over HTTP, or one made for the moment inside this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from vernacular.cli.context import command_key
from vernacular.db.session import Database
from vernacular.errors import Unavailable, VernacularError
from vernacular.gateway import running_gateway
from vernacular.settings import Settings
from vernacular.tenancy import Tenant

_MODELS_S = 120.0
Door = Callable[[str, str, Any], httpx.Response]


@contextmanager
def gateway_client(settings: Settings, database: Database, tenant: Tenant) -> Iterator[Door]:
    """A function (method, path, JSON body) → response that speaks for an admin of the tenant."""
    headers = {"Authorization": f"Bearer {command_key(settings, database, tenant)}"}
    url = running_gateway(settings)
    if url is not None:
        with httpx.Client(base_url=url, headers=headers, timeout=60.0, trust_env=False) as client:
            yield lambda method, path, body: client.request(method, path, json=body)
        return
    with inside_gateway(settings, headers) as door:
        yield door


@contextmanager
def inside_gateway(settings: Settings, headers: dict[str, str]) -> Iterator[Door]:
    """The gateway's application in this process, without a socket."""
    with inside_requests(settings) as request:
        yield lambda method, path, body: request(method, path, body, headers)


@contextmanager
def inside_requests(settings: Settings) -> Iterator[Callable[[str, str, Any, dict[str, str]], httpx.Response]]:
    """As `inside_gateway`, for callers of several kinds: (method, path, JSON body, headers) → response."""
    from anyio.from_thread import start_blocking_portal

    from serve.app import create_app

    app = create_app(settings)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside", timeout=60.0)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.router.lifespan_context(app)):
        app.state.services.semantics.wait(_MODELS_S)  # one question is not worth a gateway that learns on the way
        yield lambda method, path, body, headers: portal.call(
            lambda: client.request(method, path, json=body, headers=headers)
        )


def call(door: Door, method: str, path: str, body: Any = None) -> Any:
    """The answer's JSON.

    Raises:
        VernacularError: with the gateway's own message and hint.
        Unavailable: the gateway went away.
    """
    return _answer(door, method, path, body).json()


def text_of(door: Door, method: str, path: str) -> str:
    """The answer's text; errors as of `call`."""
    return _answer(door, method, path, None).text


def _answer(door: Door, method: str, path: str, body: Any) -> httpx.Response:
    try:
        response = door(method, path, body)
    except httpx.TransportError:
        raise Unavailable(
            "The gateway does not answer.", "See whether `vernacular serve` still runs, and try again."
        ) from None
    if response.is_success:
        return response
    told = response.json().get("error", {}) if "json" in response.headers.get("content-type", "") else {}
    raise VernacularError(told.get("message", f"The gateway answered {response.status_code}."), told.get("hint", ""))
