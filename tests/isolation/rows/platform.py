"""Rows of the routes that belong to no tenant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.isolation.rows.row import ANYONE, OPERATOR, Request, Row, nothing
from tests.isolation.world import HOME_TENANT, World


def _here(**request: Any) -> Callable[[World], Request]:
    return lambda _: {"path": HOME_TENANT, **request}


PLATFORM: Final[tuple[Row, ...]] = (
    Row("GET", "/healthz", ANYONE, None, nothing),
    Row("GET", "/readyz", ANYONE, None, nothing),
    Row("GET", "/metrics", ANYONE, None, nothing),
    Row("GET", "/openapi.json", ANYONE, None, nothing),
    Row("HEAD", "/openapi.json", ANYONE, None, nothing),
    Row("GET", "/v1/audit/public-key", ANYONE, None, nothing),
    Row("GET", "/v1/admin/tenants", OPERATOR, None, nothing),
    Row("POST", "/v1/admin/tenants", OPERATOR, None, lambda _: {"json": {"name": "fresh"}}, ok=201),
    Row("GET", "/v1/admin/tenants/{name}", OPERATOR, None, _here()),
    Row("PATCH", "/v1/admin/tenants/{name}", OPERATOR, None, _here(json={"suspended": True})),
    Row("DELETE", "/v1/admin/tenants/{name}", OPERATOR, None, _here()),
    Row("GET", "/v1/admin/tenants/{name}/quotas", OPERATOR, None, _here()),
    Row("PUT", "/v1/admin/tenants/{name}/quotas", OPERATOR, None, _here(json={"documents": 1000})),
    Row("GET", "/v1/admin/usage", OPERATOR, None, nothing),
)
