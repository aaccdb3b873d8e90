"""The part of the fake gateway that keeps documents, takes them in, and says what could not be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.ui.fake_gateway import Reply

MOMENT = "2026-11-20T09:00:00+00:00"


def document(name: str, **more: Any) -> dict[str, Any]:
    return {
        "document_id": name,
        "source": "uploads",
        "source_id": name,
        "title": f"Title of {name}",
        "uri": None,
        "filename": name,
        "media_type": "text/plain",
        "language": "en",
        "metadata": {},
        "groups": [],
        "valid_from": None,
        "valid_until": None,
        "characters": 9,
        "chunks": 1,
        "has_original": True,
        "picture": False,
        "bytes": 1500,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        **more,
    }


def job(name: str, state: str = "succeeded", **more: Any) -> dict[str, Any]:
    return {
        "job_id": name,
        "kind": "ingest",
        "source": "uploads",
        "names": [f"{name}.pdf"],
        "items": 1,
        "state": state,
        "stage": state,
        "done": 1,
        "total": 1,
        "failed": 0,
        "eta_s": None,
        "cancel_requested": False,
        "can_retry": False,
        "created_at": MOMENT,
        "started_at": MOMENT,
        "finished_at": None,
        "errors": [],
        **more,
    }


def problem(name: str, source_id: str = "broken.pdf", **more: Any) -> dict[str, Any]:
    return {
        "job_id": "j1",
        "source": "uploads",
        "source_id": source_id,
        "name": name,
        "message": "`broken.pdf` is damaged.",
        "created_at": MOMENT,
        "can_retry": False,
        **more,
    }


@dataclass
class FakeDocuments:
    """`asked`: every request, by method and path. `refusals`: names of errors by method and path. `page`: documents a page has."""

    documents: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[dict[str, Any]] = field(default_factory=list)
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    refusals: dict[tuple[str, str], str] = field(default_factory=dict)
    page: int = 2

    def calls(self, method: str, path: str) -> list[dict[str, str]]:
        return [query for made, at, query in self.asked if (made, at) == (method, path)]

    def handle(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> Reply | None:
        if not path.startswith(("/v1/documents", "/v1/jobs", "/v1/sources", "/v1/quarantine", "/v1/admin/groups")):
            return None
        self.asked.append((method, path, dict(query)))
        if name := self.refusals.get((method, path)):
            return _reply({"error": {"name": name, "message": f"Refused: {name}.", "hint": "A hint."}}, 409)
        parts = path.strip("/").split("/")[1:]
        if parts[0] == "admin":
            return _reply({"data": [{"id": "g1", "name": "hr", "members": 2}]})
        if parts[0] == "sources":
            return _reply({"data": self._sources()})
        if parts[0] == "quarantine":
            return _reply({"data": self.quarantine, "next_cursor": None})
        if parts[0] == "jobs":
            return self._job(method, parts[1:])
        return self._document(method, parts[1:], query, body)

    def _sources(self) -> list[dict[str, Any]]:
        names = sorted({each["source"] for each in (*self.documents, *self.jobs)})
        found = []
        for name in names:
            held = [each for each in self.documents if each["source"] == name]
            last = next((each for each in self.jobs if each["source"] == name), None)
            told = {"source": name, "documents": len(held), "bytes": sum(each["bytes"] for each in held)}
            found.append({**told, "updated_at": MOMENT if held else None, "last_job": last})
        return found

    def _job(self, method: str, parts: list[str]) -> Reply | None:
        if not parts:
            return _reply({"jobs": [{**each, "errors": []} for each in self.jobs], "next_cursor": None})
        found = next((each for each in self.jobs if each["job_id"] == parts[0]), None)
        if found is None:
            return None
        if method == "POST":
            self.jobs.insert(0, job("again", "queued", names=found["names"], stage="queued", done=0, total=None))
            return _reply({"job_id": "again"}, 202)
        if method == "DELETE":
            found["cancel_requested"] = True
        return _reply(found)

    def _document(self, method: str, parts: list[str], query: Mapping[str, str], body: bytes) -> Reply | None:
        if method == "POST":
            self.bodies.append(body)
            self.jobs.insert(0, job("sent", "queued", names=["sent.txt"], stage="queued", done=0, total=None))
            return _reply({"job_id": "sent"}, 202)
        if not parts:
            first = int(query.get("cursor", 0))
            wanted = [
                each
                for each in self.documents
                if query.get("title", "").lower() in each["title"].lower()
                and query.get("source", each["source"]) == each["source"]
            ]
            more = str(first + self.page) if len(wanted) > first + self.page else None
            return _reply({"documents": wanted[first : first + self.page], "next_cursor": more})
        found = next((each for each in self.documents if each["document_id"] == parts[0]), None)
        if found is None:
            return None
        if method == "DELETE":
            self.documents.remove(found)
            return _reply({"document_id": parts[0], "deleted": True})
        return _reply(
            {
                **found,
                "text": f"# Text of {parts[0]} <b>",
                "pages": [],
                "headings": [],
                "tables": [],
                "page_images": False,
            }
        )


def _reply(body: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(body, ensure_ascii=False).encode())
