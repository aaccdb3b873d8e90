"""The part of the fake gateway that keeps approved answers, unanswered questions and feedback."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.ui.fake_gateway import Reply

AT = "2026-05-04T09:30:00+00:00"
_PATHS = ("/v1/approved-answers", "/v1/admin/questions", "/v1/admin/feedback", "/v1/conversations/c-")


def answer(identifier: str = "a1", **fields: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "question": "How do I get a beach pass?",
        "variants": ["泳灘證點攞？"],
        "answer": "Ask at the quay.",
        "language": "en",
        "uri": None,
        "active": True,
        "valid_from": None,
        "valid_until": None,
        "state": "live",
        "document_id": "d1",
        "created_by": "",
        "updated_by": "",
        "created_at": AT,
        "updated_at": AT,
        **fields,
    }


def cluster(
    identifier: str = "m1", question: str = "Is there a ski lift?", count: int = 3, **fields: Any
) -> dict[str, Any]:
    asked = {"conversation_id": "c-1", "reason": "no_match", "language": "en", "dialect": None, "created_at": AT}
    ids = [identifier, *(f"{identifier}-{number}" for number in range(1, count))]
    return {
        "id": identifier,
        "question": question,
        "language": "en",
        "dialect": None,
        "count": count,
        "first_at": AT,
        "last_at": AT,
        "dialects": ["yue-Hant-HK"],
        "questions": [{"message_id": each, "text": f"{question} {each}", **asked} for each in ids],
        "message_ids": ids,
        "near": [{"document_id": "d9", "title": "Mountain railways"}],
        "outcome": None,
        "approved_id": None,
        **fields,
    }


def opinion(message_id: str = "m9", **fields: Any) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "conversation_id": "c-1",
        "question": "When does the pool open?",
        "answer": "At nine.",
        "rating": -1,
        "reason": "outdated",
        "comment": "It opens at ten now.",
        "language": "en",
        "dialect": None,
        "created_at": AT,
        "handled_at": None,
        **fields,
    }


@dataclass
class FakeQuality:
    """`changes`: what was asked for, one by one. `refusal`: what every change is answered with."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    clusters: list[dict[str, Any]] = field(default_factory=list)
    opinions: list[dict[str, Any]] = field(default_factory=list)
    changes: list[tuple[str, str, Any]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    refusal: str = ""

    def handle(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> Reply | None:
        if not path.startswith(_PATHS):
            return None
        if method == "GET":
            return self._show(path, query)
        self.changes.append((method, path, json.loads(body) if body else None))
        if self.refusal:
            return _reply({"error": {"name": "conflict", "message": self.refusal, "hint": ""}}, 409)
        return self._change(method, path, self.changes[-1][2])

    def _show(self, path: str, query: Mapping[str, str]) -> Reply:
        self.asked.append(dict(query))
        if path.startswith("/v1/conversations/"):
            said = [("user", "Hello"), ("assistant", "Good day."), ("user", "When does the pool open?")]
            return _reply({"messages": [{"role": role, "content": text} for role, text in said]})
        if path == "/v1/approved-answers":
            found = [each for each in self.answers if query.get("q", "").lower() in str(each).lower()]
            return _reply({"data": found, "total": len(found), "next_cursor": None})
        if path.startswith("/v1/approved-answers/"):
            one = [each for each in self.answers if each["id"] == path.rpartition("/")[2]]
            return (
                _reply(one[0]) if one else _reply({"error": {"name": "not_found", "message": "Gone.", "hint": ""}}, 404)
            )
        handled = query.get("handled") == "true"
        if path == "/v1/admin/questions":
            shown = [each for each in self.clusters if bool(each["outcome"]) == handled]
            total = sum(each["count"] for each in shown)
            told = {"since": AT, "total": total, "groups": len(shown), "more": False, "clusters": shown}
            return _reply(told)
        wanted = [each for each in self.opinions if bool(each["handled_at"]) == handled]
        wanted = [each for each in wanted if query.get("rating", str(each["rating"])) == str(each["rating"])]
        return _reply({"data": wanted, "next_cursor": None})

    def _change(self, method: str, path: str, sent: Any) -> Reply:
        name = path.rpartition("/")[2]
        if path == "/v1/approved-answers":
            made = answer(f"a{len(self.answers) + 1}", state="indexing")
            made |= {key: value for key, value in sent.items() if key in made}
            self.answers.insert(0, made)
            self._deal_with(sent["message_ids"], "approved")
            return _reply(made, 201)
        if path.endswith("/reviews"):
            self._deal_with(sent["message_ids"], sent["outcome"])
            return _reply({"reviewed": len(sent["message_ids"]), "outcome": sent["outcome"]})
        if path.startswith("/v1/admin/feedback/"):
            found = next(each for each in self.opinions if each["message_id"] == name)
            found["handled_at"] = AT if sent["handled"] else None
            return _reply(found)
        kept = next((each for each in self.answers if each["id"] == name), {})
        if not kept:
            return _reply({"error": {"name": "not_found", "message": "Gone.", "hint": ""}}, 404)
        if method == "DELETE":
            self.answers.remove(kept)
            return _reply({"id": name, "deleted": True})
        kept |= sent
        kept["state"] = "live" if kept["active"] else "off"
        return _reply(kept)

    def _deal_with(self, message_ids: list[str], outcome: str | None) -> None:
        for each in self.clusters:
            if set(each["message_ids"]) <= set(message_ids):
                each["outcome"] = outcome


def _reply(body: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(body).encode())
