"""OpenAI's stream of chat completion chunks, read as cheaply as Python can: a gateway reads one for every token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

LONGEST_LINE = 4 * 1024 * 1024
DONE = b"[DONE]"


class BadStream(Exception):
    """What came is not such a stream."""


class ErrorInStream(Exception):
    """The server said within the stream that it failed; `code` is the HTTP status it names, or 500."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Usage:
    prompt: int
    completion: int
    cached: int = 0


class StreamReader:
    """Feed it bytes as they come; `take` gives the text since the last take.

    `begun`: a token has come (of the text or of the reasoning before it). `done`: the stream says it is complete.
    `finish_reason` and `usage` are there at the end.
    """

    def __init__(self) -> None:
        self.begun = False
        self.done = False
        self.finish_reason: str | None = None
        self.usage: Usage | None = None
        self._rest = b""
        self._texts: list[str] = []

    def feed(self, data: bytes) -> None:
        """
        Raises:
            BadStream: that is not JSON in server-sent events, or a line without end.
            ErrorInStream: the server sent an error.
        """
        lines = (self._rest + data if self._rest else data).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > LONGEST_LINE:
            raise BadStream("a line without end")
        for line in lines:
            if line.startswith(b"data:"):
                self._event(line[5:].strip())

    def take(self) -> str:
        text = "".join(self._texts)
        self._texts.clear()
        return text

    def _event(self, data: bytes) -> None:
        if data == DONE:
            self.done = True
            return
        try:
            event = orjson.loads(data)
            choices = event.get("choices")
            if choices:
                self._choice(choices[0])
            elif "error" in event:
                raise _error(event["error"])
            if usage := event.get("usage"):
                self.usage = _usage(usage)
        except (ValueError, AttributeError, TypeError, KeyError, OverflowError) as error:
            raise BadStream(f"not a chat completion chunk: {error}") from error

    def _choice(self, choice: dict[str, Any]) -> None:
        delta = choice.get("delta") or {}
        if text := delta.get("content"):
            if not isinstance(text, str):
                raise TypeError("content that is no text")
            self._texts.append(text)
            self.begun = True
        elif not self.begun and (delta.get("reasoning_content") or delta.get("reasoning")):
            self.begun = True
        if reason := choice.get("finish_reason"):
            self.finish_reason = reason
            self.begun = True


def _usage(usage: dict[str, Any]) -> Usage:
    details = usage.get("prompt_tokens_details") or {}
    return Usage(
        _count(usage.get("prompt_tokens")),
        _count(usage.get("completion_tokens")),
        _count(details.get("cached_tokens")),
    )


def _count(told: Any) -> int:
    return max(0, int(told or 0))


def _error(error: Any) -> ErrorInStream:
    if not isinstance(error, dict):
        return ErrorInStream(str(error), 500)
    code = error.get("code")
    return ErrorInStream(str(error.get("message", "")), code if isinstance(code, int) else 500)
