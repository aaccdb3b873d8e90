"""The part of the fake gateway that knows figures, runs, the audit log, models, people and keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.ui.fake_gateway import Reply

NOTHING: dict[str, Any] = {
    **dict.fromkeys(("questions", "answered", "declined", "approved", "refused", "up", "down"), 0),
    **dict.fromkeys(("p50_ms", "p95_ms", "first_p50_ms")),
}
SOMETHING: dict[str, Any] = {
    "questions": 20,
    "answered": 15,
    "declined": 4,
    "approved": 3,
    "refused": 1,
    "up": 6,
    "down": 2,
    "p50_ms": 240,
    "p95_ms": 1900,
    "first_p50_ms": 180,
}
EVIL = '<img src="http://evil.example/x" onerror="alert(1)">'
MOMENT = "2026-03-02T12:00:00+00:00"


def user(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"u{number}",
        "username": f"person{number}",
        "display_name": EVIL if number == 0 else f"Person {number}",
        "email": "",
        "role": "member",
        "groups": [],
        "local": True,
        "issuer": None,
        "must_change": False,
        "suspended": False,
        "locked_until": None,
        "expires_at": None,
        "last_login_at": None,
        "created_at": MOMENT,
        **more,
    }


def credential(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"k{number}",
        "name": f"key {number}",
        "prefix": f"vk_{number}",
        "state": "active",
        "replaces": None,
        "created_by": "",
        "created_at": MOMENT,
        "expires_at": None,
        "last_used_at": None,
        **more,
    }


def entry(number: int, **more: Any) -> dict[str, Any]:
    return {
        "seq": number,
        "ts": MOMENT,
        "actor": {"kind": "user", "id": "5f1d", "role": "admin", "name": None},
        "event": "document.deleted",
        "decision": "allowed",
        "facts": {"document": f"d{number}"},
        "content": None,
        **more,
    }


def evaluation(number: int, **measures: float | None) -> dict[str, Any]:
    told = {"questions": 4, "recall@1": 0.5, "recall@5": 0.75, "answered": 0.5, "right": 0.5, **measures}
    return {
        "id": f"r{number}",
        "name": "desk",
        "digest": "d",
        "standard": "",
        "questions": 4,
        "asked": True,
        "took_s": 12.0,
        "version": "0.1.0",
        "created_at": f"2026-03-{number:02}T12:00:00+00:00",
        "figures": {
            "all": told,
            "varieties": {"yue-Hant-HK": told, "zh-Hant": told},
            "gaps": {"yue-Hant-HK": {"standard": "zh-Hant", "questions": 2, "recall@5": 0.25}},
        },
    }


def outcome(qid: str, **more: Any) -> dict[str, Any]:
    told = {"qid": qid, "lang": "zh-Hant", "group": "", "answerable": True, "rank": 1, "detected": None, "told": None}
    return {**told, "answered": True, "right": True, **more}


@dataclass
class FakeControl:
    """`told`: what a GET of a path is answered with. `asked`: the query of each GET, `changes`: every other request. `refusals`: error names by path."""

    figures: dict[str, Any] = field(default_factory=lambda: dict(SOMETHING))
    told: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    changes: list[tuple[str, str, Any]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = {"sql": {"ready": True, "detail": "sqlite"}, "models": {"ready": False, "detail": "a model is down"}}
        self.told = {
            "/readyz": {"ready": False, "parts": parts},
            "/v1/sources": {"data": [{"source": "a", "documents": 3}, {"source": "b", "documents": 4}]},
            "/v1/jobs": {"jobs": [{"state": "running"}, {"state": "partial"}, {"state": "succeeded"}]},
            "/v1/admin/questions": {"total": 12, "clusters": []},
            "/v1/admin/feedback": {"data": [{}, {}], "next_cursor": "more"},
            "/v1/usage": {"days": [], "total": {"requests": 0, "refused": 0, "total_tokens": 0}},
            "/v1/admin/evaluations": {"data": []},
            "/v1/admin/redteam": {"data": []},
            "/v1/audit": {"entries": [], "next_before": None},
            "/v1/audit/checkpoints": {"checkpoints": []},
            "/v1/admin/models": {"data": []},
            "/v1/admin/adapters": {"data": []},
            "/v1/admin/users": {"data": [], "total": 0},
            "/v1/admin/groups": {"data": []},
            "/v1/admin/keys": {"data": []},
            "/v1/admin/widgets": {"data": []},
            "/v1/admin/quotas": {
                "set": {"principal": {}, "visitor": {}, "principals": {"u1": {"tokens_per_day": 5}}},
                "in_force": {
                    "tenant": {"requests_per_minute": 600, "tokens_per_day": 0, "documents": 100, "megabytes": 10},
                    "principal": {"requests_per_minute": 60, "tokens_per_day": 0, "documents": 0, "megabytes": 0},
                    "visitor": {"requests_per_minute": 0, "tokens_per_day": 0, "documents": 0, "megabytes": 0},
                },
                "holdings": {"documents": 7, "bytes": 2_500_000},
            },
            **self.told,
        }

    def handle(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> Reply | None:
        if name := self.refusals.get(path):
            error = {"name": name, "message": f"Refused: {name}.", "hint": "", "request_id": "r"}
            return Reply(409, json.dumps({"error": error}).encode())
        if method != "GET":
            self.changes.append((method, path, json.loads(body) if body else None))
            return Reply(200, json.dumps(self.answers.get(f"{method} {path}", {})).encode())
        self.asked.append((path, dict(query)))
        if path == "/v1/admin/statistics":
            return Reply(200, json.dumps(self._statistics(query)).encode())
        if path not in self.told:
            return None
        status = 503 if path == "/readyz" else 200
        return Reply(status, json.dumps(self.told[path]).encode())

    def queries(self, path: str) -> list[dict[str, str]]:
        return [query for asked, query in self.asked if asked == path]

    def _statistics(self, query: Mapping[str, str]) -> dict[str, Any]:
        first, last = date.fromisoformat(query["since"]), date.fromisoformat(query["until"])
        days = [first + timedelta(number) for number in range((last - first).days + 1)]
        points = [{"at": f"{day}T00:00:00+00:00", **NOTHING} for day in days]
        points[-1] |= self.figures
        asked = self.figures["questions"]
        return {
            "since": query["since"],
            "until": query["until"],
            "by": query["by"],
            "tz": query["tz"],
            "series": points,
            "total": self.figures,
            "languages": [{"tag": "yue", "questions": 20, "answered": 15}] if asked else [],
            "dialects": [{"tag": "yue-Hant-HK", "questions": 9, "answered": 6}] if asked else [],
            "reasons": [{"name": "no_match", "count": 4}, {"name": EVIL, "count": 1}] if asked else [],
            "modes": [{"name": "extractive", "count": 12}, {"name": "approved", "count": 3}] if asked else [],
            "kept_days": 90,
        }
