"""The gateway's part behind the chat page: an answer as a test wants it, its document, feedback, exports and images."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

from PIL import Image

from tests.ui.fake_gateway import Reply

QUOTE: Final = "The jar costs 18.80."
TEXT: Final = f"Chilli bean paste\n\n{QUOTE}\n\nIt keeps for a year."


@dataclass
class FakeChat:
    """`about`: what the answer's end tells beside the usual; `source`: of its citation, None for none; `document`: of what is cited.
    `given`: the feedback that came. `paths`: what was asked for. `kept`: the messages of the conversation `c-1`; `trouble`: the status that
    reading it has."""

    about: dict[str, Any] = field(default_factory=dict)
    source: dict[str, Any] | None = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    text: str = f"The documents say: {QUOTE} [1]"
    refuses: bool = False
    given: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)
    trouble: int = 0

    def handle(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> Reply | None:
        told = f"{path}?{'&'.join(f'{name}={value}' for name, value in query.items())}" if query else path
        self.paths.append(f"{method} {told}")
        if (method, path) == ("POST", "/v1/chat/completions"):
            return self._answer()
        if (method, path) == ("POST", "/v1/feedback"):
            if self.refuses:
                return _reply({"error": {"name": "too_many_requests", "message": "Slower.", "hint": ""}}, 429)
            self.given.append(json.loads(body))
            return _reply({"message_id": "m-1", "rating": self.given[-1]["rating"]})
        if path == "/v1/conversations/c-1" and self.trouble:
            return _reply({"error": {"name": "unavailable", "message": "Later.", "hint": ""}}, self.trouble)
        if path == "/v1/conversations/c-1" and self.kept:
            return _reply({"id": "c-1", "messages": self.kept})
        if path == "/v1/conversations/c-1/export":
            return Reply(200, b"---\nai_generated: true\n---\n", "text/markdown")
        if path == "/v1/documents/jar/content":
            return _reply({"document_id": "jar", "title": "Chilli bean paste", "text": TEXT, **self.document})
        if path.startswith("/v1/documents/jar/p") or path == "/v1/tenant/logo":
            return Reply(200, png(), "image/png")
        return None

    def keep(self, question: str, message_id: str = "m-1", **more: Any) -> None:
        """As if it had been asked before, in the same conversation."""
        sources, about = self._end(message_id)
        self.kept += [
            {"id": f"q-{message_id}", "role": "user", "content": question, "details": {}},
            {
                "id": message_id,
                "role": "assistant",
                "content": self.text,
                "details": {**about, "annotations": sources},
                **more,
            },
        ]

    def _answer(self) -> Reply:
        sources, about = self._end("m-1")
        chunks = [
            {"choices": [{"delta": {"content": self.text}}]},
            {"choices": [{"delta": {"annotations": sources}}], "vernacular": about},
        ]
        events = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
        return Reply(200, "".join([*events, "data: [DONE]\n\n"]).encode(), "text/event-stream")

    def _end(self, message_id: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        start = TEXT.index(QUOTE)
        annotation = {"index": 1, "file_id": "jar", "title": "Chilli bean paste", "quote": QUOTE, "start": start}
        sources = [] if self.source is None else [{**annotation, "end": start + len(QUOTE), **self.source}]
        about = {
            "answered": True,
            "reason": "answered",
            "language": "en",
            "conversation_id": "c-1",
            "message_id": message_id,
            **self.about,
        }
        return sources, about


def png() -> bytes:
    held = BytesIO()
    Image.new("RGB", (4, 4), "white").save(held, "PNG")
    return held.getvalue()


def _reply(told: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(told).encode())
