"""Rows of the routes for a tenant's settings and figures."""

from __future__ import annotations

import json
from typing import Final

from tests.isolation.rows.row import ADMIN, EDITOR, MEMBER, PUBLIC, Request, Row, nothing, of
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
    Row("GET", "/v1/admin/quotas", ADMIN, Scope.admin, nothing),
    Row("PUT", "/v1/admin/quotas", ADMIN, Scope.admin, lambda _: {"json": {"visitor": {"requests_per_minute": 1000}}}),
    Row("GET", "/v1/admin/safety", ADMIN, Scope.admin, nothing),
    Row("PUT", "/v1/admin/safety", ADMIN, Scope.admin, lambda _: {"json": {"pack": "eu"}}),
    Row("POST", "/v1/admin/safety/test", ADMIN, Scope.admin, lambda _: {"json": {"text": "Where do I register?"}}),
    Row("GET", "/v1/admin/retention", ADMIN, Scope.admin, nothing),
    Row("PUT", "/v1/admin/retention", ADMIN, Scope.admin, lambda _: {"json": {"conversations_days": 30}}),
    Row("DELETE", "/v1/admin/subjects/{person}", ADMIN, Scope.admin, of("user"), names="tenant"),
    Row(
        "DELETE",
        "/v1/admin/subjects/{person}",
        ADMIN,
        Scope.admin,
        of("conversation"),
        names="tenant",
        variant="of a conversation",
    ),
    Row("DELETE", "/v1/admin/documents/{document_id}", ADMIN, Scope.admin, of("group_document"), names="tenant"),
    Row("GET", "/v1/usage", MEMBER, Scope.usage, nothing),
    Row("GET", "/v1/audit", ADMIN, Scope.audit, nothing),
    Row("GET", "/v1/audit", ADMIN, Scope.audit, lambda _: {"params": {"content": True}}, variant="content"),
    Row(
        "GET",
        "/v1/audit",
        ADMIN,
        Scope.audit,
        lambda world: {"params": {"subject": world.here.more["user"], "content": True}},
        variant="of a person",
    ),
    Row("GET", "/v1/audit/checkpoints", ADMIN, Scope.audit, nothing),
    Row("GET", "/v1/audit/inclusion", ADMIN, Scope.audit, lambda _: {"params": {"seq": 0}}),
    Row("GET", "/v1/audit/consistency", ADMIN, Scope.audit, lambda _: {"params": {"first": 1, "second": 2}}),
    Row("GET", "/v1/audit/verify", ADMIN, Scope.audit, nothing),
    Row("GET", "/v1/audit/export", ADMIN, Scope.audit, nothing),
)
