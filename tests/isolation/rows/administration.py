"""Rows of the routes for a tenant's settings and figures."""

from __future__ import annotations

import json
from typing import Final

from tests.isolation.rows.row import ADMIN, EDITOR, PUBLIC, Request, Row, nothing, of
from tests.isolation.world import QUESTION, World
from tests.serve.engine.adapters.made import configuration, tensors, weights
from vernacular.access.scopes import Scope


def _adapter(_world: World) -> Request:
    config = json.dumps(configuration(r=2)).encode()
    files = [
        ("file", ("adapter_config.json", config, "application/json")),
        ("file", ("adapter_model.safetensors", weights(tensors(2, layers=1)), "application/octet-stream")),
    ]
    return {"data": {"base_model": "tiny", "dialect": "", "assistant": "default"}, "files": files}


ADMINISTRATION: Final[tuple[Row, ...]] = (
    Row("GET", "/v1/system-card", PUBLIC, Scope.tenant, nothing),
    Row(
        "GET", "/v1/system-card", PUBLIC, Scope.tenant, lambda _: {"params": {"format": "markdown"}}, variant="markdown"
    ),
    Row("GET", "/v1/data-sheet", EDITOR, Scope.documents_write, nothing),
    Row("GET", "/v1/admin/models", ADMIN, Scope.admin, nothing),
    Row("GET", "/v1/admin/adapters", ADMIN, Scope.admin, nothing),
    Row("POST", "/v1/admin/adapters", ADMIN, Scope.admin, _adapter, ok=201),
    Row("GET", "/v1/admin/adapters/{adapter}", ADMIN, Scope.admin, of("adapter"), names="tenant"),
    Row(
        "PATCH", "/v1/admin/adapters/{adapter}", ADMIN, Scope.admin, of("adapter", json={"share": 0.5}), names="tenant"
    ),
    Row("DELETE", "/v1/admin/adapters/{adapter}", ADMIN, Scope.admin, of("adapter"), names="tenant"),
    Row("GET", "/v1/admin/dialects", ADMIN, Scope.admin, nothing),
    Row("POST", "/v1/admin/dialects/test", ADMIN, Scope.admin, lambda _: {"json": {"question": f"{QUESTION} pier"}}),
    Row("GET", "/v1/admin/dialects/settings", ADMIN, Scope.admin, nothing),
    Row(
        "PUT",
        "/v1/admin/dialects/settings",
        ADMIN,
        Scope.admin,
        lambda _: {"json": {"preferences": {"answer_in": "standard"}}},
    ),
    Row("GET", "/v1/admin/dialects/{tag}", ADMIN, Scope.admin, lambda _: {"path": "arz-Arab-EG"}),
    Row("GET", "/v1/admin/evaluations", ADMIN, Scope.admin, nothing),
    Row("GET", "/v1/admin/evaluations/{run_id}", ADMIN, Scope.admin, of("run"), names="tenant"),
    Row("GET", "/v1/admin/redteam", ADMIN, Scope.admin, nothing),
    Row("GET", "/v1/admin/redteam/{run_id}", ADMIN, Scope.admin, of("redteam_run"), names="tenant"),
)
