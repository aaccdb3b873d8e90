"""Rows of the routes that belong to no tenant."""

from __future__ import annotations

from typing import Final

from tests.isolation.rows.row import ANYONE, Row, nothing

PLATFORM: Final[tuple[Row, ...]] = (
    Row("GET", "/healthz", ANYONE, None, nothing),
    Row("GET", "/readyz", ANYONE, None, nothing),
    Row("GET", "/metrics", ANYONE, None, nothing),
    Row("GET", "/openapi.json", ANYONE, None, nothing),
    Row("HEAD", "/openapi.json", ANYONE, None, nothing),
)
