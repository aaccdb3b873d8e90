"""Asking an assistant over HTTP, as any client does, and reading what comes back."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import httpx

from vernacular.redteam.case import Case, Reply

Door = Callable[[str, str, Any], httpx.Response]
"""(method, path, JSON body) → response, for one key."""
MOST_WAITS, LONGEST_WAIT_S = 5, 60.0
_TOO_MANY: Final = 429


@dataclass(frozen=True, slots=True)
class Asker:
    """`inside` speaks to the assistant under attack, `outside` to one of another tenant, for what must not cross over."""

    inside: Door
    outside: Door
    assistant: str = "default"
    sleep: Callable[[float], None] = time.sleep

    def ask(self, case: Case) -> Reply:
        """Every other case is answered as a stream, put together again.

        Raises:
            httpx.TransportError: the gateway does not answer.
        """
        door = self.outside if case.outside else self.inside
        stream = bool(zlib.crc32(case.id.encode()) % 2)
        body = {"model": self.assistant, "messages": case.messages, "stream": stream}
        response = self._patiently(door, "/v1/chat/completions", body)
        reply = read_reply(response)
        if not case.outside:
            return reply
        found = self._patiently(door, "/v1/search", {"query": case.prompt, "top_k": 20})
        return replace(reply, body=reply.body + found.text)

    def _patiently(self, door: Door, path: str, body: Any) -> httpx.Response:
        """Waits where the gateway says that there were too many requests."""
        for _ in range(MOST_WAITS):
            response = door("POST", path, body)
            if response.status_code != _TOO_MANY:
                break
            self.sleep(min(float(response.headers.get("retry-after", "2")), LONGEST_WAIT_S))
        return response


def read_reply(response: httpx.Response) -> Reply:
    """Of a completion, a stream of chunks, or an error."""
    if not response.is_success:
        kind = "json" in response.headers.get("content-type", "")
        error = response.json().get("error", {}) if kind else {}
        message = f"{error.get('message', '')} {error.get('hint', '')}".strip()
        return Reply(
            message, response.text, answered=False, reason=str(error.get("name", "")), status=response.status_code
        )
    if "event-stream" in response.headers.get("content-type", ""):
        return _streamed(response.text)
    found = response.json()
    message = found["choices"][0]["message"]
    return _reply(message["content"], response.text, found["vernacular"], message)


def _streamed(body: str) -> Reply:
    said: list[str] = []
    last: Mapping[str, Any] = {}
    about: Mapping[str, Any] = {}
    for line in body.splitlines():
        data = line.removeprefix("data:").strip()
        if not line.startswith("data:") or data == "[DONE]":
            continue
        chunk = json.loads(data)
        for choice in chunk.get("choices", ()):
            said.append(choice["delta"].get("content") or "")
            last = choice["delta"] if "annotations" in choice["delta"] else last
        about = chunk.get("vernacular", about)
    return _reply("".join(said), body, about, last)


def _reply(text: str, body: str, about: Mapping[str, Any], message: Mapping[str, Any]) -> Reply:
    policy = about.get("policy") or {}
    return Reply(
        text,
        body,
        answered=bool(about.get("answered")),
        reason=str(about.get("reason", "")),
        mode=str(about.get("mode", "")),
        unsupported=tuple((start, end) for start, end in about.get("unsupported", ())),
        quotes=tuple(note["quote"] for note in message.get("annotations", ())),
        action=str(policy.get("action") or ""),
        category=str(policy.get("category") or ""),
        policy=str(policy.get("version") or ""),
    )
