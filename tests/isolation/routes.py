"""Every route that an application serves: hidden and mounted ones too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

ANY = "*"
"""The method of a mounted application that does not say which routes it has."""


@dataclass(frozen=True, slots=True, order=True)
class Served:
    """One method of one route. `hidden`: not in the OpenAPI document."""

    path: str
    method: str
    hidden: bool = False


def served(app: FastAPI) -> list[Served]:
    """
    Raises:
        TypeError: a route is of a kind unknown here, and could hide what it serves.
    """
    return sorted(set(_served(app.routes, "")))


def _served(routes: Iterable[Any], prefix: str) -> Iterator[Served]:
    for route in routes:
        if hasattr(route, "effective_candidates"):  # a router that FastAPI has included
            yield from _served(route.effective_candidates(), prefix)
            yield from _served(route.effective_low_priority_routes(), prefix)
        elif isinstance(route, Mount):
            inner = prefix + route.path
            yield from _served(route.routes, inner) if route.routes else [Served(inner, ANY, True)]
        elif isinstance(route, WebSocketRoute):
            yield Served(prefix + route.path, "WEBSOCKET", True)
        elif isinstance(route, Route) or (not isinstance(route, BaseRoute) and getattr(route, "methods", None)):
            hidden = not getattr(route, "include_in_schema", True)
            for method in route.methods or {ANY}:
                yield Served(prefix + route.path, method, hidden)
        elif not isinstance(route, BaseRoute) and getattr(route, "original_route", None) is not None:
            yield from _served([route.starlette_route or route.original_route], prefix)
        else:
            raise TypeError(f"{route!r} is of a kind that tests/isolation/routes.py does not know: teach it.")


def documented(openapi: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """(path, method) → operation of an OpenAPI document."""
    return {
        (path, method.upper()): operation
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
        if method in ("get", "head", "post", "put", "patch", "delete", "options", "trace")
    }
