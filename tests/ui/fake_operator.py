"""The part of the fake gateway that an operator sees: tenants and their usage."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.ui.fake_gateway import Reply

MOMENT = "2026-06-01T10:00:00+00:00"


def _tenants() -> dict[str, dict[str, Any]]:
    return {
        name: {
            "name": name,
            "display_name": name.title(),
            "languages": ["en"],
            "suspended_at": None,
            "created_at": MOMENT,
        }
        for name in ("delta", "harbour")
    }


@dataclass
class FakeOperator:
    """`changes`: what was asked for, one by one."""

    tenants: dict[str, dict[str, Any]] = field(default_factory=_tenants)
    changes: list[tuple[str, str, Any]] = field(default_factory=list)

    def handle(self, method: str, path: str, _query: Mapping[str, str], body: bytes) -> Reply | None:
        if path == "/v1/admin/usage":
            used = {"tenant": "harbour", "requests": 1200, "refused": 3, "total_tokens": 45678}
            return _reply({"data": [used]})
        if not path.startswith("/v1/admin/tenants"):
            return None
        asked = json.loads(body) if body else {}
        if method != "GET":
            self.changes.append((method, path, asked))
        name = path.removeprefix("/v1/admin/tenants").strip("/")
        if method == "POST":
            if asked["name"] in self.tenants:
                return _reply(
                    {"error": {"name": "conflict", "message": "It is taken.", "hint": "Choose another."}}, 409
                )
            made = {**asked, "suspended_at": None, "created_at": MOMENT}
            self.tenants[asked["name"]] = made
            return _reply({"tenant": made, "admin": {"username": asked["admin"], "password": "seven-rivers-42"}}, 201)
        if method == "PATCH":
            self.tenants[name]["suspended_at"] = MOMENT if asked["suspended"] else None
        if method == "DELETE":
            del self.tenants[name]
        return _reply({"data": list(self.tenants.values())})


def _reply(body: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(body).encode())
