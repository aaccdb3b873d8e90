"""How the installation fares, and what waits to be done in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import httpx

from ui.api import TIMEOUT, Api
from ui.gateway_errors import GatewayError, bad_answer, unreachable

Found = TypeVar("Found")
_AT_ONCE: Final = 6
_UNFINISHED: Final = frozenset({"queued", "running"})


@dataclass(frozen=True, slots=True)
class Part:
    """`detail`: the gateway's words for its state, in English."""

    name: str
    ready: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Jobs:
    """Of the last ones. `failed`: how many ended without taking in anything, or not all."""

    unfinished: int
    failed: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """`more`: there are more than `count`."""

    count: int
    more: bool = False


def all_of(asks: Mapping[str, Callable[[], Found]]) -> dict[str, Found | GatewayError]:
    """What each question comes to, asked at once; an error is an answer too."""

    def ask(question: Callable[[], Found]) -> Found | GatewayError:
        try:
            return question()
        except GatewayError as error:
            return error

    if len(asks) < 2:
        return {name: ask(question) for name, question in asks.items()}
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="ask") as threads:
        return dict(zip(asks, threads.map(ask, asks.values()), strict=True))


def readiness(api: Api) -> tuple[Part, ...]:
    """Each part of the gateway, those that are down first."""
    try:
        response = api.http.get(f"{api.url}/readyz", headers=api.headers, timeout=TIMEOUT)
        parts: dict[str, Any] = response.json()["parts"]
    except httpx.HTTPError as error:
        raise unreachable(error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise bad_answer() from error
    found = [Part(name, bool(part["ready"]), str(part["detail"])) for name, part in parts.items()]
    return tuple(sorted(found, key=lambda part: part.ready))


def documents(api: Api) -> int:
    """How many the tenant has."""
    return sum(int(source["documents"]) for source in api.get("/v1/sources")["data"])


def jobs(api: Api) -> Jobs:
    states = [job["state"] for job in api.get("/v1/jobs", limit=50)["jobs"]]
    return Jobs(sum(state in _UNFINISHED for state in states), sum(state in ("failed", "partial") for state in states))


def unanswered(api: Api) -> Waiting:
    """Questions of the last 30 days that nobody has looked at."""
    return Waiting(int(api.get("/v1/admin/questions", days=30, handled="false", limit=0)["total"]))


def complaints(api: Api) -> Waiting:
    """Thumbs down that nobody has looked at."""
    page = api.get("/v1/admin/feedback", rating=-1, handled="false")
    return Waiting(len(page["data"]), bool(page.get("next_cursor")))
