"""The part of the fake gateway that searches, tells what changed, and keeps searches."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.ui.fake_gateway import Reply

EVIL = '![x](http://evil.example/x) <img src="http://evil.example/y">'


def hit(document_id: str, title: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "document_id": document_id,
        "source_id": document_id,
        "title": title,
        "text": text,
        "start": 0,
        "source": "laws",
        "media_type": "application/pdf",
        "language": "en",
        "page": None,
        "uri": None,
        "updated_at": "2026-03-01T09:00:00+00:00",
        "valid_from": None,
        "valid_until": None,
        "highlights": [],
        "marks": [],
        "metadata": {},
        **more,
    }


def values(field: str, **counts: int) -> dict[str, Any]:
    return {"field": field, "kind": "values", "values": [{"value": name, "count": n} for name, n in counts.items()]}


@dataclass
class FakeSearch:
    """`hits`: what every search finds. `searched`: the bodies of all searches. `saved`: what is kept, by id. `refusal`: status and name of the error that
    what is asked is answered with."""

    hits: list[dict[str, Any]] = field(default_factory=list)
    facets: list[dict[str, Any]] = field(default_factory=list)
    understood: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    saved: dict[str, dict[str, Any]] = field(default_factory=dict)
    searched: list[dict[str, Any]] = field(default_factory=list)
    told: list[tuple[str, str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    action: str = "allow"
    refusal: tuple[int, str] | None = None

    def handle(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> Reply | None:
        if path == "/v1/chat/completions":
            self.asked.append(json.loads(body))
            return None
        if path != "/v1/search" and not path.startswith(("/v1/saved-searches", "/v1/documents/changes")):
            return None
        asked: Any = json.loads(body) if body else None
        if path == "/v1/search":
            self.searched.append(asked)
        else:
            self.told.append((method, path, asked))
        if self.refusal is not None:
            status, name = self.refusal
            return _reply({"error": {"name": name, "message": "Refused."}}, status)
        if path == "/v1/search":
            return _reply(self._found(asked))
        if path == "/v1/documents/changes":
            return _reply({"since": "2026-02-01T00:00:00+00:00", "changes": self.changes})
        return self._keep(method, path.removeprefix("/v1/saved-searches").strip("/"), asked)

    def _found(self, asked: dict[str, Any]) -> dict[str, Any]:
        only = asked.get("documents")
        hits = [each for each in self.hits if only is None or each["document_id"] in only]
        return {
            "query": {"language": "en", "understood": self.understood if asked.get("expand", True) else []},
            "hits": hits[: asked["top_k"]],
            "facets": self.facets if asked.get("facets") else [],
            "took_ms": 12.3,
            "policy": {"version": "1", "action": self.action},
        }

    def _keep(self, method: str, search_id: str, asked: Any) -> Reply:
        if method == "GET":
            return _reply({"data": list(self.saved.values())})
        if method == "POST":
            if any(each["name"] == asked["name"] for each in self.saved.values()):
                return _reply({"error": {"name": "conflict", "message": "There is one already."}}, 409)
            search_id = f"s{len(self.saved) + 1}"
            self.saved[search_id] = {"id": search_id, **asked, "new": 0}
        elif method == "DELETE":
            del self.saved[search_id]
            return _reply({"id": search_id, "deleted": True})
        else:
            self.saved[search_id] |= {"name": asked["name"]} if "name" in asked else {"new": 0}
        return _reply(self.saved[search_id])


def _reply(body: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(body).encode())
